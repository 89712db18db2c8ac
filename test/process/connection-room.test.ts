/** How many connections fit, and what the limit of descriptors leaves of `max_connections`. */
import { describe, expect, test } from "bun:test";
import { ConnectionRoom } from "../../src/process/connection-room.ts";
import type { Waiter } from "../../src/socket/waiting-list.ts";
import { WheelSecond } from "../../src/units.ts";

describe("connectionsMax", () => {
  test.each([
    ["no limit", 16_384, Number.POSITIVE_INFINITY, 16_384],
    ["an unknown limit", 16_384, Number.NaN, 16_384],
    ["ample descriptors", 16_384, 20_000, 16_384],
    ["a common soft limit: files and others need theirs", 16_384, 1024, 1024 - 128 - 256],
    ["hardly any descriptors", 16_384, 256, 256 - 128 - 64],
    ["as few as it starts with", 16_384, 64, 16],
    ["a small setting stays", 3, 1024, 3],
  ])("%s", (_, setting, limit, expected) => {
    expect(new ConnectionRoom(setting, limit).connectionsMax).toBe(expected);
  });
});

test("with a limit of 64 a worker still serves, and keeps half of them free", () => {
  const room = new ConnectionRoom(16_384, 64);
  expect([1, 16, 17].map((count) => room.holds(count))).toEqual([true, true, false]);
  expect([32, 33].map((count) => room.allowsGoodbye(count))).toEqual([true, false]);
});

test("one more than the limit is too many, and only so many of those refused are given time", () => {
  const room = new ConnectionRoom(100, Number.POSITIVE_INFINITY);
  expect([room.holds(100), room.holds(101)]).toEqual([true, false]);
  expect([room.allowsGoodbye(164), room.allowsGoodbye(165)]).toEqual([true, false]);
});

describe("takeLongestWaiting", () => {
  const at = (second: number) => WheelSecond(second);
  const waiter = (): Waiter => ({
    waitingList: null,
    waitingSince: at(0),
    waitingNext: null,
    waitingPrevious: null,
    giveWay() {},
  });

  test("kept-alive connections first, then silent ones that had their time, then none", () => {
    const room = new ConnectionRoom(10, Number.POSITIVE_INFINITY);
    const [silent, late, older, newer] = [waiter(), waiter(), waiter(), waiter()];
    room.silent.add(silent!, at(0));
    room.silent.add(late!, at(5));
    room.keptAlive.add(older!, at(1));
    room.keptAlive.add(newer!, at(2));
    const taken = Array.from({ length: 4 }, () => room.takeLongestWaiting(at(6)));
    expect(taken).toEqual([older!, newer!, silent!, null]);
    expect(late!.waitingList).toBe(room.silent);
  });
});
