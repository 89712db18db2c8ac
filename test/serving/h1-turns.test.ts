/** How many pipelined requests are answered in one turn of the event loop, and what becomes of the rest meanwhile. */
import { expect, test } from "bun:test";
import { Counter } from "../../src/stats/layout.ts";
import { H1Bench } from "./support/h1-bench.ts";
import { nextTurn } from "./support/h2-bench.ts";

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const many = (count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, index) => get(`/known${index}`)).join(""));
const answeredBy = (octets: string): number[] =>
  [...octets.matchAll(/\r\n\r\n\/known(\d+)/g)].map(([, index]) => Number(index));

test("a few hundred, in order; nothing is read before the rest is answered", async () => {
  const bench = new H1Bench();
  bench.connection.received(many(1000));
  for (let before = 0; bench.link.isPaused; await nextTurn()) {
    const answered = bench.parts.counters[Counter.Requests]!;
    expect(answered - before).toBeWithin(1, 300);
    before = answered;
  }
  expect(answeredBy(bench.link.take())).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  expect(bench.send(get("/known"))).toContain("/known");
  expect(bench.errors).toEqual([]);
});

test("a hundred at once", () => {
  const bench = new H1Bench();
  bench.connection.received(many(100));
  expect(answeredBy(bench.link.take())).toHaveLength(100);
  expect(bench.link.isPaused).toBe(false);
});

test("the rest is answered although the client has closed its side, and the server is going away", async () => {
  const bench = new H1Bench({ idleSeconds: 0 });
  bench.connection.received(many(600));
  bench.connection.ended();
  bench.connection.drain();
  bench.connection.giveWay();
  expect(bench.link.deeds).toEqual([]);
  while (bench.link.deeds.length === 0) await nextTurn();
  expect(answeredBy(bench.link.take())).toHaveLength(600);
  expect(bench.link.deeds).toEqual(["close"]);
});

test("the rest isn't answered to a client that is gone, nor to the next one", async () => {
  const bench = new H1Bench();
  bench.connection.received(many(600));
  const answered = bench.parts.counters[Counter.Requests];
  bench.link.leave();
  bench.link.isGone = false;
  bench.connection.opened(true);
  await nextTurn();
  expect(bench.parts.counters[Counter.Requests]).toBe(answered);
  bench.link.take();
  bench.connection.received(many(600));
  while (bench.link.isPaused) await nextTurn();
  expect(answeredBy(bench.link.take())).toHaveLength(600);
  expect(bench.errors).toEqual([]);
});
