import { describe, expect, test } from "bun:test";
import { Budget, CacheEntry, CacheMember, contentCost, ResponseCache } from "../../src/cache/response-cache.ts";

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

class Part extends CacheMember {
  readonly key = null;
  released = 0;
  constructor(cost: number) {
    super();
    this.cost = cost;
  }
  release(): void {
    this.released++;
  }
}

test("small content costs what both versions of HTTP keep of it", () => {
  expect([0, 1, 4096, 4097].map(contentCost)).toEqual([0, 2, 8192, 4097]);
});

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

  test("hosts share the budgets and nothing else", () => {
    const one = new ResponseCache<Entry>(100);
    const other = one.another();
    const [a, b] = [new Entry("/a", 60), new Entry("/a", 40)];
    one.insert(a, Budget.Content);
    other.insert(b, Budget.Content);
    expect(one.get("/a")).toBe(a);
    expect(other.get("/a")).toBe(b);
    expect([one.count, one.octets, other.count, other.octets]).toEqual([2, 100, 2, 100]);
    // The oldest leaves, whichever cache it is in.
    one.get("/a");
    one.insert(new Entry("/b", 40), Budget.Content);
    expect(other.get("/a")).toBeUndefined();
    expect(one.get("/a")).toBe(a);
    expect([a.released, b.released, one.evictions, other.evictions]).toEqual([0, 1, 1, 1]);
    other.insert(new Entry("/a", 1), Budget.Absent);
    other.drop();
    expect([one.count, other.get("/a")]).toEqual([2, undefined]);
    other.insert(new Entry("/c", 1), Budget.Absent);
    other.clear();
    expect([one.count, one.octets, a.released]).toEqual([0, 0, 1]);
    expect(other.isOff).toBe(false);
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

describe("variants", () => {
  test("take room from plain files, but no more than their share", () => {
    const cache = new ResponseCache<Entry>(100, 30);
    const files = ["/a", "/b", "/c", "/d"].map((key) => new Entry(key, 25));
    for (const file of files) cache.insert(file, Budget.Content);
    const [first, second] = [new Part(20), new Part(20)];
    expect(cache.insertPart(first, Budget.Variants)).toBe(true);
    expect(files.map((file) => file.released)).toEqual([1, 0, 0, 0]);
    expect(cache.insertPart(second, Budget.Variants)).toBe(true);
    expect(first.released).toBe(1);
    expect(files.map((file) => file.released)).toEqual([1, 0, 0, 0]);
    expect(cache.octets).toBe(95);
    expect(cache.evictions).toBe(2);
  });

  test("give their room back to plain files", () => {
    const cache = new ResponseCache<Entry>(100, 30);
    const variant = new Part(30);
    cache.insertPart(variant, Budget.Variants);
    expect(cache.insert(new Entry("/a", 80), Budget.Content)).toBe(false);
    variant.list!.remove(variant);
    expect(cache.insert(new Entry("/a", 80), Budget.Content)).toBe(true);
  });

  test.each([
    ["larger than the share", 100, 30, 31],
    ["without a share", 100, 0, 1],
    ["with the cache off", 0, 0, 1],
  ])("%s: not taken", (_, content, share, cost) => {
    const cache = new ResponseCache<Entry>(content, share);
    const variant = new Part(cost);
    expect(cache.hasRoomForVariant(cost)).toBe(false);
    expect(cache.insertPart(variant, Budget.Variants)).toBe(false);
    expect(variant.list).toBeNull();
    expect(variant.released).toBe(0);
  });

  test("never push out what is charged one each", () => {
    const cache = new ResponseCache<Entry>(100, 90);
    const absent = new Entry("/absent");
    cache.insert(absent, Budget.Absent);
    for (let time = 0; time < 10; time++) cache.insertPart(new Part(60), Budget.Variants);
    expect(cache.get("/absent")).toBe(absent);
    expect(cache.octets).toBe(60);
  });
});
