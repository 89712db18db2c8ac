/**
 * Escaping of untrusted text before it reaches a log (CWE-117: log injection).
 *
 * In:    octets of a request (any value, 0..255) or text of a message.
 * Out:   octets 0x20..0x7e of one line; or a string of one line.
 * Units: octets; offsets from the start of their buffer.
 * Keeps: `putEscaped` (json-text.ts is its like for JSON) allocates nothing and never writes more than 7 octets past
 *        `limit`: one `\xHH` and the mark `...`.
 * Source: the combined form follows nginx's log module: quote, backslash, controls and octets >= 0x7f become \xHH.
 */

/** Which octets may not stand for themselves in a place, and what their two hexadecimal digits follow there. */
export interface Escapes {
  /** 1 for those octets. */
  readonly needed: Uint8Array;
  readonly mark: Uint8Array;
}

/** Inside quotes: controls, DEL and above, quote, backslash. */
export const IN_QUOTES: Escapes = escapesOf((octet) => octet >= 0x20 && octet < 0x7f, '"\\', "\\x");

/** The same for a word of its own, so that lines can be split at spaces: SP, and the brackets around the time. */
export const AS_WORD: Escapes = escapesOf((octet) => octet >= 0x20 && octet < 0x7f, '"\\ []', "\\x");

/**
 * For a request-target: what no URI holds (RFC 3986 §2) is percent-encoded, which means the same (§2.1), is plain text in every
 * format, and gives one path one spelling.
 */
export const IN_TARGET: Escapes = escapesOf((octet) => octet > 0x20 && octet < 0x7f, '"<>\\^`{|}', "%");

function escapesOf(isPrintable: (octet: number) => boolean, except: string, mark: string): Escapes {
  const needed = Uint8Array.from({ length: 256 }, (_, octet) =>
    isPrintable(octet) && !except.includes(String.fromCharCode(octet)) ? 0 : 1,
  );
  return { needed, mark: Buffer.from(mark, "latin1") };
}

const DOT = 0x2e;
const ZERO = 0x30;

/** Upper-case hexadecimal digit of 0..15, as an octet. */
export function hexDigit(nibble: number): number {
  return nibble < 10 ? ZERO + nibble : 0x37 + nibble;
}

/**
 * Copies `from[start, end)` to `into` at `at`, what `escapes` says as its mark and two hexadecimal digits, and returns the offset
 * after the last octet written. Stops at `limit` and then writes `...` to mark that something was left out.
 */
export function putEscaped(
  from: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
  limit: number,
  { needed, mark }: Escapes,
): number {
  while (start < end && at < limit) {
    const octet = from[start++]!;
    if (needed[octet]! === 0) {
      into[at++] = octet;
      continue;
    }
    at = putOctets(mark, mark.length, into, at);
    into[at] = hexDigit(octet >> 4);
    into[at + 1] = hexDigit(octet & 15);
    at += 2;
  }
  return start >= end ? at : putCutMark(into, at);
}

/** Marks that something was left out. */
export function putCutMark(into: Uint8Array, at: number): number {
  into[at] = DOT;
  into[at + 1] = DOT;
  into[at + 2] = DOT;
  return at + 3;
}

/** Copies `from[0, octets)` as it is; for trusted text. Returns the offset after it. */
export function putOctets(from: Uint8Array, octets: number, into: Uint8Array, at: number): number {
  for (let index = 0; index < octets; index++) into[at + index] = from[index]!;
  return at + octets;
}

/**
 * Characters of a message that could forge a line, move the cursor or reorder what the reader sees: controls (C0, DEL,
 * C1), line and paragraph separators, bidirectional overrides and isolates, lone surrogates.
 */
const DANGEROUS =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** One line of text for people: characters that could deceive become `\xHH` or `\uHHHH`; letters of any script stay. */
export function escapeMessage(message: string): string {
  return message.replace(DANGEROUS, escapeCharacter);
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  const hex = code.toString(16).toUpperCase();
  return code < 0x100 ? `\\x${hex.padStart(2, "0")}` : `\\u${hex.padStart(4, "0")}`;
}
