import { expect, test } from "bun:test";
import { FruitlessStarts } from "../../src/master/fruitless-starts.ts";

test("the fifth failure is one too many", () => {
  const starts = new FruitlessStarts(0);
  expect([1, 2, 3, 4, 5].map((nowMs) => starts.record(nowMs))).toEqual([false, false, false, false, true]);
});

test("so is the first one after ten seconds: a worker that hung", () => {
  expect(new FruitlessStarts(1000).record(11_000)).toBe(true);
  expect(new FruitlessStarts(1000).record(10_999)).toBe(false);
});

test("none is, once a worker has served", () => {
  const starts = new FruitlessStarts(0);
  starts.record(1);
  starts.noteServed();
  expect([2, 3, 4, 5, 6, 60_000].some((nowMs) => starts.record(nowMs))).toBe(false);
});
