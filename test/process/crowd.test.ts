/** Which connection makes room for another, and what is counted. */
import { afterEach, describe, expect, test } from "bun:test";
import { Crowd } from "../../src/process/crowd.ts";
import { WheelSecond } from "../../src/units.ts";
import type { AcceptedConnection, ServedConnection } from "../../src/serving/served-connection.ts";
import { TimerWheel } from "../../src/socket/timer-wheel.ts";
import type { Waiter, WaitingList } from "../../src/socket/waiting-list.ts";
import { Counter, Gauge, SLOT_CELLS } from "../../src/stats/layout.ts";

/** What a crowd needs of a connection, which waits as its deadline does. */
class Guest implements Waiter {
  place = -1;
  waitingList: WaitingList | null = null;
  waitingSince = WheelSecond(0);
  waitingNext: Waiter | null = null;
  waitingPrevious: Waiter | null = null;
  readonly deeds: string[] = [];
  /** Whether it would have had time to read why it is refused. */
  hadTime = false;

  constructor(readonly awaitsHeader = false) {}

  opened(hasTime: boolean): boolean {
    this.hadTime = hasTime;
    return true;
  }

  giveWay(): void {
    this.deeds.push("gives way");
  }

  reject(status: number, hasTime: boolean): void {
    this.deeds.push(`${status}${hasTime ? " with time to read" : ""}`);
  }
}

const asConnection = (guest: Guest): AcceptedConnection => guest as unknown as AcceptedConnection;

const crowds: { crowd: Crowd; guests: Guest[] }[] = [];

function crowdOf(connectionsMax: number) {
  const values = new Float64Array(SLOT_CELLS);
  const wheel = new TimerWheel();
  const crowd = new Crowd(connectionsMax, Number.POSITIVE_INFINITY, wheel, values);
  const guests: Guest[] = [];
  crowds.push({ crowd, guests });
  /** By default one that displaces nobody, as on a listener of the admin endpoints. */
  const enter = (guest = new Guest(), mayDisplace = false): Guest => {
    guests.push(guest);
    crowd.admit(asConnection(guest), mayDisplace);
    return guest;
  };
  return { crowd, enter, values, wheel };
}

afterEach(() => {
  // The ledger of descriptors is the process's.
  for (const { crowd, guests } of crowds.splice(0)) for (const guest of guests) crowd.delete(asConnection(guest));
});

test("counts who comes and goes", () => {
  const { crowd, enter, values } = crowdOf(10);
  const guests = [enter(), enter(), enter()];
  crowd.delete(asConnection(guests[0]!));
  crowd.delete(asConnection(guests[0]!)); // gone already
  expect([crowd.size, values[Gauge.ConnectionsActive], values[Counter.ConnectionsAccepted]]).toEqual([2, 2, 3]);
  const seen = new Set<ServedConnection>();
  crowd.forEach((connection) => seen.add(connection));
  expect(seen).toEqual(new Set(guests.slice(1).map(asConnection)));
});

describe("makeRoomFor", () => {
  test("one that fits displaces nobody", () => {
    const { crowd, enter } = crowdOf(2);
    const first = enter();
    crowd.keptAlive.add(first, WheelSecond(0));
    expect(crowd.makeRoomFor(asConnection(enter()))).toBe(true);
    expect(first.deeds).toEqual([]);
  });

  test("one too many takes the place of the one that has waited longest", () => {
    const { crowd, enter, values } = crowdOf(2);
    const [older, newer] = [enter(), enter()];
    crowd.keptAlive.add(older, WheelSecond(0));
    crowd.keptAlive.add(newer, WheelSecond(1));
    const third = enter();
    expect(crowd.makeRoomFor(asConnection(third))).toBe(true);
    expect([older.deeds, newer.deeds, third.deeds]).toEqual([["gives way"], [], []]);
    expect(values[Counter.ConnectionsDisplaced]).toBe(1);
  });

  test("a silent one makes room when it has had some seconds", () => {
    const { crowd, enter, wheel } = crowdOf(1);
    const first = enter();
    crowd.silent.add(first, WheelSecond(0));
    const second = enter();
    expect(crowd.makeRoomFor(asConnection(second))).toBe(false);
    crowd.delete(asConnection(second));
    for (let count = 0; count < 3; count++) wheel.advance();
    expect(crowd.makeRoomFor(asConnection(enter()))).toBe(true);
    expect(first.deeds).toEqual(["gives way"]);
  });

  test("where all are busy it is refused, and only so many are given time to read why", () => {
    const { crowd, enter, values } = crowdOf(1);
    enter();
    const refused = Array.from({ length: 65 }, () => {
      const guest = enter();
      expect(crowd.makeRoomFor(asConnection(guest))).toBe(false);
      return guest.deeds.join();
    });
    expect(refused).toEqual([...Array.from({ length: 64 }, () => "503 with time to read"), "503"]);
    expect(values[Counter.ConnectionsRejectedMax]).toBe(65);
    expect(enter().hadTime).toBe(false);
  });
});

test("clients that aren't known yet displace nobody, up to a number", () => {
  const { crowd, enter } = crowdOf(1);
  const first = enter();
  crowd.keptAlive.add(first, WheelSecond(0));
  for (let count = 0; count < 1024; count++) enter(new Guest(true), true);
  expect(first.deeds).toEqual([]);
  enter(new Guest(true), true);
  expect(first.deeds).toEqual(["gives way"]);
});

test("one that is known displaces at once, unless it mayn't", () => {
  const { crowd, enter } = crowdOf(1);
  const first = enter();
  crowd.keptAlive.add(first, WheelSecond(0));
  enter();
  expect(first.deeds).toEqual([]);
  enter(new Guest(), true);
  expect(first.deeds).toEqual(["gives way"]);
});
