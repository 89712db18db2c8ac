import { describe, expect, test } from "bun:test";
import { Budget, CacheEntry, ResponseCache } from "../../src/cache/response-cache.ts";

class Entry extends CacheEntry {
  released = 0;
  constructor(key: string, cost = 1) {
    super(key);
    this.cost = cost;
  }
  release(): void {
    this.released++;
  }
}

describe("ResponseCache", () => {
  test("an entry is found under its key until it is evicted, and released once", () => {
    const cache = new ResponseCache<Entry>(100);
    const first = new Entry("/a", 60);
    expect(cache.insert(first, Budget.Content)).toBe(true);
    expect(cache.get("/a")).toBe(first);
    cache.insert(new Entry("/b", 60), Budget.Content);
    expect(cache.get("/a")).toBeUndefined();
    expect(first.released).toBe(1);
    expect(cache.evictions).toBe(1);
    expect(cache.octets).toBe(60);
  });

  test("a newer entry takes the place of the one with the same key", () => {
    const cache = new ResponseCache<Entry>(100);
    const [former, later] = [new Entry("/a", 10), new Entry("/a")];
    cache.insert(former, Budget.Content);
    cache.insert(later, Budget.Absent);
    expect(cache.get("/a")).toBe(later);
    expect(former.released).toBe(1);
    expect(cache.octets).toBe(0);
    expect(cache.count).toBe(1);
  });

  test("absent paths never push out content", () => {
    const cache = new ResponseCache<Entry>(100);
    cache.insert(new Entry("/kept", 90), Budget.Content);
    for (let index = 0; index < 5000; index++) cache.insert(new Entry(`/missing-${index}`), Budget.Absent);
    expect(cache.get("/kept")).toBeDefined();
    expect(cache.get("/missing-0")).toBeUndefined();
    expect(cache.get("/missing-4999")).toBeDefined();
  });

  test.each([Budget.Content, Budget.Files, Budget.Absent])("turned off, budget %p takes nothing", (budget) => {
    const cache = new ResponseCache<Entry>(0);
    expect(cache.isOff).toBe(true);
    expect(cache.insert(new Entry("/a"), budget)).toBe(false);
    expect(cache.get("/a")).toBeUndefined();
  });

  test("clear releases everything", () => {
    const cache = new ResponseCache<Entry>(100);
    const entries = [new Entry("/a"), new Entry("/b"), new Entry("/c")];
    entries.forEach((entry, index) => cache.insert(entry, index as Budget));
    cache.clear();
    expect(cache.count).toBe(0);
    expect(entries.map((entry) => entry.released)).toEqual([1, 1, 1]);
  });
});
