/**
 * Entity tags, and the lists of them that preconditions carry (RFC 9110 §8.8.3, §13.1.1, §13.1.2).
 *
 *     entity-tag = [ %s"W/" ] DQUOTE *etagc DQUOTE
 *     etagc      = %x21 / %x23-7E / obs-text             ; neither DQUOTE nor SP, but "," is one
 *
 * In:    octets [start, end) of a field value; the representation's entity tag, quotes and perhaps W/ included.
 * Out:   whether they match: strongly (both strong, same octets) or weakly (same octets except for W/).
 * Keeps: compares octets, makes no strings. No entity tag (an empty one) matches nothing, an empty value included.
 *        A list is read up to the first element that is not an entity tag.
 */

import { elementAfter, nextElement } from "./list.ts";
import { Octet, equalsExactly } from "./octets.ts";

const ETAGC = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet === 0x21 || (octet >= 0x23 && octet <= 0x7e) || octet >= 0x80 ? 1 : 0,
);

function isWeakEntityTag(entityTag: Uint8Array): boolean {
  return entityTag[0] === Octet.UpperW;
}

/** Strong comparison of one tag; the only comparison a range may rely on (RFC 9110 §8.8.3.2). */
export function matchesStrongly(bytes: Uint8Array, start: number, end: number, entityTag: Uint8Array): boolean {
  return start < end && !isWeakEntityTag(entityTag) && equalsExactly(bytes, start, end, entityTag);
}

/** Whether the list [start, end) has a member that matches strongly. "*" is not looked for. */
export function listMatchesStrongly(bytes: Uint8Array, start: number, end: number, entityTag: Uint8Array): boolean {
  return !isWeakEntityTag(entityTag) && listMatches(bytes, start, end, entityTag, true);
}

/** Whether the list [start, end) has a member that matches weakly. "*" is not looked for. */
export function listMatchesWeakly(bytes: Uint8Array, start: number, end: number, entityTag: Uint8Array): boolean {
  // One tag, as it was given out: what nearly every client sends.
  if (start < end && equalsExactly(bytes, start, end, entityTag)) return true;
  return listMatches(bytes, start, end, entityTag, false);
}

/** Whether the value [start, end) is "*". */
export function isAnyTag(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && bytes[start] === Octet.Asterisk;
}

function listMatches(bytes: Uint8Array, start: number, end: number, entityTag: Uint8Array, strongly: boolean): boolean {
  const opaqueStart = isWeakEntityTag(entityTag) ? 2 : 0;
  let position = nextElement(bytes, start, end);
  while (position < end) {
    const isWeak = bytes[position] === Octet.UpperW;
    const tagStart = isWeak ? position + 2 : position;
    const tagEnd = opaqueTagEnd(bytes, tagStart, end);
    if (tagEnd < 0 || (isWeak && bytes[position + 1] !== Octet.Slash)) return false;
    if (!(strongly && isWeak) && equalsFrom(bytes, tagStart, tagEnd, entityTag, opaqueStart)) return true;
    position = elementAfter(bytes, tagEnd, end);
    if (position < 0) return false;
  }
  return false;
}

/** End of the opaque-tag that begins at `start`; -1 if none does. */
function opaqueTagEnd(bytes: Uint8Array, start: number, end: number): number {
  if (start >= end || bytes[start] !== Octet.Quote) return -1;
  let position = start + 1;
  while (position < end && ETAGC[bytes[position]!] === 1) position++;
  return position < end && bytes[position] === Octet.Quote ? position + 1 : -1;
}

/** Whether octets [start, end) are those of `octets` from `from` on. */
function equalsFrom(bytes: Uint8Array, start: number, end: number, octets: Uint8Array, from: number): boolean {
  if (end - start !== octets.length - from) return false;
  for (let index = from; index < octets.length; index++) {
    if (bytes[start + index - from] !== octets[index]) return false;
  }
  return true;
}
