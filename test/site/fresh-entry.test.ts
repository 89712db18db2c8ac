/** How long an entry is believed, and what becomes of one that no longer holds. */
import { expect, test } from "bun:test";
import { Budget, CacheEntry, ResponseCache } from "../../src/cache/response-cache.ts";
import type { Entry } from "../../src/site/entry/entry.ts";
import { freshEntry } from "../../src/site/fresh-entry.ts";

const REVALIDATE_MS = 1000;
const LOADED_MS = 5000;

class Known extends CacheEntry {
  looks = 0;
  releases = 0;

  constructor(private readonly holds: boolean) {
    super("/a");
    this.checkedMs = LOADED_MS;
    this.cost = 1;
  }

  isCurrent(): boolean {
    this.looks++;
    return this.holds;
  }

  release(): void {
    this.releases++;
  }
}

function cacheWith(known: Known): ResponseCache<Entry> {
  const cache = new ResponseCache<Entry>(1000);
  cache.insert(known as unknown as Entry, Budget.Content);
  return cache;
}

test.each([
  ["just loaded", 0, true, 0],
  ["as long as it holds without a look", REVALIDATE_MS - 1, true, 0],
  ["after that, if it holds", REVALIDATE_MS, true, 1],
  ["after that, if it doesn't", REVALIDATE_MS, false, 1],
])("%s", (_when, ageMs, holds, looks) => {
  const known = new Known(holds);
  const cache = cacheWith(known);
  const found = freshEntry(cache, "/a", LOADED_MS + ageMs, REVALIDATE_MS);
  expect(found).toBe(holds ? (known as unknown as Entry) : null);
  expect([known.looks, known.releases, cache.count]).toEqual([looks, 0, 1]);
});

test("one look counts for as long again", () => {
  const known = new Known(true);
  const cache = cacheWith(known);
  for (const ageMs of [1000, 1500, 1999, 2000, 2001]) freshEntry(cache, "/a", LOADED_MS + ageMs, REVALIDATE_MS);
  expect(known.looks).toBe(2);
});

test("what isn't there isn't fresh", () => {
  expect(freshEntry(cacheWith(new Known(true)), "/b", LOADED_MS, REVALIDATE_MS)).toBeNull();
});
