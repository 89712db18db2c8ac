/**
 * Byte ranges: the Range and If-Range of a request (RFC 9110 §14, §13.1.5).
 *
 *     Range            = ranges-specifier
 *     ranges-specifier = range-unit "=" range-set           ; range-unit: "bytes", whatever the case
 *     range-set        = 1#range-spec                       ; OWS around the commas
 *     int-range        = first-pos "-" [ last-pos ]
 *     suffix-range     = "-" suffix-length
 *
 * In:    octets [start, end) of the field value; length of the representation.
 * Out:   pairs of first and last octet, both included and within the representation, in the order asked for;
 *        or why there are none, a `RangeOutcome`.
 * Units: octets, exact up to 2^53; larger numerals saturate.
 * Keeps: allocates nothing. Whatever is not a valid byte range set is ignored, not refused (§14.2). Overlaps and order
 *        are left as asked for: whether to coalesce or to refuse is the caller's to say (§17.15).
 */

import { matchesStrongly } from "./entity-tag.ts";
import { Field } from "./field.ts";
import { parseHttpDate } from "./http-date.ts";
import { elementAfter, nextElement } from "./list.ts";
import { DIGIT, Octet, equalsIgnoringCase, octetsOf } from "./octets.ts";
import type { RequestHead } from "./request-head.ts";

const BYTES_UNIT = octetsOf("bytes");

/**
 * Why no range is sent. All are negative, so that one number says either this or how many there are. With Unsatisfiable the answer
 * is 416; with all others Range is ignored and the whole representation sent (§14.2).
 */
export enum RangeOutcome {
  Unsatisfiable = -1,
  /** There is no Range. */
  Absent = -2,
  /** Another method than GET, the only one that has ranges (§14.2). */
  OtherMethod = -3,
  Repeated = -4,
  /** If-Range holds another validator than the current one (§13.1.5). */
  IfRangeStale = -5,
  /** The selected representation is coded, and the client didn't name it. */
  CodingNotNamed = -6,
  /** Several ranges of octets in a content coding: beside parts, Content-Encoding would be taken for theirs. */
  PartsOfCoding = -7,
  OtherUnit = -8,
  /** The representation has no octets. */
  EmptyContent = -9,
  Malformed = -10,
  TooMany = -11,
  /** They overlap, go back and forth, or would take more octets than the whole (§14.2, §17.15). */
  Wasteful = -12,
}

/**
 * Number of satisfiable ranges, written to `out` as first, last pairs; or a RangeOutcome.
 *
 * `out` has room for the most ranges the caller wants to serve: a set with more range-specs is ignored. So is every
 * set for an empty representation: clients that always ask for a range then get their 200 with nothing in it, not a
 * 416 (§14.2, MAY). A Range of several field lines (`head.isRepeated`) is not a valid Range either; the caller checks
 * that.
 */
export function parseByteRanges(
  bytes: Uint8Array,
  start: number,
  end: number,
  representationOctets: number,
  out: Float64Array,
): number {
  const setStart = skipUnit(bytes, start, end);
  if (setStart < 0) return RangeOutcome.OtherUnit;
  if (representationOctets === 0) return RangeOutcome.EmptyContent;
  let specCount = 0;
  let rangeCount = 0;
  let position = nextElement(bytes, setStart, end);
  while (position < end) {
    if (++specCount * 2 > out.length) return RangeOutcome.TooMany;
    const slot = rangeCount * 2;
    const specEnd = parseRangeSpec(bytes, position, end, representationOctets, out, slot);
    if (specEnd < 0) return RangeOutcome.Malformed;
    const isSatisfiable = out[slot]! <= out[slot + 1]!;
    if (isSatisfiable) rangeCount++;
    position = elementAfter(bytes, specEnd, end);
    if (position < 0) return RangeOutcome.Malformed;
  }
  if (specCount === 0) return RangeOutcome.Malformed;
  return rangeCount > 0 ? rangeCount : RangeOutcome.Unsatisfiable;
}

/** Offset after "bytes="; -1 for another unit. */
function skipUnit(bytes: Uint8Array, start: number, end: number): number {
  const unitEnd = start + BYTES_UNIT.length;
  if (unitEnd >= end || bytes[unitEnd] !== Octet.Equals) return -1;
  return equalsIgnoringCase(bytes, start, unitEnd, BYTES_UNIT) ? unitEnd + 1 : -1;
}

/**
 * Writes first and last octet of the range-spec at `start`, cut to the representation, and returns the offset after
 * it; -1 if it is none. First is beyond last exactly if it is not satisfiable (§14.1.2).
 */
function parseRangeSpec(
  bytes: Uint8Array,
  start: number,
  end: number,
  representationOctets: number,
  out: Float64Array,
  slot: number,
): number {
  const firstEnd = skipDigits(bytes, start, end);
  if (firstEnd === end || bytes[firstEnd] !== Octet.Hyphen) return -1;
  const lastStart = firstEnd + 1;
  const lastEnd = skipDigits(bytes, lastStart, end);

  if (firstEnd === start) {
    if (lastEnd === lastStart) return -1;
    out[slot] = Math.max(0, representationOctets - numberOf(bytes, lastStart, lastEnd));
    out[slot + 1] = representationOctets - 1;
    return lastEnd;
  }
  const first = numberOf(bytes, start, firstEnd);
  const last = lastEnd > lastStart ? numberOf(bytes, lastStart, lastEnd) : Number.MAX_SAFE_INTEGER;
  if (last < first) return -1;
  out[slot] = first;
  out[slot + 1] = Math.min(last, representationOctets - 1);
  return lastEnd;
}

function skipDigits(bytes: Uint8Array, position: number, end: number): number {
  while (position < end && DIGIT[bytes[position]!] === 1) position++;
  return position;
}

function numberOf(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let position = start; position < end; position++) {
    value = Math.min(value * 10 + bytes[position]! - Octet.Zero, Number.MAX_SAFE_INTEGER);
  }
  return value;
}

/**
 * Whether Range is to be heeded as far as If-Range goes (RFC 9110 §13.1.5): true without If-Range; else true only if
 * its validator is exactly the current one. An entity tag must match strongly; a date must be the one in Last-Modified.
 *
 * @param entityTag quotes and perhaps W/ included; empty if there is none
 * @param lastModifiedSeconds since 1970; NaN if there is no modification date
 */
export function evaluateIfRange(head: RequestHead, entityTag: Uint8Array, lastModifiedSeconds: number): boolean {
  if (!head.has(Field.IfRange)) return true;
  if (head.isRepeated(Field.IfRange)) return false;
  const start = head.valueStart(Field.IfRange);
  const end = head.valueEnd(Field.IfRange);
  // No entity tag is a date: there is no need to find out first which of them this is.
  if (matchesStrongly(head.bytes, start, end, entityTag)) return true;
  return parseHttpDate(head.bytes, start, end) === lastModifiedSeconds;
}
