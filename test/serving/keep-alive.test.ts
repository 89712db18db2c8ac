/** How long clients may keep their connections. */
import { expect, test } from "bun:test";
import { KeepAlive } from "../../src/serving/keep-alive.ts";
import { Seconds } from "../../src/units.ts";

test("a connection has as many requests as it may have, and no more", () => {
  const keepAlive = new KeepAlive(3, Seconds(60));
  expect([1, 2, 3].map((count) => keepAlive.endsWith(count))).toEqual([false, false, true]);
  expect(new KeepAlive(Number.POSITIVE_INFINITY, Seconds(60)).endsWith(2 ** 53)).toBe(false);
});

test("while the server goes away every response is the last, and nobody waits longer than before", () => {
  const keepAlive = new KeepAlive(Number.POSITIVE_INFINITY, Seconds(3));
  keepAlive.drain(Seconds(5));
  expect([keepAlive.endsWith(1), keepAlive.idleSeconds]).toEqual([true, Seconds(3)]);
  keepAlive.drain(Seconds(0)); // a reload, and then a stop
  expect(keepAlive.idleSeconds).toBe(Seconds(0));
});
