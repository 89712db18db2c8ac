/**
 * What content coding tells of its work: which responses were coded and how much shorter they were, what was compressed and how
 * long that took. A worker adds it to its statistics (process/slot-coding-counts.ts); where nobody asks, it is forgotten.
 */
import type { Coding } from "../../http/content-coding.ts";

/** What came of compressing: a variant that a client asked for, one made anew at the best level, or nothing of use. */
export enum Compressed {
  Made,
  Upgraded,
  Nothing,
}

export interface CodingCounts {
  /** A response of `codedOctets` in place of one of `octets`. Allocates nothing. `coding` isn't identity. */
  responded(coding: Coding, octets: number, codedOctets: number): void;
  /** Something was compressed, in a thread or a child process, which took `cpuMs`. */
  compressed(cpuMs: number, result: Compressed): void;
}

export const UNCOUNTED: CodingCounts = { responded() {}, compressed() {} };
