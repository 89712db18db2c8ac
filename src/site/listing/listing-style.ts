/**
 * The style sheet of a directory listing (listing-page.ts), in the colours of the error pages and of static/index.html.
 *
 * Keeps: no reference to anything outside the document. Columns are as wide in every folder. Class names are one letter, as rows
 *        repeat them: those of pictogram.ts, u the way up, e an empty directory, v for screen readers only.
 *        In forced colours pictograms are drawn as text is: a background would be taken away.
 */
import { Pictogram, SHAPES } from "./pictogram.ts";

const ARROW_UP = "M10 3l6.5 6.5-1.6 1.6-3.8-3.8V17H8.9V7.3L5.1 11.1 3.5 9.5z";

/** A rule for each pictogram but the one that all others start from. */
const PICTOGRAM_RULES = Object.entries(SHAPES)
  .filter(([pictogram]) => pictogram !== Pictogram.File)
  .map(([pictogram, shape]) => `.${pictogram}::before{clip-path:path(evenodd,'${shape}')}`)
  .join("");

export const LISTING_STYLE =
  ":root{--g:#fbf8f3;--r:#fff;--i:#241c15;--q:#6a5d51;--l:#e8dfd3;--a:#a8520c;--h:#a8520c0d;--s:0 1px 2px #5a3a1a0f,0 12px 32px -16px #5a3a1a33}" +
  "@media(prefers-color-scheme:dark){:root{--g:#12100e;--r:#1c1916;--i:#f3ece4;--q:#ab9e91;--l:#322c26;--a:#f2a65a;--h:#f2a65a12;--s:none}}" +
  "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}" +
  "body{margin:0;min-height:100vh;background:var(--g);color:var(--i);font:1.0625rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',sans-serif}" +
  "main{width:min(100% - 2.5rem,60rem);margin-inline:auto;padding:clamp(1.5rem,6vh,4rem) 0 4rem}" +
  "header{position:relative;padding-left:4.25rem;margin-bottom:1.5rem}" +
  "svg{position:absolute;left:0;bottom:.375rem;width:3.25rem;height:3.25rem;fill:var(--a)}" +
  "h1{margin:0;font-size:clamp(1.5rem,5vw,2.125rem);line-height:1.2;letter-spacing:-.02em;overflow-wrap:anywhere}" +
  "p{margin:.25rem 0 0;color:var(--q)}" +
  "a{color:var(--a)}:focus-visible{outline:3px solid var(--a);outline-offset:2px;border-radius:2px}tbody a:focus-visible{outline-offset:-3px}" +
  "ol{display:flex;flex-wrap:wrap;margin:0 0 .25rem;padding:0;list-style:none;font-size:.9375rem}" +
  "li{overflow-wrap:anywhere}li::after{content:'/';content:'/'/'';padding:0 .5em;color:var(--q)}li a{text-decoration:none}li a:hover{text-decoration:underline}" +
  "table{width:100%;table-layout:fixed;border-spacing:0;background:var(--r);border:1px solid var(--l);border-radius:.875rem;box-shadow:var(--s);overflow:clip;font-variant-numeric:tabular-nums}" +
  "th,td{padding:.5rem 1rem;text-align:left;font-weight:400;border-bottom:1px solid var(--l)}tbody tr:last-child>*{border-bottom:0}" +
  "td,thead th:not(:first-child){text-align:right;white-space:nowrap;color:var(--q)}thead th:nth-child(2){width:7.5rem}thead th:nth-child(3){width:12rem}" +
  "thead th{position:sticky;top:0;background:var(--r);color:var(--q);font-size:.9375rem}" +
  "thead form{display:inline}button{padding:0;border:0;background:none;color:inherit;font:inherit;cursor:pointer}" +
  "button:hover{color:var(--a);text-decoration:underline}" +
  "[aria-sort] button{color:var(--i);font-weight:600}[aria-sort=ascending] button::after{content:' ↑';content:' ↑'/''}" +
  "[aria-sort=descending] button::after{content:' ↓';content:' ↓'/''}" +
  "tbody th{padding:0;overflow-wrap:anywhere}tbody tr:hover>*{background:var(--h)}" +
  "tbody th>*{display:block;position:relative;padding:.5rem 1rem .5rem 3rem;color:inherit;text-decoration:none}tbody a:hover{color:var(--a);text-decoration:underline}" +
  "tbody th>::before{content:'';position:absolute;left:1rem;top:.6875rem;width:20px;height:20px;background:var(--q);print-color-adjust:exact;" +
  `clip-path:path(evenodd,'${SHAPES[Pictogram.File]}')}tbody .d::before{background:var(--a)}` +
  `${PICTOGRAM_RULES}.u::before{clip-path:path('${ARROW_UP}')}.u{color:var(--q)}` +
  ".e{padding:2.5rem 1rem;text-align:center}" +
  ".v{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}" +
  "@media(max-width:40rem){main{width:100%;padding:1.5rem 0 0}header{margin:0 1.25rem 1.25rem;padding-left:3.5rem}svg{width:2.75rem;height:2.75rem;bottom:.25rem}" +
  "table,thead,tbody{display:block}table{border-radius:0;border-width:1px 0;box-shadow:none}" +
  "thead tr{display:flex;gap:1.5rem;padding:0 1.25rem;position:sticky;top:0;z-index:1;background:var(--r);border-bottom:1px solid var(--l)}" +
  "thead th:nth-child(n){position:static;width:auto;padding:0;border:0}button{padding:.75rem 0}small{display:none}" +
  "tbody tr{display:flex;flex-wrap:wrap;gap:0 1rem;padding:.625rem 1.25rem .625rem 3.5rem;border-bottom:1px solid var(--l)}tbody tr:last-child{border:0}" +
  "tbody tr>*{border:0;padding:0}tbody tr:hover>*{background:none}tbody th{flex:0 0 100%}tbody th>*{padding:0}tbody th>::before{left:-2.25rem;top:.1875rem}" +
  "td{font-size:.875rem}td:empty{display:none}td.e{flex:1;padding:1.5rem 2.25rem 1.5rem 0}tbody a:focus-visible{outline-offset:0}}" +
  "@media(forced-colors:active){svg{fill:CanvasText}tbody th>::before{forced-color-adjust:none;background:CanvasText}tbody .d::before{background:LinkText}}" +
  "@media print{:root{--g:#fff;--s:none}thead th,thead tr{position:static}}";
