/**
 * Several byte ranges in one response: which are worth sending, and multipart/byteranges (RFC 9110 §14.6, §15.3.7.2, §17.15).
 *
 *     1*( CRLF dash-boundary CRLF part-head CRLF content )
 *     CRLF dash-boundary "--" CRLF                                                        (RFC 2046 §5.1.1)
 *
 * The first CRLF ends an empty preamble. It may be there (RFC 9110 §15.3.7.2), and since the widespread servers send it, there are
 * clients that take the first line of the body for an empty one without looking (zsync).
 *
 * In:    satisfiable ranges as parseByteRanges writes them: pairs of first and last octet, in the order asked for.
 * Out:   `coalesceRanges`: the ranges to send, disjoint and not adjacent, in the order of their first mention; or
 *        RangeOutcome.Wasteful. `RangeParts`: what stands before each part, and behind the last.
 * Units: octets.
 * Keeps: no octet of the representation is sent twice, so a response is never longer than the whole by more than the heads
 *        of its parts. Ranges are joined only where nothing lies between them: a client gets what it asked for. Ascending
 *        ranges, as clients send them that fetch what they lack of a file, cost a few compares each; others cost more, and
 *        with more than OVERLAPS_MAX or DESCENTS_MAX of them nothing at all. A response under way keeps two numbers per
 *        part: 256 of them for a slow client are 4 KiB.
 */
import { RangeOutcome } from "./byte-range.ts";
import type { ContentPart, ContentParts } from "./content.ts";
import { Octets, Offset } from "../units.ts";

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

/** Joins, in place, ranges that overlap or touch. Returns how many are left, or RangeOutcome.Wasteful when the whole shall be sent. */
export function coalesceRanges(ranges: Float64Array, count: number, representationOctets: number): number {
  let kept = 0;
  let overlaps = 0;
  let descents = 0;
  let former = 0;
  let highest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index++) {
    const first = ranges[index * 2]!;
    const last = ranges[index * 2 + 1]!;
    if (first < former && ++descents > DESCENTS_MAX) return RangeOutcome.Wasteful;
    former = first;
    // Behind all others it overlaps none, and at most touches the last of them.
    const isBehind = first > highest;
    if (!isBehind && overlapsAny(ranges, kept, first, last) && ++overlaps > OVERLAPS_MAX) return RangeOutcome.Wasteful;
    kept = isBehind && first !== highest + 1 ? append(ranges, kept, first, last) : addRange(ranges, kept, first, last);
    highest = Math.max(highest, last);
  }
  if (kept > FEW_RANGES && octetsOfRanges(ranges, kept) + kept * PART_OVERHEAD_OCTETS > representationOctets) {
    return RangeOutcome.Wasteful;
  }
  return kept;
}

function append(ranges: Float64Array, count: number, first: number, last: number): number {
  ranges[count * 2] = first;
  ranges[count * 2 + 1] = last;
  return count + 1;
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

/** The parts of a multipart body, made one at a time as they are sent. */
export class RangeParts implements ContentParts {
  /** What stands behind the last part. */
  readonly closing: Buffer;
  /** Octets of the whole body, parts included. */
  readonly octets: number;
  private readonly ranges: Float64Array;
  /** Before the numbers of a part, and behind them. */
  private readonly opening: string;
  private readonly ending: string;

  /** `boundary`: 1 to 70 letters and digits that occur nowhere in the representation (a long random text). */
  constructor(
    ranges: Float64Array,
    readonly length: number,
    representationOctets: number,
    contentType: string,
    boundary: string,
  ) {
    this.ranges = ranges.slice(0, length * 2);
    this.opening = `\r\n--${boundary}\r\nContent-Type: ${contentType}\r\nContent-Range: bytes `;
    this.ending = `/${representationOctets}\r\n\r\n`;
    this.closing = Buffer.from(`\r\n--${boundary}--\r\n`, "latin1");
    this.octets = this.closing.length + octetsOfRanges(ranges, length);
    for (let index = 0; index < length; index++) this.octets += this.leadOf(index).length;
  }

  at(index: number): ContentPart | undefined {
    if (index >= this.length) return undefined;
    const offset = Offset(this.ranges[index * 2]!);
    const octets = Octets(this.ranges[index * 2 + 1]! - offset + 1);
    return { lead: Buffer.from(this.leadOf(index), "latin1"), offset, octets };
  }

  private leadOf(index: number): string {
    return `${this.opening}${this.ranges[index * 2]!}-${this.ranges[index * 2 + 1]!}${this.ending}`;
  }
}
