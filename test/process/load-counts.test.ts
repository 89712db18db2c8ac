/** What the statistics and the error log show of loads. */
import { expect, test } from "bun:test";
import type { ResponseCache } from "../../src/cache/response-cache.ts";
import { LoadCounts } from "../../src/process/load-counts.ts";
import type { Entry } from "../../src/site/entry/entry.ts";
import { Counter, Gauge, SLOT_CELLS } from "../../src/stats/layout.ts";

function countsOf(cache: Partial<ResponseCache<Entry>> = {}) {
  const values = new Float64Array(SLOT_CELLS);
  const lines: string[] = [];
  const counts = new LoadCounts(values, cache as ResponseCache<Entry>, { warn: (line) => lines.push(line) });
  return { counts, lines, values };
}

test("loads that are taken in, and how many there are", () => {
  const { counts, values } = countsOf();
  counts.admitted();
  counts.admitted();
  counts.occupied(3, 2);
  expect([values[Counter.QueueAdmissions], values[Gauge.QueueDepth], values[Gauge.SlowPathBusy]]).toEqual([2, 3, 2]);
});

test("each refusal is counted, and the first of a hundred logged", () => {
  const { counts, lines, values } = countsOf();
  for (let count = 0; count < 201; count++) counts.rejected();
  expect(values[Counter.QueueRejections]).toBe(201);
  expect(lines.map((line) => Number(/: (\d+) request/.exec(line)![1]))).toEqual([1, 101, 201]);
});

test("the cache as it is after a load", () => {
  const { counts, values } = countsOf({ octets: 1, count: 2, evictions: 3, stale: 4 });
  counts.loaded();
  const cells = [Gauge.CacheOctets, Gauge.CacheEntries, Counter.CacheEvictions, Counter.CacheStale];
  expect(cells.map((cell) => values[cell])).toEqual([1, 2, 3, 4]);
});
