/**
 * File names are octets; here they are text, each in exactly one way, so that rules, guards, cache keys and listings can work
 * with strings and still mean the file.
 *
 *     octets that are UTF-8        the characters they encode
 *     any other octet 0x80..0xFF   one lone surrogate, U+DC80..U+DCFF, which no UTF-8 encodes (RFC 3629 §3)
 *
 * In:    octets from a percent-encoded path or a directory; or such text, whole or joined from pieces.
 * Out:   text; octets; a path as the C library or node:fs takes it; percent-encoding; text to be shown.
 * Keeps: pure. Octets → text → octets is the identity, so no two names share a text. An overlong or cut-off sequence is so
 *        many octets of a name: it never becomes the "/" or "." that a lax decoder would make of it (RFC 3629 §10).
 */
import { isUtf8 } from "node:buffer";

const ESCAPE = 0xdc00;
const LONE_OCTET = /[\udc80-\udcff]/u; // with "u" it doesn't match the second half of a pair

export function textOfOctets(octets: Buffer): string {
  if (isUtf8(octets)) return octets.toString("utf8");
  let text = "";
  for (let position = 0; position < octets.length;) {
    const length = sequenceLength(octets, position);
    if (length === 0) text += String.fromCharCode(ESCAPE + octets[position]!);
    else text += octets.toString("utf8", position, position + length);
    position += Math.max(length, 1);
  }
  return text;
}

/** How many octets the character at `position` has; 0 where none begins. */
function sequenceLength(octets: Buffer, position: number): number {
  const lead = octets[position]!;
  const length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const sequence = octets.subarray(position, position + length);
  return sequence.length === length && isUtf8(sequence) ? length : 0;
}

export function octetsOfText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, "utf8");
  return Buffer.concat(Array.from(text, octetsOfCharacter));
}

function octetsOfCharacter(character: string): Buffer {
  return LONE_OCTET.test(character) ? Buffer.of(character.charCodeAt(0) - ESCAPE) : Buffer.from(character, "utf8");
}

/**
 * The one text of a name that was joined from pieces: where a piece ends within a character and the next one completes it, the
 * octets are those of another name's text.
 */
export function canonicalText(text: string): string {
  return text.isWellFormed() ? text : textOfOctets(octetsOfText(text));
}

/** A path as the C library takes it. */
export function cPathOf(path: string): Buffer {
  return octetsOfText(`${path}\0`);
}

/** A path as node:fs takes it. */
export function nodePathOf(path: string): string | Buffer {
  return path.isWellFormed() ? path : octetsOfText(path);
}

/** As `encodeURIComponent`, for any name (RFC 3986 §2.5). */
export function encodeName(text: string): string {
  if (text.isWellFormed()) return encodeURIComponent(text);
  return Array.from(text, (character) =>
    LONE_OCTET.test(character)
      ? `%${(character.charCodeAt(0) - ESCAPE).toString(16).toUpperCase()}`
      : encodeURIComponent(character.toWellFormed()),
  ).join("");
}

/** The text that percent-encoded text stands for, or null where "%" isn't followed by two digits. */
export function decodeName(text: string): string | null {
  if (!text.includes("%")) return text;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return null;
  const octets = Buffer.from(text, "utf8").toString("latin1");
  const decoded = octets.replace(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return textOfOctets(Buffer.from(decoded, "latin1"));
}

/** For people: an octet that is no character is shown as U+FFFD. */
export function shownName(text: string): string {
  return text.toWellFormed();
}
