/**
 * Counters of content coding: cells that a worker shows as part of its statistics (stats/layout.ts, the
 * counters from `CodedGzip` on, in this order).
 */
import type { Coding } from "../../http/content-coding.ts";

export enum CodingCount {
  /** Responses with content, by coding: this cell and the next two, in the order of `Coding` without identity. */
  ResponsesFirst,
  /** Octets by which those were shorter than the uncoded content. */
  SavedOctets = 3,
  /** Variants made because a client asked for them, and variants recompressed at the best level. */
  Made,
  Upgraded,
  /** Time that both took, in a thread or a child process. */
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
