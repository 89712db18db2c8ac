import { expect, test } from "bun:test";
import { collectionsOf } from "../support/collections.ts";

const LOOPS = new URL("./support/allocation-loop.ts", import.meta.url);

test("what allocates is seen", async () => {
  expect(await collectionsOf(LOOPS, "a subarray")).toBeGreaterThan(3);
});

test.each([
  "a head",
  "a head in pieces",
  "a bad head",
  "a body",
  "a date",
  "byte ranges",
  "preconditions",
  "If-Range",
  "Accept-Encoding, parsed and remembered",
])("%s a million times allocates nothing", async (name) => {
  // As much as an empty loop, and one more for what the compilers leave behind.
  expect(await collectionsOf(LOOPS, name)).toBeLessThanOrEqual((await collectionsOf(LOOPS, "nothing")) + 1);
});
