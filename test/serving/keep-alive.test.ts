/** How long clients may keep their connections. */
import { expect, test } from "bun:test";
import { KeepAlive } from "../../src/serving/keep-alive.ts";

test("a connection has as many requests as it may have, and no more", () => {
  const keepAlive = new KeepAlive(3, 60);
  expect([1, 2, 3].map((count) => keepAlive.endsWith(count))).toEqual([false, false, true]);
  expect(new KeepAlive(Number.POSITIVE_INFINITY, 60).endsWith(2 ** 53)).toBe(false);
});

test("while the server goes away every response is the last, and nobody waits longer than before", () => {
  const keepAlive = new KeepAlive(Number.POSITIVE_INFINITY, 3);
  keepAlive.drain(5);
  expect([keepAlive.endsWith(1), keepAlive.idleSeconds]).toEqual([true, 3]);
  keepAlive.drain(0); // a reload, and then a stop
  expect(keepAlive.idleSeconds).toBe(0);
});
