/** What the kernel may hold of a connection, by the speed of its client. */
import { expect, test } from "bun:test";
import { UnsentLimit } from "../../src/socket/unsent-limit.ts";

const KIB = 1024;

/** A kernel that is filled up again every `ms` milliseconds, by a client of so many octets a millisecond; the limits it is given. */
function limitsFor(octetsPerMs: readonly number[], ms: number): number[] {
  const limit = new UnsentLimit();
  let former = limit.octets;
  limit.take(limit.octets);
  limit.full(0);
  return octetsPerMs.map((speed, index) => {
    limit.take(speed * ms + limit.octets - former);
    former = limit.octets;
    const hasChanged = limit.full((index + 1) * ms);
    expect(hasChanged).toBe(limit.octets !== former);
    return limit.octets / KIB;
  });
}

const times = (count: number, speed: number): number[] => Array<number>(count).fill(speed);

test.each([
  ["4 MB/s", 4 * KIB, 128],
  ["a hundred megabit", 12 * KIB, 128],
  ["two hundred megabit", 24 * KIB, 256],
  ["four hundred megabit", 48 * KIB, 512],
  ["a gigabit", 120 * KIB, 1024],
  ["as fast as memory", 2000 * KIB, 1024],
])("to a client of %s, %d octets a millisecond, the kernel may hold %d KiB", (_, speed, kib) => {
  expect(limitsFor(times(6, speed), 3).at(-1)).toBe(kib);
  expect(limitsFor(times(6, speed), 0.5).at(-1)).toBe(kib);
});

test("it goes by factors of two, and back when the client becomes slow", () => {
  expect(limitsFor([...times(4, 1000 * KIB), ...times(4, 4 * KIB)], 1)).toEqual([
    256, 512, 1024, 1024, 512, 256, 128, 128,
  ]);
});

test("what fills the kernel at first says nothing of the client", () => {
  const limit = new UnsentLimit();
  limit.take(1024 * KIB);
  expect(limit.full(0.1)).toBe(false);
});

test("time in which there was nothing to send doesn't make a client faster", () => {
  const limit = new UnsentLimit();
  limit.full(0);
  limit.take(256 * KIB);
  expect(limit.full(10_000)).toBe(false);
  expect(limit.octets).toBe(128 * KIB);
});

test("two times that are one say nothing", () => {
  const limit = new UnsentLimit();
  limit.full(1);
  expect(limit.full(1)).toBe(false);
});
