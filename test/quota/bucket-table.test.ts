/** Token buckets in shared words, against a slow obvious model. */
import { describe, expect, test } from "bun:test";
import { BucketTable, type BucketPlace, WAYS, wordsFor } from "../../src/quota/bucket-table.ts";

const START = 1_795_000_000_000;

const zerosFor = (clients: number) => new Int32Array(wordsFor(clients));

/** A client that has not asked yet. */
const client = (key1: number, key0 = -1): BucketPlace => ({ key0, key1, entry: -1, sequence: 0 });

/** How many of `count` questions at one instant are answered with a token. */
function taken(table: BucketTable, place: BucketPlace, wallMs: number, count: number): number {
  return Array.from({ length: count }, () => table.take(place, wallMs)).filter((seconds) => seconds === 0).length;
}

describe("a bucket", () => {
  test.each([
    [1, 1],
    [10, 20],
    [0.1, 3],
    [1_000_000, 1_000_000],
    [0.001, 1],
    [333.3, 7],
  ])("of %p a second holds a burst of %p, and no more", (rate, burst) => {
    const table = new BucketTable(zerosFor(64), rate, burst);
    const place = client(1);
    const asked = Math.min(burst + 5, 2000);
    expect(taken(table, place, START, asked)).toBe(Math.min(asked, burst));
  });

  test.each([
    [10, 20],
    [0.1, 3],
    [1000, 50],
  ])("of %p a second is filled again at that rate", (rate, burst) => {
    const table = new BucketTable(zerosFor(64), rate, burst);
    const place = client(1);
    taken(table, place, START, burst);
    const tokenMs = 1000 / rate;
    expect(taken(table, place, START + 0.4 * tokenMs, 3)).toBe(0);
    expect(taken(table, place, START + 3.5 * tokenMs, burst + 5)).toBe(3);
    expect(taken(table, place, START + 1000 * tokenMs, burst + 5)).toBe(burst);
  });

  test("says after how many whole seconds there is a token", () => {
    const table = new BucketTable(zerosFor(64), 0.1, 1);
    const place = client(1);
    expect([0, 0, 1500, 5500, 9999, 10_001].map((afterMs) => table.take(place, START + afterMs))).toEqual([
      0, 10, 9, 5, 1, 0,
    ]);
    const fast = new BucketTable(zerosFor(64), 1000, 1);
    expect([fast.take(place, START), fast.take(place, START)]).toEqual([0, 1]);
  });

  test("is shared by all requests of the same client, on any connection", () => {
    const words = zerosFor(64);
    const [one, other] = [new BucketTable(words, 1, 6), new BucketTable(words, 1, 6)];
    expect(taken(one, client(7), START, 4)).toBe(4);
    expect(taken(other, client(7), START, 4)).toBe(2);
    expect(taken(other, client(8), START, 4)).toBe(4);
    expect(taken(other, client(7, 0), START, 4)).toBe(4);
  });

  test("a clock that is set back costs no client more than the wait for one token", () => {
    const table = new BucketTable(zerosFor(64), 1, 5);
    const place = client(1);
    expect(taken(table, place, START, 5)).toBe(5);
    const earlier = START - 3_600_000;
    expect(table.take(place, earlier)).toBe(1);
    expect(table.take(place, earlier + 1001)).toBe(0);
  });

  test("that hasn't been used for a long time is full, also when ticks have wrapped around", () => {
    const rate = 1_000_000;
    const table = new BucketTable(zerosFor(64), rate, 10);
    const place = client(1);
    for (let second = 0; second < 300; second++) {
      if (second % 140 === 0) expect(taken(table, place, START + second * 1000, 11)).toBe(10);
      table.refresh(START + second * 1000);
    }
  });

  test("property: as many tokens as a bucket with a float in it would give", () => {
    for (let round = 0; round < 200; round++) {
      const rate = [0.5, 3, 40, 2000][round % 4]!;
      const burst = 1 + Math.floor(Math.random() * 20);
      const table = new BucketTable(zerosFor(64), rate, burst);
      const place = client(round);
      let tokens = burst;
      let nowMs = START;
      let [expected, seen] = [0, 0];
      for (let step = 0; step < 300; step++) {
        const passedMs = Math.random() < 0.5 ? 0 : (Math.random() * 3000) / rate;
        nowMs += passedMs;
        tokens = Math.min(burst, tokens + (passedMs * rate) / 1000);
        if (tokens >= 1) {
          tokens -= 1;
          expected++;
        }
        if (table.take(place, nowMs) === 0) seen++;
      }
      // A tick is a sixteenth of a token, and time is cut to whole ticks.
      expect(Math.abs(seen - expected)).toBeLessThanOrEqual(1 + expected / 16);
    }
  });
});

describe("a table that is too small", () => {
  test("never makes a newcomer wait", () => {
    const table = new BucketTable(zerosFor(WAYS), 0.001, 1);
    for (let key = 0; key < 10_000; key++) expect(table.take(client(key), START)).toBe(0);
  });

  test("does not forget a client over its limit while others come and go", () => {
    const table = new BucketTable(zerosFor(1024), 1, 100);
    const greedy = Array.from({ length: 16 }, (_, index) => client(index, 42));
    for (const place of greedy) expect(taken(table, place, START, 200)).toBe(100);
    for (let key = 0; key < 1_000_000; key++) table.take(client(key), START + key / 1e6);
    // Asked for again by way of a search: the memory of the place would be enough otherwise.
    const tokens = greedy.map(({ key0, key1 }) => taken(table, client(key1, key0), START + 1, 200));
    expect(tokens).toEqual(greedy.map(() => 0));
  });

  test("lets go of full buckets first, which loses nothing", () => {
    const table = new BucketTable(zerosFor(WAYS), 1, 10);
    const place = client(1);
    expect(taken(table, place, START, 8)).toBe(8);
    for (let key = 2; key < 100; key++) table.take(client(key), START + (key - 2) * 20);
    expect(taken(table, client(1), START + 1960, 10)).toBe(3);
  });

  test("a place that has been given to another client is noticed", () => {
    const table = new BucketTable(zerosFor(WAYS), 1, 10);
    const place = client(1);
    table.take(place, START);
    for (let key = 2; key < 100; key++) taken(table, client(key), START, 10);
    expect(taken(table, place, START, 20)).toBe(10);
  });
});

test("refuses words that are no power of two of sets", () => {
  expect(() => new BucketTable(new Int32Array(3 * wordsFor(WAYS)), 1, 1)).toThrow(RangeError);
  expect(() => new BucketTable(new Int32Array(wordsFor(64) - 1), 1, 1)).toThrow(RangeError);
  expect(() => new BucketTable(new Int32Array(0), 1, 1)).toThrow(RangeError);
});

test("goes on after a worker that was killed while it entered a client", () => {
  const words = zerosFor(WAYS);
  // The version of the only set, left behind odd, and a key that was half written.
  words[0] = 5;
  words[1] = 1;
  words[2] = -1;
  const table = new BucketTable(words, 1, 3);
  expect(taken(table, client(1), START, 5)).toBe(3);
  expect(taken(table, client(2), START, 5)).toBe(3);
  expect(taken(table, client(1), START, 5)).toBe(0);
});
