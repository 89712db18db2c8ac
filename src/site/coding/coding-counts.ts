/**
 * What content coding does, in numbers: cells that a worker shows as part of its statistics (stats/layout.ts, the
 * counters from `CodingFirst` on, in this order).
 */
import type { Coding } from "../../http/content-coding.ts";

export enum CodingCount {
  /** Responses with content, by coding: this cell and the next two, in the order of `Coding` without identity. */
  ResponsesFirst,
  /** Octets by which those were shorter than the contents they stand for. */
  SavedOctets = 3,
  /** Variants made here while a client waited, and made anew at the best level. */
  Made,
  Upgraded,
  /** Time both took: of a thread, or of a child process. */
  Microseconds,
  count,
}

export function newCodingCounts(): Float64Array {
  return new Float64Array(CodingCount.count);
}

/** A response of `codedOctets` in place of one of `octets`. Allocates nothing. */
export function countCoded(counts: Float64Array, coding: Coding, octets: number, codedOctets: number): void {
  counts[CodingCount.ResponsesFirst + coding - 1]! += 1;
  counts[CodingCount.SavedOctets]! += octets - codedOctets;
}
