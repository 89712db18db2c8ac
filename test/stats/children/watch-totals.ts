/**
 * A reader's stand-in: reads all the time and compares each reading with the one before.
 *
 * In:    path of the statistics file. It raises the cache generation with each reading, and ends when there are 2 workers.
 * Out:   `{ readings, backwards, inconsistent, requests }` as JSON on stdout; `requests` is the last total.
 */
import { COUNTER_COUNT, Counter } from "../../../src/stats/layout.ts";
import { readStatistics } from "../../../src/stats/reader.ts";
import { openSegment } from "../../../src/stats/segment.ts";

const segment = openSegment(process.argv[2]!);
let last = readStatistics(segment).total.cells;
let readings = 0;
let backwards = 0;
let inconsistent = 0;
for (let ends = false; !ends; readings++) {
  ends = segment.workersConfigured === 2; // looked at before the reading, so that the last one sees everything
  const statistics = readStatistics(segment);
  const cells = statistics.total.cells;
  for (let counter = 0; counter < COUNTER_COUNT; counter++) if (cells[counter]! < last[counter]!) backwards++;
  if (!statistics.consistent) inconsistent++;
  last = cells;
  segment.raiseCacheGeneration();
}
console.log(JSON.stringify({ readings, backwards, inconsistent, requests: last[Counter.Requests] }));
