import { describe, expect, test } from "bun:test";
import {
  bucketLowerBound,
  bucketMiddle,
  bucketOf,
  foldForPrometheus,
  HISTOGRAM_BUCKETS,
  histogramCount,
  PROMETHEUS_LE_SECONDS,
  quantile,
} from "../../src/stats/histogram.ts";
import { randomFrom } from "./temporary-segment.ts";

const HOUR_US = 3.6e9;
const ERROR_MAX = 0.05;

function histogramOf(durations: Iterable<number>): Float64Array {
  const counts = new Float64Array(HISTOGRAM_BUCKETS);
  for (const duration of durations) counts[bucketOf(duration)]! += 1;
  return counts;
}

/** Nearest rank over the sorted durations: the definition `quantile` must come close to. */
function exactQuantile(durations: readonly number[], q: number): number {
  const sorted = durations.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1]!;
}

describe("bucketOf", () => {
  test.each([
    ["below the range", 0, 0],
    ["a fraction of a microsecond", 0.99, 0],
    ["negative, as after a step of a clock", -5, 0],
    ["minus infinity", Number.NEGATIVE_INFINITY, 0],
    ["the first microsecond", 1, 1],
    ["the first bucket's end", 1.0624, 1],
    ["the second bucket", 1.0625, 2],
    ["an octave later", 2, 17],
    ["the end of the range", 2 ** 32 - 1, HISTOGRAM_BUCKETS - 1],
    ["beyond the range", 2 ** 40, HISTOGRAM_BUCKETS - 1],
    ["infinity", Number.POSITIVE_INFINITY, HISTOGRAM_BUCKETS - 1],
    ["not a number", Number.NaN, HISTOGRAM_BUCKETS - 1],
  ])("%s: %p us is in bucket %p", (_what, microseconds, bucket) => {
    expect(bucketOf(microseconds)).toBe(bucket);
  });

  test("buckets join without gaps: each holds its lower bound and what lies just under the next one's", () => {
    for (let bucket = 1; bucket < HISTOGRAM_BUCKETS; bucket++) {
      expect(bucketOf(bucketLowerBound(bucket))).toBe(bucket);
      expect(bucketOf(bucketLowerBound(bucket + 1) * (1 - 2 ** -40))).toBe(bucket);
    }
  });

  test("property: from 1 us to 1 h the reported duration is within 5 % of the real one", () => {
    const seed = Date.now() >>> 0;
    const random = randomFrom(seed);
    let worst = 0;
    for (let round = 0; round < 200_000; round++) {
      const logarithmic = Math.exp(random() * Math.log(HOUR_US));
      const duration = round % 2 === 0 ? logarithmic : Math.max(1, Math.floor(logarithmic));
      const error = Math.abs(bucketMiddle(bucketOf(duration)) - duration) / duration;
      if (error > ERROR_MAX) throw new Error(`seed ${seed}: ${duration} us is off by ${error}`);
      worst = Math.max(worst, error);
    }
    expect(worst).toBeGreaterThan(0.02); // or the property tested nothing
  });

  test("every bound itself is within 5 %, the worst case of a bucket", () => {
    for (let bucket = 1; bucket < HISTOGRAM_BUCKETS - 1; bucket++) {
      const bound = bucketLowerBound(bucket);
      expect(Math.abs(bucketMiddle(bucket) - bound) / bound).toBeLessThanOrEqual(1 / 32);
    }
  });
});

describe("quantile", () => {
  test.each([0, 0.5, 1])("of nothing is 0 (q = %p)", (q) => {
    expect(quantile(new Float64Array(HISTOGRAM_BUCKETS), q)).toBe(0);
  });

  test.each([
    ["constant", (_random: () => number) => 250],
    ["uniform", (random: () => number) => 1 + random() * 1e4],
    ["logarithmic", (random: () => number) => Math.exp(random() * Math.log(HOUR_US))],
    ["with a long tail", (random: () => number) => (random() < 0.995 ? 20 + random() * 10 : 1e6 * random() + 1)],
  ])("property: %s durations, each quantile within 5 % of the exact one", (_what, draw) => {
    const seed = Date.now() >>> 0;
    const random = randomFrom(seed);
    for (const count of [1, 2, 10, 999, 5000]) {
      const durations = Array.from({ length: count }, () => draw(random));
      const counts = histogramOf(durations);
      for (const q of [0, 0.5, 0.9, 0.99, 0.999, 1]) {
        const exact = exactQuantile(durations, q);
        const error = Math.abs(quantile(counts, q) - exact) / exact;
        if (error > ERROR_MAX) throw new Error(`seed ${seed}: ${count} durations, q ${q}: off by ${error}`);
      }
    }
  });

  test.each([-1, 2, Number.POSITIVE_INFINITY])("a fraction outside of 0..1 means its nearest end (q = %p)", (q) => {
    const counts = histogramOf([100, 1000]);
    expect(quantile(counts, q)).toBe(quantile(counts, q < 0 ? 0 : 1));
  });
});

describe("Prometheus buckets", () => {
  test("bounds ascend strictly", () => {
    expect(PROMETHEUS_LE_SECONDS.every((le, index, all) => index === 0 || le > all[index - 1]!)).toBe(true);
  });

  test("counts are cumulative and never above the number of durations", () => {
    const random = randomFrom(11);
    const counts = histogramOf(Array.from({ length: 10_000 }, () => Math.exp(random() * 30) - 1));
    const folded = foldForPrometheus(counts);
    expect(folded).toHaveLength(PROMETHEUS_LE_SECONDS.length);
    expect(folded.every((count, index) => index === 0 || count >= folded[index - 1]!)).toBe(true);
    expect(folded.at(-1)!).toBeLessThanOrEqual(histogramCount(counts));
  });

  test("what is 5 % under a bound counts there, what is 5 % over does not", () => {
    for (const [index, le] of PROMETHEUS_LE_SECONDS.entries()) {
      expect(foldForPrometheus(histogramOf([le * 1e6 * 0.95]))[index]).toBe(1);
      expect(foldForPrometheus(histogramOf([le * 1e6 * 1.05]))[index]).toBe(0);
    }
  });

  test("what is longer than every bound is in +Inf only", () => {
    const counts = histogramOf([HOUR_US]);
    expect(foldForPrometheus(counts).every((count) => count === 0)).toBe(true);
    expect(histogramCount(counts)).toBe(1);
  });
});
