import { describe, expect, test } from "bun:test";
import {
  foldLagForPrometheus,
  LAG_BUCKETS,
  LAG_LE_SECONDS,
  lagBucketOf,
  lagCount,
  lagQuantile,
} from "../../src/stats/lag-histogram.ts";

const countsOf = (durations: readonly number[]): Float64Array => {
  const counts = new Float64Array(LAG_BUCKETS);
  for (const microseconds of durations) counts[lagBucketOf(microseconds)]! += 1;
  return counts;
};

test.each([
  [0, 0],
  [-3, 0],
  [63.9, 0],
  [64, 1],
  [79, 1],
  [80, 2],
  [127.9, 4],
  [128, 5],
  [1024, 17],
  [5120, 26],
  [1e9, LAG_BUCKETS - 1],
  [Infinity, LAG_BUCKETS - 1],
])("%d us are in bucket %i", (microseconds, bucket) => {
  expect(lagBucketOf(microseconds)).toBe(bucket);
});

describe("lagQuantile", () => {
  test("is within 13 % of the duration at that rank", () => {
    const durations = Array.from({ length: 500 }, (_, index) => 70 * 1.02 ** index);
    const counts = countsOf(durations);
    for (const q of [0.01, 0.5, 0.9, 0.99, 1]) {
      const exact = durations[Math.ceil(q * durations.length) - 1]!;
      expect(Math.abs(lagQuantile(counts, q) / exact - 1)).toBeLessThan(0.13);
    }
  });

  test("of nothing is 0", () => {
    expect(lagQuantile(new Float64Array(LAG_BUCKETS), 0.5)).toBe(0);
    expect(lagCount(new Float64Array(LAG_BUCKETS))).toBe(0);
  });
});

test("published buckets count exactly what is below their bounds", () => {
  const durations = Array.from({ length: 300 }, (_, index) => 10 * 1.05 ** index);
  const folded = foldLagForPrometheus(countsOf(durations));
  const exact = LAG_LE_SECONDS.map((seconds) => durations.filter((duration) => duration < seconds * 1e6).length);
  expect(folded).toEqual(exact);
});
