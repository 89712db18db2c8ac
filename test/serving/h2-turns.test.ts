/** How much of what a client has sent over HTTP/2 is dealt with in one turn of the event loop, and what becomes of the rest meanwhile. */
import { describe, expect, test } from "bun:test";
import { Counter } from "../../src/stats/layout.ts";
import { data, get, post, windowUpdate } from "../http2/support/client-frames.ts";
import { H2Bench, nextTurn, ping } from "./support/h2-bench.ts";

const requests = (count: number, from = 1, path = "/known"): Buffer[] =>
  Array.from({ length: count }, (_, index) => get(from + 2 * index, path));

describe("more than one turn's work", () => {
  test("is dealt with in turns, and nothing is read meanwhile", async () => {
    const bench = new H2Bench();
    bench.lines();
    bench.connection.received(Buffer.concat(requests(1000)));
    expect(bench.counters[Counter.Requests]).toBeLessThan(300);
    expect(bench.link.isPaused).toBe(true);
    for (let before = 0; bench.link.isPaused; await nextTurn()) {
      const answered = bench.counters[Counter.Requests]!;
      expect(answered - before).toBeWithin(1, 300);
      before = answered;
    }
    expect(bench.counters[Counter.Requests]).toBe(1000);
    expect(bench.streamLines().filter((line) => line.startsWith("HEADERS"))).toHaveLength(1000);
    expect(bench.errors).toEqual([]);
  });

  test("is less where requests have large field sections", () => {
    const bench = new H2Bench();
    const large = Array.from({ length: 500 }, (_, index) => get(1 + 2 * index, "/known", ["a", "x".repeat(800)]));
    bench.send(...large);
    expect(bench.counters[Counter.Requests]).toBeLessThan(200);
  });

  test.each([
    ["frames that aren't requests", Array.from({ length: 3000 }, () => windowUpdate(0, 2000))],
    ["content in small pieces", [post(1, "/a"), ...Array.from({ length: 3000 }, () => data(1, "x"))]],
  ])("is as well many %s", async (_description, frames) => {
    const bench = new H2Bench();
    bench.send(...frames);
    expect(bench.link.isPaused).toBe(true);
    await nextTurn();
    expect(bench.link.isPaused).toBe(false);
    expect(bench.link.deeds).toEqual([]);
  });

  test("comes in order, with what comes all the same", async () => {
    const bench = new H2Bench();
    bench.connection.received(Buffer.concat(requests(300)));
    bench.connection.received(Buffer.concat(requests(300, 601)));
    while (bench.link.isPaused) await nextTurn();
    const answered = bench.streamLines().filter((line) => line.startsWith("HEADERS"));
    expect(answered.map((line) => Number(line.split(" ")[1]))).toEqual(
      Array.from({ length: 600 }, (_, index) => 2 * index + 1),
    );
  });

  test("is dealt with although the client has closed its side", async () => {
    const bench = new H2Bench();
    bench.connection.received(Buffer.concat([...requests(600), post(1201, "/known"), data(1201, "x", true)]));
    bench.connection.ended();
    while (bench.link.deeds.length === 0) await nextTurn();
    expect(bench.counters[Counter.Requests]).toBe(601);
    expect(bench.streamLines().at(-2)).toBe("HEADERS 1201 200 content-length=6");
    expect(bench.link.deeds).toEqual(["close"]);
  });

  test("isn't lost to a newcomer that needs the place", async () => {
    const bench = new H2Bench();
    bench.connection.received(Buffer.concat(requests(600)));
    bench.connection.giveWay();
    expect(bench.link.deeds).toEqual([]);
    while (bench.link.isPaused) await nextTurn();
    bench.connection.giveWay();
    expect(bench.counters[Counter.Requests]).toBe(600);
    expect(bench.link.deeds).toEqual(["close"]);
  });

  test("ends with its client", async () => {
    const bench = new H2Bench();
    bench.connection.received(Buffer.concat(requests(600)));
    const answered = bench.counters[Counter.Requests];
    bench.link.leave();
    await nextTurn();
    expect(bench.counters[Counter.Requests]).toBe(answered);
    expect(bench.errors).toEqual([]);
  });
});

test("a hundred requests of a browser are answered at once", () => {
  const bench = new H2Bench({ streamsMax: 100 });
  const fields = Array.from({ length: 12 }, (_, index) => [`field-${index}`, "x".repeat(30)] as const);
  bench.send(...Array.from({ length: 100 }, (_, index) => get(1 + 2 * index, "/known", ...fields)));
  expect(bench.counters[Counter.Requests]).toBe(100);
  expect(bench.link.isPaused).toBe(false);
});

test("a client that reads nothing, and asks for answers to PING, isn't read from once a batch waits for it", () => {
  const bench = new H2Bench();
  bench.send(windowUpdate(0, 0x7fff_0000));
  bench.link.room = 0;
  let pings = 0;
  // As fast as its budget allows.
  for (; !bench.link.isPaused && pings < 20_000; pings += 10) {
    bench.connection.received(Buffer.concat(Array.from({ length: 10 }, () => ping("12345678"))));
    bench.wait(1);
    if (pings % 200 === 0) bench.link.acknowledged += 1_000_000;
  }
  expect(bench.link.isPaused).toBe(true);
  expect(pings * 17).toBeLessThan(150_000);
});
