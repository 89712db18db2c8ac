import { describe, expect, test } from "bun:test";
import { Counter, RATE_SAMPLES } from "../../src/stats/layout.ts";
import { type Rates, readRates, sampleRates } from "../../src/stats/rates.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { TemporarySegment } from "./temporary-segment.ts";

const T0 = 1_700_000_000_000;

/** Lets `perSecond(second)` requests come in each second, sampling like the master, and reads at the end. */
function ratesAfter(seconds: number, perSecond: (second: number) => number): Rates {
  using temporary = new TemporarySegment();
  const slot = temporary.ready();
  sampleRates(temporary.segment, T0);
  for (let second = 1; second <= seconds; second++) {
    slot.values[Counter.Requests]! += perSecond(second);
    if (second < seconds) sampleRates(temporary.segment, T0 + second * 1000);
  }
  return readStatistics(temporary.segment, T0 + seconds * 1000).rates;
}

describe("rates", () => {
  test.each([
    ["steady for 5 minutes", 300, () => 100, [100, 100, 100]],
    ["steady for 60 s", 60, () => 7, [7, 7, 7]],
    ["steady for 3 s: since the start", 3, () => 50, [50, 50, 50]],
    ["a burst in the last second", 120, (second: number) => (second === 120 ? 600 : 0), [600, 60, 10]],
    ["a burst 5 s ago", 120, (second: number) => (second === 115 ? 600 : 0), [0, 60, 10]],
    ["a burst 30 s ago", 120, (second: number) => (second === 90 ? 600 : 0), [0, 0, 10]],
    ["a burst 100 s ago", 200, (second: number) => (second === 100 ? 600 : 0), [0, 0, 0]],
    ["nothing at all", 100, () => 0, [0, 0, 0]],
  ])("%s", (_what, seconds, perSecond, [over1s, over10s, over60s]) => {
    expect(ratesAfter(seconds, perSecond)).toEqual({ over1s: over1s!, over10s: over10s!, over60s: over60s! });
  });

  test("0 before the first sample", () => {
    using temporary = new TemporarySegment();
    expect(readRates(temporary.segment, T0, 1000)).toEqual({ over1s: 0, over10s: 0, over60s: 0 });
  });

  test.each([
    ["at the moment of the only sample", 0],
    ["before it (a step of the clock)", -60_000],
  ])("0, not infinite, %s", (_what, differenceMs) => {
    using temporary = new TemporarySegment();
    sampleRates(temporary.segment, T0);
    expect(readRates(temporary.segment, T0 + differenceMs, 1000)).toEqual({ over1s: 0, over10s: 0, over60s: 0 });
  });

  test("never negative, even if the total were lower than a sample", () => {
    using temporary = new TemporarySegment();
    temporary.ready().values[Counter.Requests] = 100;
    sampleRates(temporary.segment, T0);
    expect(readRates(temporary.segment, T0 + 1000, 50).over1s).toBe(0);
  });

  test("a fold does not show in the rates", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    for (let second = 0; second < 20; second++) {
      slot.values[Counter.Requests] = second * 10;
      sampleRates(temporary.segment, T0 + second * 1000);
    }
    temporary.segment.foldSlot(slot.index);
    sampleRates(temporary.segment, T0 + 20_000);
    expect(readStatistics(temporary.segment, T0 + 20_000).rates.over10s).toBeCloseTo(9, 6);
  });

  test("the ring of samples is longer than the longest window", () => {
    expect(RATE_SAMPLES).toBeGreaterThanOrEqual(63);
  });
});
