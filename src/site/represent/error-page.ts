/**
 * The built-in page for errors and redirects: one self-contained HTML document for any status from 300 to 599.
 *
 * In:    status code, reason phrase, an explanation for the person who reads it, and a link to go on with, if there is one.
 * Out:   HTML text (UTF-8).
 * Keeps: pure; every value is escaped; reveals nothing of the server's name, version, files or settings; no script.
 * Why:   made once per status, so it may be pretty: light and dark, phone and desktop, no second request (the icon is named,
 *        and empty, so that no browser asks for /favicon.ico); and small: with a sentence of explanation it fits into
 *        one segment with its head (1224 octets for a 404).
 */
import { renderFalcon } from "./falcon.ts";
import { escapeHtml } from "../html-text.ts";

/** In forced colours the falcon is drawn as text is. */
const STYLE =
  ":root{color-scheme:light dark;--g:#fbf8f3;--i:#241c15;--q:#6a5d51;--a:#a8520c}" +
  "@media(prefers-color-scheme:dark){:root{--g:#12100e;--i:#f3ece4;--q:#ab9e91;--a:#f2a65a}}" +
  "body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--g);color:var(--q);" +
  "font:1.125rem/1.6 system-ui,sans-serif;text-align:center}" +
  "main{padding:2rem;max-width:30rem}svg{width:4rem;fill:var(--a)}" +
  "p,h1{text-wrap:balance}p{margin:.5rem 0 1.5rem}" +
  "h1{margin:0;color:var(--i);font-size:1.75rem;line-height:1.2}" +
  "b{display:block;font-size:clamp(5rem,22vw,8rem);line-height:1;letter-spacing:-.05em}" +
  "a{color:var(--a);overflow-wrap:anywhere}@media(forced-colors:active){svg{fill:CanvasText}}";

export interface PageLink {
  /** A URI reference. */
  readonly reference: string;
  readonly label: string;
}

/** The page's HTML. `status` is a three-digit code; the texts may hold anything. */
export function renderErrorPage(status: number, reason: string, explanation: string, link: PageLink | null): string {
  const title = escapeHtml(reason);
  const way = link === null ? "" : `<a href="${escapeHtml(link.reference)}">${escapeHtml(link.label)}</a>`;
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width">' +
    `<link rel="icon" href="data:,"><title>${status} ${title}</title><style>${STYLE}</style>` +
    `<main>${renderFalcon()}<h1><b>${status}</b> ${title}</h1><p>${escapeHtml(explanation)}</p>${way}</main>\n`
  );
}
