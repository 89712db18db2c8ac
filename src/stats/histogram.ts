/**
 * Log-linear latency histogram over microseconds.
 *
 * In:    durations in microseconds (any finite number; fractions count).
 * Out:   a bucket index, quantiles, and the cumulative buckets Prometheus wants.
 * Units: microseconds inside, seconds in `PROMETHEUS_LE_SECONDS`.
 * Keeps: every octave [2^k, 2^(k+1)) is cut into 16 equal buckets, so a bucket's middle is within 1/32 (3.2 %) of
 *        every duration in it; the range is 1 us to 2^32 us (71 minutes). Shorter durations share bucket 0, longer
 *        ones the last bucket. `bucketOf` allocates nothing; two histograms are merged by adding their counts.
 * Source: HdrHistogram's idea; the index is the top of the IEEE 754 representation itself, which is log-linear already.
 */

/** Number of buckets: one below 1 us, then 32 octaves of 16. `layout.ts` reserves as many cells. */
export const HISTOGRAM_BUCKETS = 513;

const BUCKETS_PER_OCTAVE_BITS = 4;
/** The index that 1 us would have if the exponent's bias were not taken off; bucket 1 begins at 1 us. */
const FIRST_INDEX = (1023 << BUCKETS_PER_OCTAVE_BITS) - 1;
const LAST_BUCKET = HISTOGRAM_BUCKETS - 1;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
/** Position of the word with sign, exponent and the top 20 mantissa bits: 1 where numbers are little-endian. */
const HIGH_WORD = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Bucket of a duration; 0 for less than 1 us, the last bucket for 2^32 us and more and for NaN. A few nanoseconds. */
export function bucketOf(microseconds: number): number {
  if (microseconds < 1) return 0;
  float[0] = microseconds;
  const bucket = (words[HIGH_WORD]! >>> (20 - BUCKETS_PER_OCTAVE_BITS)) - FIRST_INDEX;
  return bucket < LAST_BUCKET ? bucket : LAST_BUCKET;
}

/** Smallest duration (microseconds, inclusive) that falls into `bucket`; the next bucket's lower bound ends it. */
export function bucketLowerBound(bucket: number): number {
  if (bucket <= 0) return 0;
  const step = bucket - 1;
  const perOctave = 1 << BUCKETS_PER_OCTAVE_BITS;
  return 2 ** Math.floor(step / perOctave) * (1 + (step % perOctave) / perOctave);
}

/** The duration (microseconds) reported for everything in `bucket`: its middle. */
export function bucketMiddle(bucket: number): number {
  return (bucketLowerBound(bucket) + bucketLowerBound(bucket + 1)) / 2;
}

/** Number of durations counted. */
export function histogramCount(counts: ArrayLike<number>): number {
  let count = 0;
  for (let bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) count += counts[bucket]!;
  return count;
}

/**
 * The duration (microseconds) that a fraction `q` (0..1) of the counted durations does not exceed, within 5 %;
 * 0 for an empty histogram. Nearest-rank: the duration whose rank is ceil(q * count), at least 1.
 */
export function quantile(counts: ArrayLike<number>, q: number): number {
  const count = histogramCount(counts);
  if (count === 0) return 0;
  const rank = Math.min(count, Math.max(1, Math.ceil(q * count)));
  let seen = 0;
  for (let bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
    seen += counts[bucket]!;
    if (seen >= rank) return bucketMiddle(bucket);
  }
  return bucketMiddle(LAST_BUCKET);
}

/**
 * Upper bounds of the published buckets, seconds (1-2.5-5 steps). Requests served from the cache take microseconds
 * and large downloads minutes, so the list is wider than client libraries' default.
 */
export const PROMETHEUS_LE_SECONDS: readonly number[] = [
  0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
  1, 2.5, 5, 10, 30, 60,
];

/** For each published bound, how many of this histogram's buckets lie below it, judged by their middle. */
const PROMETHEUS_BUCKET_ENDS: readonly number[] = PROMETHEUS_LE_SECONDS.map((seconds) => {
  let end = 0;
  while (end < HISTOGRAM_BUCKETS && bucketMiddle(end) <= seconds * 1e6) end++;
  return end;
});

/**
 * Cumulative counts, one for each entry of `PROMETHEUS_LE_SECONDS`. A duration within 3.2 % of a bound may be counted
 * on its other side, because the bounds do not coincide with those of the buckets. The +Inf bucket is `histogramCount`.
 */
export function foldForPrometheus(counts: ArrayLike<number>): number[] {
  let cumulative = 0;
  let bucket = 0;
  return PROMETHEUS_BUCKET_ENDS.map((end) => {
    for (; bucket < end; bucket++) cumulative += counts[bucket]!;
    return cumulative;
  });
}
