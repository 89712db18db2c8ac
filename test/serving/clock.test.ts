/** Workers that compare notes by the clock, as they do in the buckets of `[rate_limit]`, have to mean the same time. */
import { expect, test } from "bun:test";
import { Clock } from "../../src/serving/clock.ts";

test("clocks that are made at any fraction of a millisecond tell the same wall time", () => {
  const offsets: number[] = [];
  for (let made = 0; made < 40; made++) {
    const endMs = performance.now() + 0.37;
    while (performance.now() < endMs);
    const clock = new Clock();
    offsets.push(clock.wallMs - clock.nowMs);
  }
  // One that lost its processor while it read both clocks is off, and says nothing about the others.
  offsets.sort((one, other) => one - other);
  const [first, last] = [offsets[Math.floor(0.1 * offsets.length)]!, offsets[Math.floor(0.8 * offsets.length)]!];
  expect(last - first).toBeLessThan(0.3);
});
