/**
 * The default error page: one self-contained HTML document for any status from 400 to 599.
 *
 * In:    status code, reason phrase, an explanation for the person who reads it.
 * Out:   HTML text (UTF-8).
 * Keeps: pure; every value is escaped; reveals nothing of the server's name, version, files or settings.
 * Why:   made once per status, so it may be pretty: light and dark, phone and desktop, no second request; and small:
 *        with a sentence of explanation it fits into one segment with its head (about 1150 octets).
 */
import { escapeHtml } from "./html-text.ts";

const STYLE =
  ":root{--g:#fbf8f3;--i:#241c15;--q:#6a5d51;--a:#a8520c}" +
  "@media(prefers-color-scheme:dark){:root{--g:#12100e;--i:#f3ece4;--q:#ab9e91;--a:#f2a65a}}" +
  "body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--g);color:var(--q);" +
  "font:1.125rem/1.6 system-ui,sans-serif;text-align:center}" +
  "main{padding:2rem;max-width:30rem}svg{width:4rem;fill:var(--a)}" +
  "p,h1{text-wrap:balance}p{margin:.5rem 0 1.5rem}" +
  "h1{margin:0;color:var(--i);font-size:1.75rem;font-weight:600;line-height:1.2}" +
  "b{display:block;font-size:clamp(5rem,22vw,8rem);line-height:1;letter-spacing:-.05em}" +
  "a{color:var(--a)}";

/** The falcon of static/favicon.svg. */
const MARK =
  '<svg viewBox="0 0 64 64" aria-hidden="true"><path transform="rotate(38 32 32)" d="M32 7c4 0 4 4 6 9 6-3 15 1 24 26-8' +
  '-9-15-12-22-11l-4 12 4 15-8-4-8 4 4-15-4-12c-7-1-14 2-22 11C11 17 20 13 26 16c2-5 2-9 6-9z"/></svg>';

/** The page's HTML. `status` is a three-digit code; the texts may hold anything. */
export function renderErrorPage(status: number, reason: string, explanation: string): string {
  const title = escapeHtml(reason);
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">' +
    `<title>${status} ${title}</title><style>${STYLE}</style>` +
    `<main>${MARK}<h1><b>${status}</b>${title}</h1><p>${escapeHtml(explanation)}</p><a href="/">Go to the start page</a></main>\n`
  );
}
