/**
 * The text of a file that holds one rule, or a part of one, per line (`_headers`, `_redirects`).
 *
 * In:    the file's octets, or its text.
 * Out:   lines without the white space around them, with their numbers from 1.
 * Keeps: no encoding and no line end that an editor may choose hides a line: UTF-8 and UTF-16 are told apart by the byte order mark,
 *        which is no part of the text; a line ends with LF, CRLF or CR. What is not valid comes out as U+FFFD.
 */

import { decodeName } from "../name-octets.ts";

export interface RuleLine {
  readonly text: string;
  readonly number: number;
  /** Characters before the text. */
  readonly indent: number;
}

/** Characters of a line that a message shows. */
const SHOWN_MAX = 80;

export function decodeRuleText(octets: Uint8Array): string {
  const [first, second] = octets;
  const isLittleEndian = first === 0xff && second === 0xfe;
  const encoding = isLittleEndian ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(octets);
}

export function linesOf(text: string): RuleLine[] {
  return text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ text: line.trim(), number: index + 1, indent: line.length - line.trimStart().length }));
}

/** Whether something of the line was lost when it was decoded. */
export function isDamaged(text: string): boolean {
  return /[\0\ufffd]/.test(text);
}

/** Text in a message: quoted, and not longer than a line. */
export function quoteShort(text: string): string {
  return JSON.stringify(text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}…`);
}

/** The path of a rule as requests are matched, decoded; a segment that is not a valid encoding is taken literally (RFC 3986 §2.1). */
export function decodePath(path: string): string {
  return path.split("/").map(decodeText).join("/");
}

export function decodeText(text: string): string {
  return decodeName(text) ?? text;
}
