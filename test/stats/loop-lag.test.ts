import { expect, test } from "bun:test";
import { lagCount } from "../../src/stats/lag-histogram.ts";
import { Counter, Gauge } from "../../src/stats/layout.ts";
import { noteLag, PAUSE_MS, SAMPLE_MS, startLoopLag } from "../../src/stats/loop-lag.ts";
import { TemporarySegment } from "./temporary-segment.ts";

test.each<[string, number, boolean, [collection: number, other: number]]>([
  ["no lag", 0, false, [0, 0]],
  ["no lag, with a collection", 0, true, [0, 0]],
  ["just no pause", PAUSE_MS, true, [0, 0]],
  ["a pause with a collection", PAUSE_MS + 0.1, true, [1, 0]],
  ["a pause without", 400, false, [0, 1]],
  ["a fraction of a microsecond", 1.234_567_8, false, [0, 0]],
])("%s", (_what, lagMs, isCollected, pauses) => {
  using temporary = new TemporarySegment();
  const slot = temporary.ready();
  noteLag(slot, lagMs, isCollected);
  const { values } = slot;
  expect([values[Counter.PausesCollection], values[Counter.PausesOther]]).toEqual(pauses as never);
  expect(values[Counter.LagMicroseconds]).toBe(Math.round(lagMs * 1000)); // counters are whole numbers
  expect(values[Gauge.LoopLagMsMax]).toBe(lagMs);
  expect(lagCount(values.subarray(Counter.LagFirst))).toBe(1);
});

test("measures while there are requests, sees what holds the loop, and rests otherwise", async () => {
  using temporary = new TemporarySegment();
  const { values } = temporary.ready();
  const stop = startLoopLag(temporary.segment.slots[0]!, 1);
  const measured = (): number => lagCount(values.subarray(Counter.LagFirst));
  await Bun.sleep(3 * SAMPLE_MS);
  expect(measured()).toBe(0);
  const requests = setInterval(() => (values[Counter.Requests]! += 1), 0);
  while (measured() < 2) await Bun.sleep(1);
  Bun.sleepSync(30);
  while (values[Gauge.LoopLagMsMax]! < 20) await Bun.sleep(1);
  expect(values[Counter.PausesOther]! + values[Counter.PausesCollection]!).toBeGreaterThanOrEqual(1);
  clearInterval(requests);
  stop();
  const before = measured();
  await Bun.sleep(3 * SAMPLE_MS);
  expect(measured()).toBe(before);
});
