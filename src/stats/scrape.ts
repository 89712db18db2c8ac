/**
 * Average response time since the previous scrape, whichever worker answered that one.
 *
 * In:    finished responses and the sum of their latencies, as read for this scrape.
 * Out:   ms; 0 if nothing was finished in between.
 * Keeps: the previous scrape's totals live in the header; the process that updates them holds a lock word with its pid.
 *        A holder that died would block the others, so after some spins the lock is taken from it; at worst two scrapes
 *        at the same moment then share an interval.
 */

import { Counter, HeaderCell, HeaderWord } from "./layout.ts";
import type { Reading } from "./reader.ts";
import type { Segment } from "./segment.ts";

const SPINS_MAX = 1000;

/** Ends the interval: the next scrape counts from here. */
export function takeScrapeInterval(segment: Segment, total: Reading, pid: number = process.pid): number {
  acquire(segment.words, pid);
  const averageMs = peekScrapeInterval(segment, total);
  const responses = total.responses;
  // A scrape that read earlier and got the lock later must not move the mark back.
  if (responses > segment.header[HeaderCell.ScrapeResponses]!) {
    segment.header[HeaderCell.ScrapeResponses] = responses;
    segment.header[HeaderCell.ScrapeLatencyMicroseconds] = total.cells[Counter.LatencyMicroseconds]!;
  }
  Atomics.compareExchange(segment.words, HeaderWord.ScrapeLock, pid, 0);
  return averageMs;
}

/** The same without ending the interval. */
export function peekScrapeInterval(segment: Segment, total: Reading): number {
  const responses = total.responses - segment.header[HeaderCell.ScrapeResponses]!;
  const microseconds =
    total.cells[Counter.LatencyMicroseconds]! - segment.header[HeaderCell.ScrapeLatencyMicroseconds]!;
  return responses > 0 ? Math.max(0, microseconds) / responses / 1000 : 0;
}

function acquire(words: Int32Array, pid: number): void {
  let holder = 0;
  for (let spin = 0; spin < SPINS_MAX; spin++) {
    holder = Atomics.compareExchange(words, HeaderWord.ScrapeLock, 0, pid);
    if (holder === 0 || holder === pid) return;
  }
  Atomics.store(words, HeaderWord.ScrapeLock, pid);
}
