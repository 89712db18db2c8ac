/** Medians, spreads, ratios round by round, and the turning order of the rounds. */
import { describe, expect, test } from "bun:test";
import { medianOf, pairedRatios, rotatedOrder, spreadOf } from "../../bench/load/spread.ts";

test.each([
  ["one value", [3], 3],
  ["an odd number, unordered", [9, 1, 5], 5],
  ["an even number: the mean of the middle two", [4, 1, 3, 100], 3.5],
  ["an outlier moves nothing", [5, 5, 5, 5, 1e9], 5],
  ["nothing measured", [], NaN],
])("median of %s", (_description, values, expected) => {
  expect(medianOf(values)).toBe(expected);
});

describe("spreadOf", () => {
  test("gives the extremes and their distance in relation to the median", () => {
    expect(spreadOf([11, 9, 10])).toEqual({ median: 10, least: 9, most: 11, relative: 0.2 });
  });
  test("is NaN throughout for nothing, never a number", () => {
    expect(spreadOf([])).toEqual({ median: NaN, least: NaN, most: NaN, relative: NaN });
  });
  test("has no relation to a median of zero", () => {
    expect(spreadOf([0, 0]).relative).toBe(0);
  });
});

test.each([
  ["round by round", [2, 9], [1, 3], [2, 3]],
  ["as many as both have", [2, 9, 7], [1], [2]],
  ["none", [], [1, 2], []],
])("paired ratios: %s", (_description, numerators, denominators, expected) => {
  expect(pairedRatios(numerators, denominators)).toEqual(expected);
});

describe("rotatedOrder", () => {
  test("begins one further each round, and again at the first", () => {
    const orders = [0, 1, 2, 3].map((round) => rotatedOrder(["A", "B", "C"], round).join(""));
    expect(orders).toEqual(["ABC", "BCA", "CAB", "ABC"]);
  });
  test("of nothing is nothing", () => {
    expect(rotatedOrder([], 4)).toEqual([]);
  });
});
