/** Responses over HTTP/2: as windows allow, in the order of priorities, from wherever their content comes, to whoever reads slowly. */
import { afterAll, describe, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ContentSource,
  FileContent,
  OctetsContent,
  PartsContent,
  SourceContent,
  SourceEnd,
} from "../../src/http/content.ts";
import { CacheOutcome, MoreLines, octetsReply, Reply } from "../../src/http/reply.ts";
import { buildResponseHead, type FieldLine } from "../../src/http/response-head.ts";
import { Flag, FRAME_OCTETS_MAX, FrameType } from "../../src/http2/frame.ts";
import { BATCH_OCTETS } from "../../src/serving/frame-room.ts";
import { Counter, Gauge } from "../../src/stats/layout.ts";
import {
  frame,
  framesOf,
  get,
  GET,
  headers,
  post,
  rstStream,
  settings,
  windowUpdate,
  word,
} from "../http2/support/client-frames.ts";
import { contentOctetsOf, H2Bench, ping } from "./support/h2-bench.ts";
import { Octets, Offset, Seconds } from "../../src/units.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-h2-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Windows that never stand in the way. */
const WIDE = { settings: [[4, 0x7fff_ffff]] as const };
const OPEN = windowUpdate(0, 0x7fff_0000);

const reply = (octets: number): Reply => octetsReply(200, [], Buffer.alloc(octets, "x"));

/** A client with wide windows, which asks for something on each of the streams. */
function asking(streams: readonly (readonly [stream: number, priority?: string])[], isWide = true): H2Bench {
  const bench = new H2Bench(isWide ? WIDE : {});
  if (isWide) bench.send(OPEN);
  bench.send(
    ...streams.map(([stream, priority]) =>
      priority === undefined ? get(stream, "/a") : get(stream, "/a", ["priority", priority]),
    ),
  );
  bench.lines();
  return bench;
}

/** Streams of DATA frames, in the order they came. */
const orderOf = (octets: Buffer): string =>
  framesOf(octets)
    .filter(({ type }) => type === FrameType.Data)
    .map(({ stream }) => stream)
    .join(" ");

describe("a reply that is kept whole", () => {
  const hit = octetsReply(200, [["Content-Type", "text/plain"]], Buffer.from("abc"), CacheOutcome.Hit);
  const known = (bench: H2Bench) => Object.assign(bench.application, { known: () => hit });

  test("is every stream's, and counted against the connection's window", () => {
    const bench = new H2Bench(WIDE);
    known(bench);
    const once = (stream: number) => [`HEADERS ${stream} 200 content-type=text/plain`, `DATA ${stream} "abc" end`];
    expect(bench.send(get(1, "/known"), get(3, "/known"))).toEqual([...once(1), ...once(3)]);
    for (let stream = 5; stream < 5 + 2 * 21_843; stream += 2) bench.send(get(stream, "/known"));
    // 65 535 octets have left.
    const next = 5 + 2 * 21_843;
    expect(bench.send(get(next, "/known"))).toEqual([`HEADERS ${next} 200 content-type=text/plain`]);
    expect(bench.send(windowUpdate(0, 3))).toEqual([`DATA ${next} "abc" end`]);
    expect(bench.counters[Counter.CacheHits]).toBe(21_846);
  });

  test("waits for its stream's window", () => {
    const bench = new H2Bench({ settings: [[4, 2]] });
    known(bench);
    expect(bench.send(get(1, "/known"))).toEqual(["HEADERS 1 200 content-type=text/plain", 'DATA 1 "ab"']);
    expect(bench.send(windowUpdate(1, 1))).toEqual(['DATA 1 "c" end']);
  });

  test("is behind what else there is to say: a table that has been given up", () => {
    const bench = new H2Bench({ settings: [[1, 0]] });
    known(bench);
    bench.connection.received(Buffer.concat([get(1, "/known"), get(3, "/known")]));
    const blocks = framesOf(bench.takeOctets()).filter(({ type }) => type === FrameType.Headers);
    expect(blocks.map(({ payload }) => payload[0])).toEqual([0x20, 0x88]);
    expect(blocks[0]!.payload.subarray(1)).toEqual(blocks[1]!.payload);
  });
});

describe("windows", () => {
  test("of a stream hold back its content, and no other", () => {
    const bench = new H2Bench({ settings: [[4, 10]] });
    bench.lines();
    bench.send(get(1, "/a"), get(3, "/known"));
    bench.application.exchanges[0]!.reply(octetsReply(200, [], Buffer.from("0123456789abc")));
    expect(bench.streamLines()).toEqual(["HEADERS 1 200", 'DATA 1 "0123456789"']);
    expect(bench.send(get(5, "/known"))).toEqual(["HEADERS 5 200 content-length=6", 'DATA 5 "/known" end']);
    expect(bench.send(windowUpdate(1, 1))).toEqual(['DATA 1 "a"']);
    expect(bench.send(windowUpdate(1, 1000))).toEqual(['DATA 1 "bc" end']);
    expect(bench.counters[Gauge.RequestsInFlight]).toBe(0);
    expect(bench.counters[Gauge.Http2StreamsOpen]).toBe(0);
  });

  test("of the connection hold back all", () => {
    const bench = asking([[1], [3]], false);
    bench.application.exchanges[0]!.reply(reply(65_530));
    expect(contentOctetsOf(bench.takeOctets())).toEqual(new Map([[1, 65_530]]));
    bench.application.exchanges[1]!.reply(octetsReply(200, [], Buffer.from("0123456789")));
    expect(bench.lines()).toEqual(["HEADERS 3 200", 'DATA 3 "01234"']);
    expect(bench.send(get(5, "/known"))).toEqual(["HEADERS 5 200 content-length=6"]);
    expect(bench.send(windowUpdate(0, 5))).toEqual(['DATA 3 "56789" end']);
    expect(bench.send(windowUpdate(0, 5000))).toEqual(['DATA 5 "/known" end']);
  });

  test("change with SETTINGS, also below zero", () => {
    const bench = new H2Bench({ settings: [[4, 10]] });
    bench.send(get(1, "/a"));
    bench.lines();
    bench.application.exchanges[0]!.reply(octetsReply(200, [], Buffer.from("0123456789abcdef")));
    expect(bench.lines()).toEqual(["HEADERS 1 200", 'DATA 1 "0123456789"']);
    expect(bench.send(settings([4, 5]))).toEqual(["SETTINGS ACK"]);
    expect(bench.send(windowUpdate(1, 5))).toEqual([]);
    expect(bench.send(windowUpdate(1, 1))).toEqual(['DATA 1 "a"']);
    expect(bench.send(settings([4, 7]))).toEqual(["SETTINGS ACK", 'DATA 1 "bc"']);
    expect(bench.send(settings([4, 1000]))).toEqual(["SETTINGS ACK", 'DATA 1 "def" end']);
  });

  test("that stay closed end the stream, and not the connection", () => {
    const bench = new H2Bench({ settings: [[4, 10]], timeouts: { contentSeconds: Seconds(10) } });
    bench.send(get(1, "/a"), get(3, "/b"));
    bench.lines();
    bench.application.exchanges[0]!.reply(reply(100));
    bench.application.exchanges[1]!.reply(reply(100));
    bench.lines();
    bench.wait(6);
    bench.connection.received(windowUpdate(3, 1));
    bench.wait(6);
    expect(bench.lines()).toEqual(['DATA 3 "x"', "RST_STREAM 1 Cancel"]);
    bench.wait(12);
    expect(bench.lines()).toEqual(["RST_STREAM 3 Cancel"]);
    expect(bench.counters[Counter.TimeoutsIdle]).toBe(2);
    expect(bench.counters[Counter.RequestsAborted]).toBe(2);
    expect(bench.link.deeds).toEqual([]);
  });

  test("that open too slowly, likewise, where there is a rate", () => {
    const bench = new H2Bench({ settings: [[4, 10]], timeouts: { contentSeconds: Seconds(10), sendRateMin: 5 } });
    bench.send(get(1, "/a"));
    bench.application.exchanges[0]!.reply(reply(1000));
    bench.lines();
    bench.wait(6);
    bench.connection.received(windowUpdate(1, 60));
    bench.wait(6);
    expect(bench.lines()).toEqual(["DATA 1 60"]);
    bench.connection.received(windowUpdate(1, 40));
    bench.wait(12);
    expect(bench.lines()).toEqual(['DATA 1 "' + "x".repeat(40) + '"', "RST_STREAM 1 Cancel"]);
  });

  test("of the connection that stay closed end its streams", () => {
    const bench = asking([[1], [3]], false);
    for (const exchange of bench.application.exchanges) exchange.reply(reply(40_000));
    bench.lines();
    bench.wait(32);
    expect(bench.lines()).toEqual(["RST_STREAM 3 Cancel"]);
  });
});

describe("turns", () => {
  const order = (streams: readonly (readonly [number, string?])[], octets = 3 * FRAME_OCTETS_MAX): string => {
    const bench = asking(streams);
    bench.link.room = 0;
    bench.send(ping("12345678")); // what comes now waits, until the client reads again
    for (const exchange of bench.application.exchanges) exchange.reply(reply(octets));
    bench.link.drain();
    return orderOf(bench.takeOctets());
  };

  test("go to streams in their order, one after the other", () => {
    expect(order([[1], [3]])).toBe("1 1 1 3 3 3");
  });

  test("go to those that are incremental in a circle", () => {
    expect(
      order([
        [1, "i"],
        [3, "i"],
      ]),
    ).toBe("1 3 1 3 1 3");
  });

  test("go to the most urgent first", () => {
    expect(order([[1], [3, "u=1"], [5, "u=0"]])).toBe("5 5 5 3 3 3 1 1 1");
  });

  test("may be changed while a response is on its way, and before its request", () => {
    const update = (stream: number, value: string): Buffer =>
      frame(FrameType.PriorityUpdate, 0, 0, Buffer.concat([word(stream), Buffer.from(value)]));
    const bench = asking([[1], [3]]);
    bench.send(update(5, "u=0"), get(5, "/a"), update(3, "u=1"));
    bench.link.room = 0;
    bench.send(ping("12345678"));
    for (const exchange of bench.application.exchanges) exchange.reply(reply(2 * FRAME_OCTETS_MAX));
    bench.link.drain();
    expect(orderOf(bench.takeOctets())).toBe("5 5 3 3 1 1");
  });

  test("come at once to a small response", () => {
    const bench = asking([[1]]);
    bench.link.room = 100_000;
    bench.application.exchanges[0]!.reply(reply(1024 * 1024));
    bench.connection.received(get(3, "/known"));
    bench.link.drain();
    const octets = bench.link.octets;
    const order = orderOf(octets).split(" ");
    expect(order.indexOf("3")).toBeLessThan(10);
    expect(order.filter((stream) => stream === "1")).toHaveLength(64);
  });

  test("end after a megabyte, so that other connections have theirs", async () => {
    const bench = asking([[1]]);
    bench.application.exchanges[0]!.reply(reply(3 * 1024 * 1024));
    expect(contentOctetsOf(bench.takeOctets()).get(1)).toBeLessThanOrEqual(1024 * 1024 + FRAME_OCTETS_MAX);
    let rest = 0;
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      rest += contentOctetsOf(bench.takeOctets()).get(1) ?? 0;
    }
    expect(rest).toBe(2 * 1024 * 1024);
    expect(bench.errors).toEqual([]);
  });
});

describe("a head", () => {
  test("has the fields of its reply alone, too", () => {
    const bench = asking([[1]]);
    const lines = new MoreLines([["Vary", "Origin"]]);
    bench.application.exchanges[0]!.reply(octetsReply(200, [["A", "b"]], Buffer.from("c")).with(lines));
    expect(bench.lines()).toEqual(["HEADERS 1 200 a=b vary=Origin", 'DATA 1 "c" end']);
  });

  test("that is longer than a frame comes in several, with nothing between", () => {
    const bench = asking([[1]]);
    const value = "!".repeat(50_000);
    bench.application.exchanges[0]!.reply(octetsReply(200, [["A", value]], Buffer.alloc(0)));
    const octets = bench.takeOctets();
    expect(framesOf(octets).map(({ type, flags }) => `${FrameType[type]} ${flags}`)).toEqual([
      `Headers ${Flag.EndStream}`,
      "Continuation 0",
      "Continuation 0",
      `Continuation ${Flag.EndHeaders}`,
    ]);
  });

  test("of an interim response comes before the final one", () => {
    const bench = asking([[1]]);
    const [exchange] = bench.application.exchanges;
    exchange!.interim(103, [["Link", "</a.css>; rel=preload"]]);
    expect(bench.lines()).toEqual(["HEADERS 1 103 link=</a.css>; rel=preload"]);
    exchange!.reply(octetsReply(200, [], Buffer.from("c")));
    expect(bench.lines()).toEqual(["HEADERS 1 200", 'DATA 1 "c" end']);
  });

  test("stands alone in the answer to HEAD", () => {
    const bench = new H2Bench();
    bench.send(headers(1, [[":method", "HEAD"], ...GET.slice(1), [":path", "/a"]], Flag.EndStream));
    bench.lines();
    const source = sourceOf(["x"]);
    bench.application.exchanges[0]!.reply(new Reply(buildResponseHead(200, []), new SourceContent(source)));
    expect(bench.lines()).toEqual(["HEADERS 1 200 end"]);
    expect(source.stops).toBe(1);
  });

  test("says nothing about the connection", () => {
    const bench = asking([[1]]);
    bench.application.exchanges[0]!.reply(
      octetsReply(
        200,
        [
          ["Connection", "close"],
          ["Keep-Alive", "1"],
        ],
        Buffer.from("c"),
      ),
    );
    expect(bench.lines()).toEqual(["HEADERS 1 200", 'DATA 1 "c" end']);
  });
});

interface FakeSource extends ContentSource {
  stops: number;
  /** Gives more, or the end. */
  feed(...pieces: readonly (string | SourceEnd)[]): void;
}

function sourceOf(
  pieces: readonly (string | SourceEnd)[],
  octetCount = -1,
  trailers: readonly FieldLine[] = [],
): FakeSource {
  const waiting: (string | SourceEnd)[] = [...pieces];
  return {
    octetCount,
    trailers,
    onReady: null,
    stops: 0,
    read(target: Buffer, start: number, end: number): number {
      const next = waiting[0];
      if (next === undefined) return 0;
      if (typeof next === "number") return next;
      const octets = target.write(next.slice(0, end - start), start, "latin1");
      if (octets < next.length) waiting[0] = next.slice(octets);
      else waiting.shift();
      return octets;
    },
    stop() {
      this.stops++;
    },
    feed(...more) {
      waiting.push(...more);
      this.onReady?.();
    },
  };
}

describe("a source", () => {
  const begin = (source: FakeSource): H2Bench => {
    const bench = asking([[1]]);
    bench.application.exchanges[0]!.reply(new Reply(buildResponseHead(200, []), new SourceContent(source)));
    return bench;
  };

  test("is read as it gives, to its end", () => {
    const source = sourceOf(["abc"]);
    const bench = begin(source);
    expect(bench.lines()).toEqual(["HEADERS 1 200", 'DATA 1 "abc"']);
    source.feed("def");
    expect(bench.lines()).toEqual(['DATA 1 "def"']);
    source.feed(SourceEnd.Done);
    expect(bench.lines()).toEqual(['DATA 1 "" end']);
    expect(source.stops).toBe(1);
    expect(bench.counters[Gauge.RequestsInFlight]).toBe(0);
  });

  test("may have trailers", () => {
    expect(begin(sourceOf(["abc", SourceEnd.Done], -1, [["Check", "sum"]])).lines()).toEqual([
      "HEADERS 1 200",
      'DATA 1 "abc"',
      "HEADERS 1 check=sum end",
    ]);
  });

  test.each([
    ["that fails", sourceOf(["abc", SourceEnd.Failed]), 'DATA 1 "abc"'],
    ["that gives less than it promised", sourceOf(["abc", SourceEnd.Done], 4), 'DATA 1 "abc"'],
    ["that gives more than it promised", sourceOf(["abc", "def"], 4), 'DATA 1 "abc"'],
  ])("%s ends in a reset", (_description, source, last) => {
    const bench = begin(source);
    expect(bench.lines().slice(1)).toEqual([last, "RST_STREAM 1 InternalError"]);
    expect(source.stops).toBe(1);
    expect(bench.counters[Counter.RequestsAborted]).toBe(1);
  });

  test("is stopped when its stream is reset, or its client gone", () => {
    const one = sourceOf(["abc"]);
    begin(one).send(rstStream(1));
    const other = sourceOf(["abc"]);
    begin(other).link.leave();
    expect([one.stops, other.stops]).toEqual([1, 1]);
  });

  test("isn't read while windows are closed", () => {
    const source = sourceOf(["x".repeat(100_000), SourceEnd.Done]);
    const bench = asking([[1]], false);
    bench.application.exchanges[0]!.reply(new Reply(buildResponseHead(200, []), new SourceContent(source)));
    expect(contentOctetsOf(bench.takeOctets()).get(1)).toBe(65_535);
    bench.connection.received(windowUpdate(0, 100_000));
    expect(bench.takeOctets()).toHaveLength(0);
    expect(bench.send(windowUpdate(1, 100_000)).at(-1)).toBe('DATA 1 "" end');
  });
});

class SharedTestFile {
  readonly path = join(folder, "file");
  readonly fd: number;
  uses = 0;

  constructor(content: string) {
    writeFileSync(this.path, content);
    this.fd = openSync(this.path, "r");
  }
  retain(): void {
    this.uses++;
  }
  release(): void {
    this.uses--;
  }
}

describe("a file", () => {
  const content = "0123456789".repeat(10_000);

  test("is read in pieces of a frame", () => {
    const file = new SharedTestFile(content);
    const bench = asking([[1]]);
    bench.application.exchanges[0]!.reply(
      new Reply(buildResponseHead(200, []), new FileContent(file, Offset(3), Octets(50_000))),
    );
    const frames = framesOf(bench.takeOctets()).filter(({ type }) => type === FrameType.Data);
    expect(Buffer.concat(frames.map(({ payload }) => payload)).toString()).toBe(content.slice(3, 50_003));
    expect(frames.map(({ payload }) => payload.length)).toEqual([16_384, 16_384, 16_384, 848]);
    expect(file.uses).toBe(0);
    closeSync(file.fd);
  });

  test("that became shorter ends in a reset", () => {
    const file = new SharedTestFile(content);
    const bench = asking([[1]]);
    truncateSync(file.path, 20_000);
    bench.application.exchanges[0]!.reply(
      new Reply(buildResponseHead(200, []), new FileContent(file, Offset(0), Octets(50_000))),
    );
    expect(bench.lines()).toEqual(["HEADERS 1 200", "DATA 1 16384", "DATA 1 3616", "RST_STREAM 1 InternalError"]);
    expect(file.uses).toBe(0);
    closeSync(file.fd);
  });

  test("in parts is put together", () => {
    const file = new SharedTestFile(content);
    const parts = [
      { lead: Buffer.from("<one>"), offset: Offset(0), octets: Octets(5) },
      { lead: Buffer.from("<two>"), offset: Offset(11), octets: Octets(30_000) },
      { lead: Buffer.from("<three>"), offset: Offset(99_999), octets: Octets(1) },
    ];
    const expected = `<one>01234<two>${content.slice(11, 30_011)}<three>9<end>`;
    for (const memory of [null, Buffer.from(content)]) {
      const bench = asking([[1]]);
      const whole = new PartsContent(
        parts,
        Buffer.from("<end>"),
        memory,
        memory === null ? file : null,
        expected.length,
      );
      bench.application.exchanges[0]!.reply(new Reply(buildResponseHead(206, []), whole));
      const frames = framesOf(bench.takeOctets()).filter(({ type }) => type === FrameType.Data);
      expect(Buffer.concat(frames.map(({ payload }) => payload)).toString()).toBe(expected);
      expect(frames.map(({ payload }) => payload.length)).toEqual([16_384, expected.length - 16_384]);
      expect(file.uses).toBe(0);
    }
    closeSync(file.fd);
  });
});

describe("a client that reads slowly", () => {
  test("gets every octet, however little it takes at a time", () => {
    const bench = asking([[1], [3, "i"], [5, "i"]]);
    const [one, two, three] = bench.application.exchanges;
    bench.link.room = 10;
    one!.reply(reply(70_000));
    two!.reply(reply(50_000));
    three!.reply(reply(30_000));
    for (let turn = 0; turn < 10_000 && bench.counters[Gauge.RequestsInFlight]! > 0; turn++) bench.link.drain(997);
    expect(contentOctetsOf(bench.takeOctets())).toEqual(
      new Map([
        [1, 70_000],
        [3, 50_000],
        [5, 30_000],
      ]),
    );
    expect(bench.counters[Counter.RequestsAborted]).toBe(0);
    expect(bench.errors).toEqual([]);
  });

  test("isn't read from while more than a batch waits for it, and is again afterwards", () => {
    const bench = new H2Bench({ streamsMax: 10_000 });
    bench.send(windowUpdate(0, 0x7fff_0000));
    bench.lines();
    bench.link.room = 0;
    const path = `/known${"x".repeat(400)}`;
    let stream = 1;
    for (; !bench.link.isPaused && stream < 20_000; stream += 20) {
      bench.connection.received(Buffer.concat(Array.from({ length: 10 }, (_, index) => get(stream + 2 * index, path))));
    }
    expect(bench.link.isPaused).toBe(true);
    const asked = (stream - 1) / 2;
    expect(bench.counters[Counter.Requests]).toBeLessThanOrEqual(asked);
    expect(asked * 9).toBeLessThan(3 * BATCH_OCTETS);
    bench.link.drain();
    expect(bench.link.isPaused).toBe(false);
    expect(bench.counters[Counter.Requests]).toBe(asked);
    expect(contentOctetsOf(bench.takeOctets()).size).toBe(asked);
    expect(bench.errors).toEqual([]);
  });

  test("is cut off if it takes nothing", () => {
    const bench = asking([[1]]);
    bench.link.room = 1000;
    bench.application.exchanges[0]!.reply(reply(100_000));
    bench.wait(32);
    expect(bench.link.deeds).toEqual(["terminate"]);
    expect(bench.counters[Counter.TimeoutsIdle]).toBe(1);
    expect(bench.counters[Counter.RequestsAborted]).toBe(1);
  });

  test("isn't, while it acknowledges some of it", () => {
    const bench = asking([[1]]);
    bench.link.room = 1000;
    bench.application.exchanges[0]!.reply(reply(100_000));
    for (let round = 0; round < 5; round++) {
      bench.link.acknowledged += 10;
      bench.wait(25);
    }
    expect(bench.link.deeds).toEqual([]);
  });

  test("that leaves is counted with what it has taken, wherever it was cut", () => {
    for (let room = 1; room < 60_000; room += 1777) {
      const bench = asking([
        [1, "i"],
        [3, "i"],
      ]);
      bench.link.room = room;
      const [one, two] = bench.application.exchanges;
      const source = sourceOf(["x".repeat(20_000), SourceEnd.Done]);
      one!.reply(reply(20_000));
      two!.reply(new Reply(buildResponseHead(200, []), new SourceContent(source)));
      bench.connection.received(Buffer.concat([get(5, "/known"), post(7, "/a")]));
      bench.link.leave();
      const { counters } = bench;
      expect(counters[Counter.OctetsOut]).toBeGreaterThanOrEqual(Math.min(room, 40_000));
      expect(counters[Gauge.RequestsInFlight]).toBe(0);
      expect(counters[Counter.Requests]).toBe(3);
      expect(source.stops).toBe(1);
      expect(bench.parts.room.isEmpty).toBe(true);
      expect(bench.errors).toEqual([]);
    }
  });

  test("may reset a stream whose frames wait for it", () => {
    const bench = asking([[1]]);
    bench.link.room = 100;
    bench.application.exchanges[0]!.reply(reply(100_000));
    bench.connection.received(rstStream(1));
    expect(bench.counters[Counter.RequestsAborted]).toBe(1);
    bench.link.drain();
    expect(bench.send(get(3, "/known")).at(-1)).toBe('DATA 3 "/known" end');
    expect(bench.errors).toEqual([]);
  });
});

test("a reply without an octet of content is its head alone", () => {
  const bench = asking([[1], [3]]);
  bench.application.exchanges[0]!.reply(new Reply(buildResponseHead(304, [])));
  bench.application.exchanges[1]!.reply(new Reply(buildResponseHead(200, []), new OctetsContent(Buffer.alloc(0))));
  expect(bench.lines()).toEqual(["HEADERS 1 304 end", "HEADERS 3 200 end"]);
});

test("an application that gives up resets its stream", () => {
  const bench = asking([[1]]);
  bench.application.exchanges[0]!.abort();
  expect(bench.lines()).toEqual(["RST_STREAM 1 InternalError"]);
  expect(bench.counters[Counter.RequestsAborted]).toBe(1);
  expect(bench.application.exchanges[0]!.upgrade([], () => bench.connection)).toBe(false);
});
