import { describe, expect, test } from "bun:test";
import { FirstEntries } from "../../../src/site/listing/choose-entries.ts";
import { compareEntries, type NamedEntry } from "../../../src/site/listing/listing.ts";
import { naturalKey } from "../../../src/site/listing/natural-order.ts";

function some(count: number): NamedEntry[] {
  // 7919 has no factor in common with the counts used here: every number once, in no order.
  return Array.from({ length: count }, (_, index) => {
    const name = `entry ${(index * 7919) % count}`;
    return { name, key: naturalKey(name), isDirectory: index % 10 === 0 };
  });
}

describe("the first of many are those that sorting all would put first", () => {
  test.each([
    [0, 10],
    [1, 10],
    [9, 10],
    [10, 10],
    [11, 10],
    [5000, 10],
    [5000, 1],
    [5000, 4999],
    [5000, 5000],
    [30_000, 2000],
  ])("%d, of which %d", (count, limit) => {
    const first = new FirstEntries(limit);
    const all = some(count);
    for (const entry of all) first.add(entry);
    expect(first.take()).toEqual([...all].sort(compareEntries).slice(0, limit));
    expect(first.total).toBe(count);
  });
});

test("names that only differ in case or zeros are in one order, whichever comes first", () => {
  const names = ["a", "A", "file1", "file01", "é", "e"];
  const entries = names.map((name) => ({ name, key: naturalKey(name), isDirectory: false }));
  const sorted = [...entries].sort(compareEntries);
  expect([...entries].reverse().sort(compareEntries)).toEqual(sorted);
  expect(sorted.map(({ name }) => name)).toEqual(["A", "a", "e", "é", "file01", "file1"]);
});
