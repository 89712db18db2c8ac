/**
 * Several byte ranges in one response: which are worth sending, and multipart/byteranges (RFC 9110 §14.6, §15.3.7.2, §17.15).
 *
 *     dash-boundary CRLF part-head CRLF content  *( CRLF dash-boundary CRLF part-head CRLF content )
 *     CRLF dash-boundary "--" CRLF                                                        (RFC 2046 §5.1.1)
 *
 * In:    satisfiable ranges as parseByteRanges writes them: pairs of first and last octet, in the order asked for.
 * Out:   `coalesceRanges`: the ranges to send, disjoint and not adjacent, in the order of their first mention; or
 *        IGNORE_RANGES. `partHeads`: what stands before each part, and behind the last.
 * Units: octets.
 * Keeps: no octet of the representation is sent twice, so a response is never longer than the whole by more than the heads
 *        of its parts. Ranges are joined only where nothing lies between them: a client gets what it asked for.
 */
import { IGNORE_RANGES } from "./byte-range.ts";

/**
 * A client that asks for more than two overlapping ranges, or repeatedly for one before the previous, is broken or malicious
 * (RFC 9110 §14.2); it gets the whole representation.
 */
const OVERLAPS_MAX = 2;
const DESCENTS_MAX = 2;

/** Up to this many ranges are sent however small they and the representation are. */
const FEW_RANGES = 4;

/** Octets that a part costs besides its content: boundary, Content-Type, Content-Range (RFC 9110 §15.3.7.2 says about 80). */
const PART_OVERHEAD_OCTETS = 120;

/** Joins, in place, ranges that overlap or touch. Returns how many are left, or IGNORE_RANGES when the whole shall be sent. */
export function coalesceRanges(ranges: Float64Array, count: number, representationOctets: number): number {
  let kept = 0;
  let overlaps = 0;
  let descents = 0;
  let former = 0;
  for (let index = 0; index < count; index++) {
    const first = ranges[index * 2]!;
    const last = ranges[index * 2 + 1]!;
    if (first < former) descents++;
    former = first;
    if (overlapsAny(ranges, kept, first, last)) overlaps++;
    kept = addRange(ranges, kept, first, last);
  }
  if (overlaps > OVERLAPS_MAX || descents > DESCENTS_MAX) return IGNORE_RANGES;
  if (kept > FEW_RANGES && octetsOfRanges(ranges, kept) + kept * PART_OVERHEAD_OCTETS > representationOctets) {
    return IGNORE_RANGES;
  }
  return kept;
}

function overlapsAny(ranges: Float64Array, count: number, first: number, last: number): boolean {
  for (let index = 0; index < count; index++) {
    if (first <= ranges[index * 2 + 1]! && last >= ranges[index * 2]!) return true;
  }
  return false;
}

/** Adds a range to `count` disjoint ones; those it overlaps or touches become one, in the place of the first of them. */
function addRange(ranges: Float64Array, count: number, first: number, last: number): number {
  let target = -1;
  let kept = 0;
  for (let index = 0; index < count; index++) {
    const otherFirst = ranges[index * 2]!;
    const otherLast = ranges[index * 2 + 1]!;
    if (first <= otherLast + 1 && last + 1 >= otherFirst) {
      first = Math.min(first, otherFirst);
      last = Math.max(last, otherLast);
      if (target === -1) target = kept++;
    } else {
      ranges[kept * 2] = otherFirst;
      ranges[kept * 2 + 1] = otherLast;
      kept++;
    }
  }
  if (target === -1) target = kept++;
  ranges[target * 2] = first;
  ranges[target * 2 + 1] = last;
  return kept;
}

/** Octets of the representation in `count` disjoint ranges. */
function octetsOfRanges(ranges: Float64Array, count: number): number {
  let octets = 0;
  for (let index = 0; index < count; index++) octets += ranges[index * 2 + 1]! - ranges[index * 2]! + 1;
  return octets;
}

/** Everything in a multipart body but the octets of the representation. */
export interface PartHeads {
  /** What stands before each part. */
  readonly heads: readonly Buffer[];
  /** What stands behind the last one. */
  readonly closing: Buffer;
  /** Octets of the whole body, parts included. */
  readonly octets: number;
}

/** `boundary`: 1 to 70 letters and digits that occur nowhere in the representation (a long random text). */
export function partHeads(
  ranges: Float64Array,
  count: number,
  representationOctets: number,
  contentType: string,
  boundary: string,
): PartHeads {
  const heads: Buffer[] = [];
  const closing = Buffer.from(`\r\n--${boundary}--\r\n`, "latin1");
  let octets = closing.length + octetsOfRanges(ranges, count);
  for (let index = 0; index < count; index++) {
    const range = `${ranges[index * 2]!}-${ranges[index * 2 + 1]!}/${representationOctets}`;
    const delimiter = index === 0 ? `--${boundary}` : `\r\n--${boundary}`;
    const head = `${delimiter}\r\nContent-Type: ${contentType}\r\nContent-Range: bytes ${range}\r\n\r\n`;
    heads.push(Buffer.from(head, "latin1"));
    octets += heads[index]!.length;
  }
  return { heads, closing, octets };
}
