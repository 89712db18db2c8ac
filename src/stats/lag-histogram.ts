/**
 * Log-linear histogram of how late the event loop was.
 *
 * In:    durations in microseconds.
 * Out:   a bucket index, quantiles, and the cumulative buckets Prometheus wants.
 * Units: microseconds inside, seconds in `LAG_LE_SECONDS`.
 * Keeps: coarser and shorter than the one of latencies (histogram.ts), because a timer's own inaccuracy hides the rest: below
 *        64 us is one bucket, every octave from there to 2 s is cut into 4, longer durations share the last.
 */
import { bucketLowerBound, bucketOf } from "./histogram.ts";

/** `layout.ts` reserves as many cells. */
export const LAG_BUCKETS = 64;

/** One bucket here is four of histogram.ts; bucket 1 begins after the 6 octaves and the underflow bucket there. */
const FINE_PER_BUCKET = 4;
const FIRST_FINE = 6 * 16 + 1;
const BUCKETS_PER_OCTAVE = 4;
const FIRST_OCTAVE = 6;

/** Bucket of a duration. */
export function lagBucketOf(microseconds: number): number {
  const bucket = Math.floor((bucketOf(microseconds) - FIRST_FINE) / FINE_PER_BUCKET) + 1;
  return Math.min(Math.max(bucket, 0), LAG_BUCKETS - 1);
}

/** Smallest duration (microseconds) that falls into `bucket`. */
function lowerBound(bucket: number): number {
  return bucket === 0 ? 0 : bucketLowerBound(FIRST_FINE + (bucket - 1) * FINE_PER_BUCKET);
}

/** The duration (microseconds) that a fraction `q` of the counted ones does not exceed, within 13 %; 0 when nothing was counted. */
export function lagQuantile(counts: ArrayLike<number>, q: number): number {
  const count = lagCount(counts);
  if (count === 0) return 0;
  const rank = Math.max(1, Math.ceil(q * count));
  let seen = 0;
  for (let bucket = 0; bucket < LAG_BUCKETS; bucket++) {
    seen += counts[bucket]!;
    if (seen >= rank) return (lowerBound(bucket) + lowerBound(bucket + 1)) / 2;
  }
  return lowerBound(LAG_BUCKETS - 1);
}

export function lagCount(counts: ArrayLike<number>): number {
  let count = 0;
  for (let bucket = 0; bucket < LAG_BUCKETS; bucket++) count += counts[bucket]!;
  return count;
}

/** 0.000256 to 1.048576. */
const LE_OCTAVES = Array.from({ length: 13 }, (_, index) => 8 + index);

/** Upper bounds of the published buckets, seconds: powers of two in microseconds, which are bucket bounds here too. */
export const LAG_LE_SECONDS: readonly number[] = LE_OCTAVES.map((octave) => 2 ** octave / 1e6);

/** Cumulative counts, one for each entry of `LAG_LE_SECONDS`. */
export function foldLagForPrometheus(counts: ArrayLike<number>): number[] {
  let cumulative = 0;
  let bucket = 0;
  return LE_OCTAVES.map((octave) => {
    const end = (octave - FIRST_OCTAVE) * BUCKETS_PER_OCTAVE + 1;
    for (; bucket < end; bucket++) cumulative += counts[bucket]!;
    return cumulative;
  });
}
