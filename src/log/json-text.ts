/**
 * The inside of a JSON string (RFC 8259 §7), of octets that a client sent and that may be anything.
 *
 *     printable ASCII            as it is; quote and backslash as \" and \\
 *     valid UTF-8 (RFC 3629 §4)  as it is
 *     characters that deceive    \uHHHH: controls (C0, DEL, C1), line and paragraph separators, bidirectional overrides
 *     any other octet            \\xHH, which readers see as \xHH: octets that begin or continue nothing, overlong forms,
 *                                surrogates, what lies beyond U+10FFFF
 *
 * Units: octets; offsets from the start of their buffer.
 * Keeps: what is written is always valid UTF-8 and valid inside quotes. Allocates nothing; never cuts a character in two, and
 *        never writes past `limit` + JSON_OVERRUN octets.
 */
import { hexDigit, putCutMark } from "./escape.ts";

/** What `putJsonText` may write past its limit: one `\uHHHH` and the mark `...`. */
export const JSON_OVERRUN = 8;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** 1 where an octet can stand for itself. */
const PLAIN: Uint8Array = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x20 && octet < 0x7f && octet !== QUOTE && octet !== BACKSLASH ? 1 : 0,
);

/** Puts `from[start, end)` into `into` at `at`; returns the offset after it. Stops at `limit`, and then writes `...`. */
export function putJsonText(
  from: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
  limit: number,
): number {
  while (start < end && at < limit) {
    const octet = from[start]!;
    if (PLAIN[octet]! === 1) {
      into[at++] = octet;
      start++;
    } else if (octet < 0x80) {
      at = octet === QUOTE || octet === BACKSLASH ? putPair(octet, into, at) : putUnicode(octet, into, at);
      start++;
    } else {
      const octets = characterOctets(from, start, end);
      at = octets === 0 ? putInvalid(octet, into, at) : putCharacter(from, start, octets, into, at);
      start += octets === 0 ? 1 : octets;
    }
  }
  return start >= end ? at : putCutMark(into, at);
}

/** Octets of the valid character beyond ASCII at `start`; 0 where there is none. The ranges are the table of RFC 3629 §4. */
function characterOctets(from: Uint8Array, start: number, end: number): number {
  const first = from[start]!;
  const octets = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (octets === 0 || start + octets > end) return 0;
  const second = from[start + 1]!;
  const secondMin = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80; // below: overlong
  const secondMax = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf; // above: surrogates; beyond U+10FFFF
  if (second < secondMin || second > secondMax) return 0;
  for (let index = start + 2; index < start + octets; index++) if (from[index]! >> 6 !== 2) return 0;
  return octets;
}

function putCharacter(from: Uint8Array, start: number, octets: number, into: Uint8Array, at: number): number {
  if (octets === 2 && from[start] === 0xc2 && from[start + 1]! < 0xa0) return putUnicode(from[start + 1]!, into, at); // C1
  if (octets === 3 && from[start] === 0xe2) {
    const code = 0x2000 | ((from[start + 1]! & 0x3f) << 6) | (from[start + 2]! & 0x3f);
    if (deceives(code)) return putUnicode(code, into, at);
  }
  for (let index = 0; index < octets; index++) into[at + index] = from[start + index]!;
  return at + octets;
}

/** Separators of lines and paragraphs, bidirectional overrides and isolates; as in `escapeMessage`. */
function deceives(code: number): boolean {
  return (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

function putPair(octet: number, into: Uint8Array, at: number): number {
  into[at] = BACKSLASH;
  into[at + 1] = octet;
  return at + 2;
}

function putUnicode(code: number, into: Uint8Array, at: number): number {
  into[at] = BACKSLASH;
  into[at + 1] = 0x75; // u
  for (let digit = 0; digit < 4; digit++) into[at + 2 + digit] = hexDigit((code >> (12 - 4 * digit)) & 15);
  return at + 6;
}

function putInvalid(octet: number, into: Uint8Array, at: number): number {
  into[at] = BACKSLASH;
  into[at + 1] = BACKSLASH;
  into[at + 2] = 0x78; // x
  into[at + 3] = hexDigit(octet >> 4);
  into[at + 4] = hexDigit(octet & 15);
  return at + 5;
}
