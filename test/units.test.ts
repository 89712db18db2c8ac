/** A kind of number isn't taken for another, and costs nothing: the compiler checks the first, this the second. */
import { expect, test } from "bun:test";
import { Milliseconds, Octets, Offset, Seconds, WheelSecond } from "../src/units.ts";

test("a number of a kind is the number", () => {
  expect([Offset(1), Octets(2), Milliseconds(3), Seconds(4), WheelSecond(5)] as number[]).toEqual([1, 2, 3, 4, 5]);
});

test("places and counts, seconds and milliseconds, can't change places", () => {
  const piece = (offset: Offset, octets: Octets): number => offset + octets;
  const wait = (seconds: Seconds, now: Milliseconds): number => seconds * 1000 + now;
  expect(piece(Offset(1), Octets(2))).toBe(3);
  expect(wait(Seconds(1), Milliseconds(2))).toBe(1002);
  // @ts-expect-error: the other way round
  piece(Octets(2), Offset(1));
  // @ts-expect-error: a number that nobody has given a kind
  piece(1, Octets(2));
  // @ts-expect-error: the other way round
  wait(Milliseconds(2), Seconds(1));
  // @ts-expect-error: a sum of both is neither
  piece(Offset(1) + Octets(2), Octets(2));
  // @ts-expect-error: a duration is no point in time
  const tick: WheelSecond = Seconds(1);
  expect(tick as number).toBe(1);
});
