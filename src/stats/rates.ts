/**
 * Requests per second over the last 1, 10 and 60 seconds, from samples of the request total in the header.
 *
 * In:    the master's tick, once a second. Out: `Rates`, the same for every reader.
 * Units: ms since 1970, requests per second.
 * Keeps: one writer (the master). A sample is written before it is counted, and readers keep clear of the oldest ones,
 *        which may be overwritten meanwhile. A step of the clock spoils the rates for a minute at most; they are never
 *        negative or infinite.
 */

import { Counter, HeaderCell, RATE_SAMPLES } from "./layout.ts";
import type { Segment } from "./segment.ts";

/** Requests per second over windows of 1, 10 and 60 seconds, or since the start where that is shorter. */
export interface Rates {
  readonly over1s: number;
  readonly over10s: number;
  readonly over60s: number;
}

/** Samples that a reader uses: enough for 61 s, and two fewer than are kept. */
const READABLE_SAMPLES = RATE_SAMPLES - 2;

/** Master: notes the request total. Call it at the start and then once a second. */
export function sampleRates(segment: Segment, nowMs: number = Date.now()): void {
  let requests = segment.base[Counter.Requests]!;
  for (const slot of segment.slots) requests += slot.values[Counter.Requests]!;
  const taken = segment.header[HeaderCell.SamplesTaken]!;
  const cell = HeaderCell.SampleFirst + 2 * (taken % RATE_SAMPLES);
  segment.header[cell] = nowMs;
  segment.header[cell + 1] = requests;
  segment.header[HeaderCell.SamplesTaken] = taken + 1;
}

/** Rates up to now; `requests` is the present total. 0 before the first sample. */
export function readRates(segment: Segment, nowMs: number, requests: number): Rates {
  return {
    over1s: rateOver(segment, nowMs, requests, 1000),
    over10s: rateOver(segment, nowMs, requests, 10_000),
    over60s: rateOver(segment, nowMs, requests, 60_000),
  };
}

/** Relative to the youngest sample that is at least a window old, or else to the oldest. */
function rateOver(segment: Segment, nowMs: number, requests: number, windowMs: number): number {
  const taken = segment.header[HeaderCell.SamplesTaken]!;
  const first = Math.max(0, taken - READABLE_SAMPLES);
  let rate = 0;
  for (let sample = taken - 1; sample >= first; sample--) {
    const cell = HeaderCell.SampleFirst + 2 * (sample % RATE_SAMPLES);
    const elapsedMs = nowMs - segment.header[cell]!;
    if (elapsedMs > 0) rate = Math.max(0, requests - segment.header[cell + 1]!) / (elapsedMs / 1000);
    if (elapsedMs >= windowMs) break;
  }
  return rate;
}
