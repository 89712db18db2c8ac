/** Whether a slow client keeps up, by what it has acknowledged. */
import { expect, test } from "bun:test";
import { Progress } from "../../src/socket/progress.ts";
import { FakeLink } from "../serving/support/fake-link.ts";
import { Milliseconds } from "../../src/units.ts";

function begin(acknowledged = 0) {
  const link = new FakeLink();
  const progress = new Progress();
  link.acknowledged = acknowledged;
  progress.note(link, Milliseconds(1000));
  return { link, progress };
}

test.each<[acknowledged: number, seconds: number, rateMin: number, keepsUp: boolean]>([
  [0, 5, 0, false],
  [1, 5, 0, true],
  [499, 5, 100, false],
  [500, 5, 100, true],
  [0, 0, 100, false], // within no time at all one octet will do
  [1, 0, 100, true],
])("%p octets in %p s at %p a second at least: %p", (acknowledged, seconds, rateMin, keepsUp) => {
  const { link, progress } = begin(7000);
  link.acknowledged += acknowledged;
  expect(progress.keepsUp(link, Milliseconds(1000 + 1000 * seconds), rateMin)).toBe(keepsUp);
});

test("each question begins a period", () => {
  const { link, progress } = begin();
  link.acknowledged = 1000;
  expect(progress.keepsUp(link, Milliseconds(6000), 100)).toBe(true);
  link.acknowledged = 1499;
  expect(progress.keepsUp(link, Milliseconds(11_000), 100)).toBe(false);
  link.acknowledged = 1999;
  expect(progress.keepsUp(link, Milliseconds(16_000), 100)).toBe(true);
});

test("a client of which it can't be known doesn't", () => {
  const { link, progress } = begin(-1);
  expect(progress.keepsUp(link, Milliseconds(6000), 0)).toBe(false);
});
