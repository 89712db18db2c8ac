/** Content in both directions, as it comes and as fast as it is taken. */
import { describe, expect, test } from "bun:test";
import { type ContentSource, SourceContent, SourceEnd } from "../../src/http/content.ts";
import { Reply } from "../../src/http/reply.ts";
import { buildResponseHead, type FieldLine } from "../../src/http/response-head.ts";
import { ContentWish } from "../../src/serving/application.ts";
import type { ContentSink, Exchange } from "../../src/serving/exchange.ts";
import type { Link, SocketOwner } from "../../src/socket/link.ts";
import { Counter } from "../../src/stats/layout.ts";
import { H1Bench, textReply } from "./support/h1-bench.ts";

/** Gives back what it takes, holding no more than `octetsMax`. */
class Echo implements ContentSink, ContentSource {
  onReady: (() => void) | null = null;
  octetCount = -1;
  trailers: readonly FieldLine[] = [];
  held = Buffer.alloc(0);
  heldMax = 0;
  events: string[] = [];
  isDone = false;
  private isPaused = false;

  constructor(
    private readonly exchange: Exchange,
    private readonly octetsMax = 64 * 1024,
  ) {}

  take(octets: Buffer, start: number, end: number): boolean {
    this.held = Buffer.concat([this.held, octets.subarray(start, end)]);
    this.heldMax = Math.max(this.heldMax, this.held.length);
    this.onReady?.();
    this.isPaused = this.held.length >= this.octetsMax;
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

function echoBench(octetsMax?: number): { bench: H1Bench; echo: () => Echo } {
  const bench = new H1Bench();
  let echo: Echo | null = null;
  bench.application.wish = ContentWish.Stream;
  bench.application.onAnswer = (exchange) => {
    echo = new Echo(exchange, octetsMax);
    exchange.content.pipe(echo);
    exchange.reply(new Reply(buildResponseHead(200, []), new SourceContent(echo)));
  };
  return { bench, echo: () => echo! };
}

const post = (fields: string, content = ""): string => `POST /echo HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${content}`;
const CHUNKED_HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

describe("echo", () => {
  test("comes back as it goes, with its trailers, and the connection goes on", () => {
    const { bench, echo } = echoBench();
    expect(bench.send(post("Transfer-Encoding: chunked", "3\r\nabc\r\n"))).toBe(`${CHUNKED_HEAD}3\r\nabc\r\n`);
    expect(bench.send("1\r\nd\r\n0\r\nCheck: sum\r\n\r\n")).toBe("1\r\nd\r\n0\r\nCheck: sum\r\n\r\n");
    expect(echo().events).toEqual(["stopped"]);
    expect(bench.send(post("Content-Length: 2", "hi"))).toBe(`${CHUNKED_HEAD}2\r\nhi\r\n0\r\n\r\n`);
    expect(bench.errors).toEqual([]);
  });

  test("of 1 GiB holds no more than a piece, whoever is slow", () => {
    const { bench, echo } = echoBench();
    const piece = Buffer.alloc(256 * 1024, "x");
    const total = 1024 ** 3;
    bench.connection.received(Buffer.from(post(`Content-Length: ${total}`)));
    bench.link.room = 0;
    let sent = 0;
    let received = 0;
    let heldMax = 0;
    const count = (): void => {
      received += bench.link.taken();
      heldMax = Math.max(heldMax, echo().heldMax);
    };
    let turns = 0;
    while (!echo().isDone && turns++ < 1e6) {
      if (!bench.link.isPaused && sent < total) {
        bench.connection.received(piece);
        sent += piece.length;
      }
      bench.link.drain(turns % 3 === 0 ? 1 : 1024 * 1024);
      count();
    }
    while (bench.link.room === 0) {
      bench.link.drain(1024 * 1024);
      count();
    }
    expect(sent).toBe(total);
    expect(received).toBeGreaterThan(total);
    expect(heldMax).toBeLessThan(512 * 1024);
    expect(bench.errors).toEqual([]);
  });

  test("to HTTP/1.0 ends with the connection", () => {
    const { bench } = echoBench();
    const request = "POST /echo HTTP/1.0\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi";
    expect(bench.send(request)).toBe("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhi");
    expect(bench.link.deeds).toEqual(["close"]);
  });

  test("an abort at each step is told to both sides", () => {
    const octets = post("Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n");
    const beforeEnd = octets.length - 1;
    for (let cut = octets.indexOf("\r\n\r\n") + 4; cut <= beforeEnd; cut++) {
      const { bench, echo } = echoBench();
      bench.send(octets.slice(0, cut));
      bench.connection.closed();
      expect(echo().events.sort()).toEqual(["aborted", "stopped"]);
      expect(bench.parts.counters[Counter.RequestsAborted]).toBe(1);
    }
  });

  test("a malformed chunk ends both sides, as the response has begun", () => {
    const { bench, echo } = echoBench();
    bench.send(post("Transfer-Encoding: chunked", "3\r\nabcd"));
    expect(bench.link.deeds).toEqual(["terminate"]);
    expect(echo().events.sort()).toEqual(["aborted", "stopped"]);
  });

  test("a client that sends nothing more is cut off", () => {
    const { bench, echo } = echoBench();
    bench.send(post("Content-Length: 5", "ab"));
    bench.wait(40);
    expect(bench.link.deeds).toEqual(["terminate"]);
    expect(echo().events.sort()).toEqual(["aborted", "stopped"]);
  });
});

describe("a source", () => {
  class Pieces implements ContentSource {
    onReady: (() => void) | null = null;
    readonly trailers = [];
    stops = 0;

    constructor(
      readonly octetCount: number,
      private readonly pieces: (string | null | SourceEnd)[],
    ) {}

    read(target: Buffer, start: number): number {
      const piece = this.pieces.shift();
      if (piece === undefined) return SourceEnd.Done;
      if (piece === null) return 0;
      return typeof piece === "number" ? piece : target.write(piece, start, "latin1");
    }

    stop(): void {
      this.stops++;
    }
  }

  function replyWith(source: Pieces, method = "GET"): { bench: H1Bench; received: string } {
    const bench = new H1Bench();
    const fields: FieldLine[] = source.octetCount < 0 ? [] : [["Content-Length", String(source.octetCount)]];
    bench.application.onAnswer = (exchange) =>
      exchange.reply(new Reply(buildResponseHead(200, fields), new SourceContent(source)));
    return { bench, received: bench.send(`${method} /a HTTP/1.1\r\nHost: a\r\n\r\n`) };
  }

  test("of known length is sent as it is", () => {
    const { received } = replyWith(new Pieces(4, ["ab", "cd"]));
    expect(received).toBe("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd");
  });

  test("that pauses goes on when it is ready", () => {
    const source = new Pieces(-1, ["ab", null, "cd"]);
    const { bench, received } = replyWith(source);
    expect(received).toBe(`${CHUNKED_HEAD}2\r\nab\r\n`);
    source.onReady!();
    expect(bench.link.take()).toBe("2\r\ncd\r\n0\r\n\r\n");
    expect(source.stops).toBe(1);
  });

  test.each([
    ["gives less than promised", new Pieces(4, ["ab"])],
    ["gives more than promised", new Pieces(2, ["abc"])],
    ["fails", new Pieces(-1, ["ab", SourceEnd.Failed])],
  ])("that %s ends the connection: its framing would lie", (_what, source) => {
    const { bench } = replyWith(source);
    expect(bench.link.deeds).toEqual(["terminate"]);
    expect(source.stops).toBe(1);
    expect(bench.parts.counters[Counter.RequestsAborted]).toBe(1);
  });

  test("isn't read for HEAD", () => {
    const source = new Pieces(4, ["abcd"]);
    expect(replyWith(source, "HEAD").received).toBe("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
    expect(source.stops).toBe(1);
  });

  test("that is abandoned before its reply is given is stopped", () => {
    const bench = new H1Bench();
    const source = new Pieces(-1, ["ab"]);
    bench.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    bench.connection.closed();
    bench.application.exchanges[0]!.reply(new Reply(buildResponseHead(200, []), new SourceContent(source)));
    expect(source.stops).toBe(1);
  });
});

describe("content and the application", () => {
  const collect = (exchange: Exchange, got: string[]): void =>
    exchange.content.pipe({
      take: (octets, start, end) => got.push(octets.toString("latin1", start, end)) > 0,
      end: () => got.push("end"),
      aborted: () => got.push("aborted"),
    });

  test("isn't read until it is taken", () => {
    const bench = new H1Bench();
    const got: string[] = [];
    bench.application.wish = ContentWish.Stream;
    bench.send(post("Content-Length: 4", "ab"));
    expect(bench.link.isPaused).toBe(true);
    collect(bench.application.exchanges[0]!, got);
    expect(got).toEqual(["ab"]);
    expect(bench.link.isPaused).toBe(false);
    bench.send("cd");
    expect(got).toEqual(["ab", "cd", "end"]);
  });

  test("100 is sent when it is taken, and not before", () => {
    const bench = new H1Bench();
    const got: string[] = [];
    bench.application.wish = ContentWish.Stream;
    expect(bench.send(post("Content-Length: 2\r\nExpect: 100-continue"))).toBe("");
    collect(bench.application.exchanges[0]!, got);
    expect(bench.link.take()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    bench.send("ab");
    bench.application.exchanges[0]!.reply(textReply(200, "got"));
    expect(bench.link.take()).toBe("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ngot");
    expect(got).toEqual(["ab", "end"]);
  });

  test("a reply before the content drops the rest, and the connection goes on", () => {
    const bench = new H1Bench();
    bench.application.wish = ContentWish.Stream;
    bench.application.onAnswer = (exchange) => exchange.reply(textReply(413, ""));
    expect(bench.send(post("Content-Length: 4", "ab"))).toBe(
      "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n",
    );
    expect(bench.send("cdGET /known HTTP/1.1\r\nHost: a\r\n\r\n")).toEndWith("/known");
  });

  test("a reply in place of 100 closes", () => {
    const bench = new H1Bench();
    bench.application.wish = ContentWish.Stream;
    bench.application.onAnswer = (exchange) => exchange.reply(textReply(403, ""));
    const received = bench.send(post("Content-Length: 4\r\nExpect: 100-continue"));
    expect(received).toBe("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    expect(bench.link.deeds).toEqual(["shutdown"]);
  });

  describe("collected", () => {
    const collected = (bench: H1Bench, octetsMax: number): (string | null)[] => {
      const got: (string | null)[] = [];
      bench.application.wish = ContentWish.Stream;
      bench.application.onAnswer = (exchange) =>
        exchange.content.collect(octetsMax, (content) => {
          got.push(content === null ? null : content.toString("latin1"));
          exchange.reply(textReply(content === null ? 413 : 200, ""));
        });
      return got;
    };

    test("in one piece, however it comes", () => {
      const bench = new H1Bench();
      const got = collected(bench, 4);
      bench.send(post("Content-Length: 4", "ab"));
      expect(bench.send("cd")).toStartWith("HTTP/1.1 200");
      expect(bench.send(post("Transfer-Encoding: chunked", "4\r\nefgh\r\n0\r\n\r\n"))).toStartWith("HTTP/1.1 200");
      expect(got).toEqual(["abcd", "efgh"]);
    });

    test("not beyond its limit, announced or not; the connection goes on", () => {
      const bench = new H1Bench();
      const got = collected(bench, 3);
      expect(bench.send(post("Content-Length: 4", "abcd"))).toStartWith("HTTP/1.1 413");
      expect(bench.send(post("Transfer-Encoding: chunked", "4\r\nefgh\r\n0\r\n\r\n"))).toStartWith("HTTP/1.1 413");
      expect(bench.send("GET /known HTTP/1.1\r\nHost: a\r\n\r\n")).toEndWith("/known");
      expect(got).toEqual([null, null]);
    });

    test("null when the client goes", () => {
      const bench = new H1Bench();
      const got = collected(bench, 9);
      bench.send(post("Content-Length: 4", "ab"));
      bench.connection.closed();
      expect(got).toEqual([null]);
    });
  });

  test("an application that gives up ends the connection", () => {
    const bench = new H1Bench();
    bench.send("GET /a HTTP/1.1\r\nHost: a\r\n\r\n");
    bench.application.exchanges[0]!.abort();
    expect(bench.link.deeds).toEqual(["terminate"]);
  });
});

test("a switch of protocols hands the link over, with what came behind the request", () => {
  const bench = new H1Bench();
  const got: string[] = [];
  let link: Link | null = null;
  const owner: SocketOwner = {
    received: (octets) => got.push(octets.toString("latin1")),
    writable: () => got.push("writable"),
    ended: () => got.push("ended"),
    closed: () => got.push("closed"),
    drain: () => got.push("drain"),
  };
  bench.application.onAnswer = (exchange) => {
    exchange.upgrade([["Upgrade", "echo"]], (given) => {
      link = given;
      return owner;
    });
  };
  const received = bench.send("GET /a HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\nfirst");
  expect(received).toBe("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
  bench.send("second");
  bench.connection.writable();
  bench.wait(100);
  bench.connection.closed();
  expect(got).toEqual(["first", "second", "writable", "closed"]);
  expect(link as Link | null).toBe(bench.link);
});
