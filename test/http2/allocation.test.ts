import { expect, test } from "bun:test";
import { collectionsOf } from "../support/collections.ts";

const LOOPS = new URL("./support/allocation-loop.ts", import.meta.url);

test("what allocates is seen", async () => {
  expect(await collectionsOf(LOOPS, "a subarray")).toBeGreaterThan(3);
});

test.each([
  "a request of 5 fields",
  "a request with plain literals",
  "requests of two connections in turns",
  "a block that is too large",
])("%s, many times over, allocates nothing", async (name) => {
  // As much as an empty loop, and one more for what the compilers leave behind.
  expect(await collectionsOf(LOOPS, name)).toBeLessThanOrEqual((await collectionsOf(LOOPS, "nothing")) + 1);
});
