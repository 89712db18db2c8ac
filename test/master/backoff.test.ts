import { describe, expect, test } from "bun:test";
import { Backoff, BACKOFF_MS_MAX, SETTLED_MS } from "../../src/master/backoff.ts";

describe("Backoff", () => {
  test("at once, then doubled from 100 ms up to 10 s", () => {
    const backoff = new Backoff();
    const delays = Array.from({ length: 10 }, () => backoff.nextDelay(0));
    expect(delays).toEqual([0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  });

  test.each([
    ["a worker that settled starts from zero", SETTLED_MS, 0],
    ["one that died just before did not settle", SETTLED_MS - 1, 400],
    ["one that never was ready did not settle", 0, 400],
  ])("%s", (_what, servedMs, delayMs) => {
    const backoff = new Backoff();
    for (let death = 0; death < 3; death++) backoff.nextDelay(0);
    expect(backoff.nextDelay(servedMs)).toBe(delayMs);
  });

  test("never overflows", () => {
    const backoff = new Backoff();
    let delayMs = 0;
    for (let death = 0; death < 5000; death++) delayMs = backoff.nextDelay(0);
    expect(delayMs).toBe(BACKOFF_MS_MAX);
  });

  test("one that is killed every second is replaced at once each time: others wait in its backlog", () => {
    const backoff = new Backoff();
    expect(Array.from({ length: 6 }, () => backoff.nextDelay(900))).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
