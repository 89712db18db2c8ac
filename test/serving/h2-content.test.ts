/** The content of requests over HTTP/2: dropped, declined, collected, piped, as fast as it is taken. */
import { describe, expect, test } from "bun:test";
import { type ContentSource, SourceContent, SourceEnd } from "../../src/http/content.ts";
import { octetsReply, Reply } from "../../src/http/reply.ts";
import { buildResponseHead, type FieldLine } from "../../src/http/response-head.ts";
import { Flag } from "../../src/http2/frame.ts";
import { ContentWish } from "../../src/serving/application.ts";
import type { ContentSink, Exchange } from "../../src/serving/exchange.ts";
import { Counter, Gauge } from "../../src/stats/layout.ts";
import { data, get, headers, post, rstStream, windowUpdate } from "../http2/support/client-frames.ts";
import { contentOctetsOf, H2Bench } from "./support/h2-bench.ts";
import { Seconds } from "../../src/units.ts";

describe("content that nobody wants", () => {
  test("is dropped, and the answer comes behind it", () => {
    const bench = new H2Bench();
    bench.lines();
    expect(bench.send(post(1, "/known"), data(1, "abc"))).toEqual([]);
    expect(bench.send(data(1, "def", true))).toEqual(["HEADERS 1 200 content-length=6", 'DATA 1 "/known" end']);
    expect(bench.send(post(3, "/known"), data(3, "", true))).toEqual([
      "HEADERS 3 200 content-length=6",
      'DATA 3 "/known" end',
    ]);
    expect(bench.send(post(5, "/known"), headers(5, [["a", "b"]], Flag.EndStream))).toHaveLength(2);
    expect(bench.counters[Gauge.Http2StreamsOpen]).toBe(0);
  });

  test("is asked for where the client waits for that, once", () => {
    const bench = new H2Bench();
    bench.lines();
    expect(bench.send(post(1, "/known", ["expect", "100-continue"]))).toEqual(["HEADERS 1 100"]);
    expect(bench.send(data(1, "abc", true))).toEqual(["HEADERS 1 200 content-length=6", 'DATA 1 "/known" end']);
  });

  test("isn't asked for where it is declined", () => {
    const bench = new H2Bench();
    bench.lines();
    bench.application.wish = ContentWish.Decline;
    expect(bench.send(post(1, "/known", ["expect", "100-continue"]))).toEqual([
      "HEADERS 1 200 content-length=6",
      'DATA 1 "/known" end',
      "RST_STREAM 1 NoError",
    ]);
    expect(bench.send(data(1, "abc", true), get(3, "/known"))).toEqual([
      "HEADERS 3 200 content-length=6",
      'DATA 3 "/known" end',
    ]);
  });

  test("doesn't make a second answer of it, if it comes all the same", () => {
    const bench = new H2Bench();
    bench.lines();
    bench.application.wish = ContentWish.Decline;
    bench.send(post(1, "/a", ["expect", "100-continue"]), data(1, "abc"), data(1, "def", true));
    expect(bench.application.exchanges).toHaveLength(1);
    bench.application.exchanges[0]!.reply(octetsReply(200, [], Buffer.from("no")));
    expect(bench.lines()).toEqual(["HEADERS 1 200", 'DATA 1 "no" end']);
    expect(bench.counters[Counter.Requests]).toBe(1);
  });

  test("of many streams never stalls the connection", () => {
    const bench = new H2Bench({ streamsMax: 100 });
    let credit = 65_535;
    let streamCredit = 65_535;
    const count = (lines: readonly string[]): void => {
      for (const line of lines) {
        const [, stream, octets] = /^WINDOW_UPDATE (\d+) (\d+)$/.exec(line) ?? [];
        if (stream === "0") credit += Number(octets);
        if (stream === "1") streamCredit += Number(octets);
      }
    };
    bench.send(post(1, "/known"));
    for (let sent = 0; sent < 100; sent++) {
      expect(Math.min(credit, streamCredit)).toBeGreaterThanOrEqual(16_000);
      count(bench.send(data(1, "x".repeat(16_000))));
      credit -= 16_000;
      streamCredit -= 16_000;
    }
    expect(bench.send(data(1, "", true))).toContain("HEADERS 1 200 content-length=6");
  });

  test("may not be more than a request may have", () => {
    const bench = new H2Bench({ contentOctetsMax: 5 });
    bench.lines();
    expect(bench.send(post(1, "/a", ["content-length", "6"]))).toEqual([
      "HEADERS 1 413 content-length=0 end",
      "RST_STREAM 1 NoError",
    ]);
    expect(bench.send(post(3, "/a"), data(3, "abc"))).toEqual([]);
    expect(bench.send(data(3, "def"), data(3, "ghi"))).toEqual([
      "HEADERS 3 413 content-length=0 end",
      "RST_STREAM 3 NoError",
    ]);
    expect(bench.application.exchanges).toHaveLength(0);
    expect(bench.counters[Counter.StatusFirst + 313]).toBe(2);
    expect(bench.counters[Gauge.RequestsInFlight]).toBe(0);
  });

  test("must come at some rate", () => {
    const bench = new H2Bench({ timeouts: { contentSeconds: Seconds(10), receiveRateMin: 10 } });
    bench.lines();
    bench.send(post(1, "/a"));
    bench.wait(6);
    bench.send(data(1, "x".repeat(100)));
    bench.wait(6);
    expect(bench.lines()).toEqual([]);
    bench.send(data(1, "x".repeat(50)));
    bench.wait(11);
    expect(bench.lines()).toEqual(["HEADERS 1 408 content-length=0 end", "RST_STREAM 1 NoError"]);
    expect(bench.counters[Counter.TimeoutsIdle]).toBe(1);
    expect(bench.link.deeds).toEqual([]);
  });
});

describe("an application that wants content", () => {
  const ask = (onAnswer: (exchange: Exchange) => void): H2Bench => {
    const bench = new H2Bench();
    bench.application.wish = ContentWish.Stream;
    bench.application.onAnswer = onAnswer;
    bench.lines();
    return bench;
  };

  test("gets it in one piece", () => {
    const bench = ask((exchange) =>
      exchange.content.collect(10, (content) => exchange.reply(octetsReply(200, [], Buffer.from(String(content))))),
    );
    expect(bench.send(post(1, "/a"), data(1, "abc"), data(1, "def", true)).at(-1)).toBe('DATA 1 "abcdef" end');
    expect(bench.send(get(3, "/a")).at(-1)).toBe("HEADERS 3 200 end");
    expect(bench.send(post(5, "/a"), data(5, "0123456789!")).slice(1)).toEqual([
      "HEADERS 5 200",
      'DATA 5 "null" end',
      "RST_STREAM 5 NoError",
    ]);
    expect(bench.send(post(7, "/a", ["content-length", "11"])).at(-1)).toBe("RST_STREAM 7 NoError");
  });

  test("has the client asked for it, when it wants it", () => {
    const bench = ask(() => {});
    expect(bench.send(post(1, "/a", ["expect", "100-continue"]))).toEqual([]);
    const [exchange] = bench.application.exchanges;
    exchange!.content.collect(10, (content) => exchange!.reply(octetsReply(200, [], Buffer.from(String(content)))));
    expect(bench.streamLines()).toEqual(["HEADERS 1 100", "WINDOW_UPDATE 1 196609"]);
    expect(bench.send(data(1, "abc", true)).at(-1)).toBe('DATA 1 "abc" end');
  });

  test("that replies first ends the stream with its reply", () => {
    const bench = ask((exchange) => exchange.reply(octetsReply(200, [], Buffer.from("no"))));
    expect(bench.send(post(1, "/a"), data(1, "abc"))).toEqual([
      "HEADERS 1 200",
      'DATA 1 "no" end',
      "RST_STREAM 1 NoError",
    ]);
    expect(bench.send(data(1, "def", true))).toEqual([]);
    expect(bench.counters[Gauge.Http2StreamsOpen]).toBe(0);
  });

  test("that takes none for now leaves it with the client, but for a window", () => {
    const taken: string[] = [];
    let isWilling = false;
    const bench = ask((exchange) =>
      exchange.content.pipe({
        take: (octets, start, end) => {
          taken.push(octets.toString("latin1", start, end));
          return isWilling;
        },
        end: (trailers) => taken.push(`end ${JSON.stringify(trailers)}`),
        aborted: () => taken.push("aborted"),
      }),
    );
    bench.send(post(1, "/a"), data(1, "one"), data(1, "two"), data(1, "three"));
    expect(taken).toEqual(["one"]);
    bench.application.exchanges[0]!.content.resume();
    expect(taken).toEqual(["one", "two"]);
    bench.send(headers(1, [["check", "sum"]], Flag.EndStream));
    isWilling = true;
    bench.application.exchanges[0]!.content.resume();
    expect(taken).toEqual(["one", "two", "three", 'end [["check","sum"]]']);
  });

  test("isn't hurried: only what it has yet to take is bounded", () => {
    const bench = ask((exchange) => exchange.content.pipe({ take: () => false, end: () => {}, aborted: () => {} }));
    bench.send(post(1, "/a"));
    // The stream's window was widened to 256 KiB; the first piece was taken.
    for (let sent = 0; sent < 16; sent++) expect(bench.send(data(1, "x".repeat(16_384))).join()).not.toContain("RST");
    expect(bench.send(data(1, "x".repeat(16_384)))).toContain("RST_STREAM 1 FlowControlError");
    expect(bench.send(get(3, "/known")).at(-1)).toBe('DATA 3 "/known" end'); // others go on
  });

  test("of whose client nothing more comes is told so", () => {
    const events: string[] = [];
    const sink = (): ContentSink => ({
      take: () => true,
      end: () => events.push("end"),
      aborted: () => events.push("aborted"),
    });
    const bench = ask((exchange) => {
      exchange.content.pipe(sink());
      exchange.onAbandoned = () => events.push("abandoned");
    });
    bench.send(post(1, "/a"), data(1, "abc"), rstStream(1));
    expect(events).toEqual(["aborted", "abandoned"]);
    bench.wait(1);
    bench.send(post(3, "/a"), data(3, "abc"));
    bench.wait(70);
    expect(bench.streamLines().slice(-2)).toEqual(["HEADERS 3 408 content-length=0 end", "RST_STREAM 3 NoError"]);
    expect(events).toEqual(["aborted", "abandoned", "aborted", "abandoned"]);
    expect(bench.counters[Gauge.RequestsInFlight]).toBe(0);
  });
});

/** Gives back what it takes, holding no more than `octetsMax`. */
class Echo implements ContentSink, ContentSource {
  onReady: (() => void) | null = null;
  octetCount = -1;
  trailers: readonly FieldLine[] = [];
  heldMax = 0;
  readonly events: string[] = [];
  isDone = false;
  private held = Buffer.alloc(0);
  private isPaused = false;

  constructor(
    private readonly exchange: Exchange,
    private readonly octetsMax = 64 * 1024,
  ) {}

  take(octets: Buffer, start: number, end: number): boolean {
    this.held = Buffer.concat([this.held, octets.subarray(start, end)]);
    this.heldMax = Math.max(this.heldMax, this.held.length);
    this.isPaused = this.held.length >= this.octetsMax;
    this.onReady?.();
    return !this.isPaused;
  }

  end(trailers: readonly FieldLine[]): void {
    this.trailers = trailers;
    this.isDone = true;
    this.onReady?.();
  }

  aborted(): void {
    this.events.push("aborted");
  }

  read(target: Buffer, start: number, end: number): number {
    if (this.held.length === 0) return this.isDone ? SourceEnd.Done : 0;
    const octets = this.held.copy(target, start, 0, Math.min(this.held.length, end - start));
    this.held = this.held.subarray(octets);
    if (this.isPaused && this.held.length < this.octetsMax) {
      this.isPaused = false;
      this.exchange.content.resume();
    }
    return octets;
  }

  stop(): void {
    this.events.push("stopped");
  }
}

function echoBench(): { bench: H2Bench; echoes: Echo[] } {
  const bench = new H2Bench();
  const echoes: Echo[] = [];
  bench.application.wish = ContentWish.Stream;
  bench.application.onAnswer = (exchange) => {
    const echo = new Echo(exchange);
    echoes.push(echo);
    exchange.content.pipe(echo);
    exchange.reply(new Reply(buildResponseHead(200, []), new SourceContent(echo)));
  };
  bench.lines();
  return { bench, echoes };
}

describe("echo", () => {
  test("comes back as it goes, with its trailers", () => {
    const { bench, echoes } = echoBench();
    bench.send(post(1, "/echo"), data(1, "abc"));
    expect(bench.send(data(1, "def")).filter((line) => line.startsWith("DATA"))).toEqual(['DATA 1 "def"']);
    expect(bench.send(headers(1, [["check", "sum"]], Flag.EndStream))).toEqual(["HEADERS 1 check=sum end"]);
    expect(echoes[0]!.events).toEqual(["stopped"]);
    expect(bench.send(post(3, "/echo"), data(3, "hi", true)).slice(-2)).toEqual(['DATA 3 "hi"', 'DATA 3 "" end']);
    expect(bench.errors).toEqual([]);
    expect(bench.counters[Gauge.RequestsInFlight]).toBe(0);
  });

  test("of 1 GiB holds no more than windows, whoever is slow", () => {
    const { bench, echoes } = echoBench();
    const total = 1024 ** 3;
    const piece = data(1, Buffer.alloc(16_384, "x"));
    bench.connection.received(post(1, "/echo"));
    let credit = 65_535;
    let sent = 0;
    let received = 0;
    let heldMax = 0;
    let turns = 0;
    let owed = 0;
    let pending = Buffer.alloc(0);
    const count = (): void => {
      // Frames may be cut where the link was full.
      const octets = Buffer.concat([pending, bench.takeOctets()]);
      let at = 0;
      while (at + 9 <= octets.length && at + 9 + octets.readUIntBE(at, 3) <= octets.length) {
        const length = octets.readUIntBE(at, 3);
        const isOfStream = octets.readUInt32BE(at + 5) === 1;
        if (octets[at + 3] === 0) {
          received += length;
          owed += length;
        }
        if (octets[at + 3] === 8 && isOfStream) credit += octets.readUInt32BE(at + 9);
        at += 9 + length;
      }
      pending = Buffer.from(octets.subarray(at));
      heldMax = Math.max(heldMax, echoes[0]!.heldMax);
      if (owed < 2048 || bench.link.isPaused) return;
      bench.connection.received(Buffer.concat([windowUpdate(0, owed), windowUpdate(1, owed)]));
      owed = 0;
    };
    count();
    bench.link.room = 0;
    while ((sent < total || received < total) && turns++ < 1e6) {
      while (!bench.link.isPaused && sent < total && credit >= 16_384) {
        bench.connection.received(piece);
        sent += 16_384;
        credit -= 16_384;
      }
      bench.link.drain(turns % 3 === 0 ? 1 : 1024 * 1024);
      count();
    }
    expect(sent).toBe(total);
    expect(received).toBe(total);
    expect(heldMax).toBeLessThanOrEqual(512 * 1024);
    expect(bench.errors).toEqual([]);
  });

  test("an abort at each step is told to both sides", () => {
    const octets = Buffer.concat([
      post(1, "/echo"),
      data(1, "abc"),
      data(1, "def"),
      headers(1, [["a", "b"]], Flag.EndStream),
    ]);
    for (let cut = post(1, "/echo").length; cut < octets.length; cut++) {
      const { bench, echoes } = echoBench();
      bench.send(octets.subarray(0, cut));
      bench.link.leave();
      expect(echoes[0]!.events.sort()).toEqual(["aborted", "stopped"]);
      expect(bench.counters[Counter.RequestsAborted]).toBe(1);
      expect(bench.counters[Gauge.RequestsInFlight]).toBe(0);
    }
  });

  test("of several streams at a time", () => {
    const { bench } = echoBench();
    bench.send(post(1, "/echo"), post(3, "/echo"), post(5, "/echo"));
    bench.connection.received(
      Buffer.concat([data(1, "a".repeat(10)), data(5, "c".repeat(30)), data(3, "b".repeat(20), true)]),
    );
    expect([...contentOctetsOf(bench.takeOctets())].sort()).toEqual([
      [1, 10],
      [3, 20],
      [5, 30],
    ]);
  });
});
