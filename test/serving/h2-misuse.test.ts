/** What a client may not do over HTTP/2: each with the error, and whether it ends a stream or the connection (RFC 9113 §5.4). */
import { describe, expect, test } from "bun:test";
import { ErrorCode, Flag, FrameType } from "../../src/http2/frame.ts";
import { ContentWish } from "../../src/serving/application.ts";
import { Counter } from "../../src/stats/layout.ts";
import {
  block,
  data,
  frame,
  get,
  GET,
  headers,
  post,
  rstStream,
  settings,
  windowUpdate,
  word,
} from "../http2/support/client-frames.ts";
import { H2Bench, ping } from "./support/h2-bench.ts";

const priority = (stream: number, dependency: number): Buffer =>
  frame(FrameType.Priority, 0, stream, Buffer.concat([word(dependency), Buffer.from([16])]));
const priorityUpdate = (stream: number, value: string): Buffer =>
  frame(FrameType.PriorityUpdate, 0, 0, Buffer.concat([word(stream), Buffer.from(value)]));

/** What the server says to frames, and whether the connection goes on. */
function replyTo(...frames: readonly Buffer[]): { lines: readonly string[]; goesOn: boolean } {
  const bench = new H2Bench();
  bench.lines();
  const lines = bench.send(...frames);
  expect(bench.errors).toEqual([]);
  return { lines, goesOn: bench.link.deeds.length === 0 };
}

describe("ends the stream", () => {
  const rows: readonly (readonly [description: string, frames: readonly Buffer[], lines: readonly string[]])[] = [
    [
      "a request without a path",
      [headers(1, GET, Flag.EndStream)],
      ["HEADERS 1 400 content-length=0", "RST_STREAM 1 ProtocolError"],
    ],
    [
      "a field name in upper case",
      [get(1, "/known", ["Accept", "a"])],
      ["HEADERS 1 400 content-length=0", "RST_STREAM 1 ProtocolError"],
    ],
    [
      "a field about the connection",
      [get(1, "/known", ["connection", "close"])],
      ["HEADERS 1 400 content-length=0", "RST_STREAM 1 ProtocolError"],
    ],
    [
      "Content-Length, and no content",
      [get(1, "/known", ["content-length", "1"])],
      ["HEADERS 1 400 content-length=0", "RST_STREAM 1 ProtocolError"],
    ],
    [
      "less content than Content-Length",
      [post(1, "/known", ["content-length", "4"]), data(1, "abc", true)],
      ["RST_STREAM 1 ProtocolError"],
    ],
    [
      "more content than Content-Length",
      [post(1, "/known", ["content-length", "2"]), data(1, "abc")],
      ["RST_STREAM 1 ProtocolError"],
    ],
    [
      "less content than Content-Length, and trailers",
      [post(1, "/known", ["content-length", "2"]), headers(1, [["a", "b"]], Flag.EndStream)],
      ["RST_STREAM 1 ProtocolError"],
    ],
    ["a second head", [post(1, "/known"), headers(1, [["a", "b"]], Flag.None)], ["RST_STREAM 1 ProtocolError"]],
    [
      "a pseudo-field in trailers",
      [post(1, "/known"), headers(1, [[":path", "/"]], Flag.EndStream)],
      ["RST_STREAM 1 ProtocolError"],
    ],
    [
      "a request that depends on itself",
      [frame(FrameType.Headers, 0x25, 1, Buffer.concat([word(1), Buffer.from([16]), block([...GET, [":path", "/"]])]))],
      ["RST_STREAM 1 ProtocolError"],
    ],
    ["an open stream that depends on itself", [post(1, "/known"), priority(1, 1)], ["RST_STREAM 1 ProtocolError"]],
    [
      "PRIORITY of another length",
      [post(1, "/known"), frame(FrameType.Priority, 0, 1, "1234")],
      ["RST_STREAM 1 FrameSizeError"],
    ],
    ["DATA after its end", [get(1, "/a"), data(1, "x")], ["RST_STREAM 1 StreamClosed"]],
    ["HEADERS after its end", [get(1, "/a"), headers(1, [["a", "b"]], Flag.EndStream)], ["RST_STREAM 1 StreamClosed"]],
    ["DATA after its reset", [post(1, "/a"), rstStream(1), data(1, "x")], ["RST_STREAM 1 StreamClosed"]],
    [
      "HEADERS after its reset",
      [post(1, "/a"), rstStream(1), headers(1, [], Flag.EndStream)],
      ["RST_STREAM 1 StreamClosed"],
    ],
    ["a window that opens by nothing", [post(1, "/a"), windowUpdate(1, 0)], ["RST_STREAM 1 ProtocolError"]],
    ["a window that is too large", [post(1, "/a"), windowUpdate(1, 0x7fff_ffff)], ["RST_STREAM 1 FlowControlError"]],
  ];

  test.each(rows)("%s", (_description, frames, lines) => {
    expect(replyTo(...frames)).toEqual({ lines, goesOn: true });
  });
});

describe("ends the connection", () => {
  const rows: readonly (readonly [description: string, frames: readonly Buffer[], line: string])[] = [
    ["DATA on a stream that hasn't begun", [data(1, "x")], "GOAWAY 0 ProtocolError"],
    ["RST_STREAM on one", [rstStream(1)], "GOAWAY 0 ProtocolError"],
    ["WINDOW_UPDATE on one", [windowUpdate(1, 2000)], "GOAWAY 0 ProtocolError"],
    ["a request on a stream of the server's", [get(2, "/known")], "GOAWAY 0 ProtocolError"],
    ["DATA on one", [data(2, "x")], "GOAWAY 0 ProtocolError"],
    ["RST_STREAM on one", [rstStream(4)], "GOAWAY 0 ProtocolError"],
    ["WINDOW_UPDATE on one", [windowUpdate(6, 2000)], "GOAWAY 0 ProtocolError"],
    ["a request on a stream that was passed over", [get(5, "/known"), get(3, "/known")], "GOAWAY 5 ProtocolError"],
    ["DATA on one", [get(5, "/known"), data(3, "x")], "GOAWAY 5 ProtocolError"],
    ["a second request on a stream", [get(1, "/known"), get(1, "/known")], "GOAWAY 1 StreamClosed"],
    ["DATA on a stream that has ended", [get(1, "/known"), data(1, "x")], "GOAWAY 1 StreamClosed"],
    ["a field block that can't be decoded", [frame(FrameType.Headers, 5, 1, "\x80")], "GOAWAY 0 CompressionError"],
    [
      "trailers that can't be decoded",
      [post(1, "/a"), frame(FrameType.Headers, 5, 1, "\xff\xff\xff\xff\xff\xff")],
      "GOAWAY 1 CompressionError",
    ],
    [
      "a block for a stream that was reset, likewise",
      [post(1, "/a"), rstStream(1), frame(FrameType.Headers, 5, 1, "\x80")],
      "GOAWAY 1 CompressionError",
    ],
    ["a window that opens by nothing", [windowUpdate(0, 0)], "GOAWAY 0 ProtocolError"],
    ["a window that is too large", [windowUpdate(0, 0x7fff_ffff)], "GOAWAY 0 FlowControlError"],
    ["an initial window that is too large", [settings([4, 0x8000_0000])], "GOAWAY 0 FlowControlError"],
    [
      "an initial window that makes another too large",
      [get(1, "/a"), windowUpdate(1, 0x7fff_ffff - 65_535), settings([4, 65_536])],
      "GOAWAY 1 FlowControlError",
    ],
    ["a stream that hasn't begun and depends on itself", [priority(1, 1)], "GOAWAY 0 ProtocolError"],
    ["ENABLE_PUSH of 2", [settings([2, 2])], "GOAWAY 0 ProtocolError"],
    ["a priority for a stream of the server's", [priorityUpdate(2, "u=1")], "GOAWAY 0 ProtocolError"],
  ];

  test.each(rows)("%s", (_description, frames, line) => {
    const { lines, goesOn } = replyTo(...frames);
    expect({ line: lines.at(-1), goesOn }).toEqual({ line, goesOn: false });
  });

  test("more content than the connection's window allows", () => {
    const bench = new H2Bench();
    bench.application.wish = ContentWish.Stream; // nobody takes it
    bench.send(post(1, "/a"), post(3, "/b"));
    const { lines } = { lines: bench.send(...Array.from({ length: 5 }, () => data(1, "x".repeat(16_384)))) };
    // The stream's own window is exceeded first; the connection's is always given back.
    expect(lines.filter((line) => line.startsWith("RST"))).toEqual(["RST_STREAM 1 FlowControlError"]);
    expect(bench.link.deeds).toEqual([]);
  });
});

describe("is no fault, as the client couldn't know better", () => {
  test.each([
    ["WINDOW_UPDATE for a stream that has ended", [get(1, "/known"), windowUpdate(1, 2000)]],
    ["RST_STREAM for one", [get(1, "/known"), rstStream(1)]],
    ["PRIORITY for one, or one that hasn't begun", [get(1, "/known"), priority(1, 0), priority(9, 1), priority(4, 1)]],
    [
      "a priority for one, or one that hasn't begun",
      [get(1, "/known"), priorityUpdate(1, "u=1"), priorityUpdate(9, "i")],
    ],
    ["WINDOW_UPDATE for a stream that was passed over", [get(5, "/known"), windowUpdate(3, 2000), rstStream(3)]],
  ])("%s", (_description, frames) => {
    const { lines, goesOn } = replyTo(...frames);
    expect(goesOn).toBe(true);
    expect(lines.filter((line) => !/^(HEADERS|DATA)/.test(line))).toEqual([]);
  });

  test("whatever comes on a stream that we have reset, whose blocks are decoded all the same", () => {
    const bench = new H2Bench();
    const indexing = Buffer.from("\x40\x01a\x01b", "latin1"); // enters the table
    expect(
      bench
        .send(
          post(1, "/known", ["content-length", "1"]),
          data(1, "abc"),
          data(1, "def"),
          windowUpdate(1, 2000),
          frame(FrameType.Headers, Flag.EndHeaders | Flag.EndStream, 1, indexing),
          rstStream(1),
          frame(
            FrameType.Headers,
            Flag.EndHeaders | Flag.EndStream,
            3,
            Buffer.concat([block([...GET, [":path", "/known"]]), Buffer.from([0xbe])]),
          ),
        )
        .slice(-3),
    ).toEqual(["RST_STREAM 1 ProtocolError", "HEADERS 3 200 content-length=6", 'DATA 3 "/known" end']);
  });
});

describe("more streams than there may be", () => {
  test("are refused, and may be tried again", () => {
    const bench = new H2Bench({ streamsMax: 2 });
    bench.lines();
    expect(bench.send(get(1, "/a"), get(3, "/b"), get(5, "/known"), post(7, "/c"), data(7, "abc", true))).toEqual([
      "RST_STREAM 5 RefusedStream",
      "RST_STREAM 7 RefusedStream",
    ]);
    bench.send(rstStream(1));
    // The application isn't done with the first.
    expect(bench.send(get(9, "/known"))).toEqual(["RST_STREAM 9 RefusedStream"]);
    bench.application.exchanges[0]!.abort();
    expect(bench.send(get(11, "/known"))).toEqual(["HEADERS 11 200 content-length=6", 'DATA 11 "/known" end']);
  });

  test("aren't those that are answered at once", () => {
    const bench = new H2Bench({ streamsMax: 2 });
    const requests = Array.from({ length: 50 }, (_, index) => get(2 * index + 1, "/known"));
    expect(bench.send(...requests).filter((line) => line.startsWith("HEADERS"))).toHaveLength(50);
  });
});

describe("too much that asks for nothing", () => {
  const flood = (count: number, make: (index: number) => Buffer | readonly Buffer[]): Buffer =>
    Buffer.concat(Array.from({ length: count }, (_, index) => [make(index)].flat() as Buffer[]).flat());

  const rows: readonly (readonly [description: string, octets: Buffer])[] = [
    ["PING", flood(1001, () => ping("12345678"))],
    ["SETTINGS", flood(101, () => settings([4, 70_000]))],
    ["PRIORITY", flood(1001, () => priority(3, 1))],
    ["PRIORITY_UPDATE", flood(1001, () => priorityUpdate(3, "u=1"))],
    ["windows that open by one octet", flood(1001, () => windowUpdate(0, 1))],
    ["frames of unknown types", flood(1001, () => frame(0x99, 0, 0))],
    ["empty DATA", Buffer.concat([post(1, "/a"), flood(1001, () => data(1, ""))])],
    [
      "DATA of nothing but padding",
      Buffer.concat([post(1, "/a"), flood(1001, () => frame(FrameType.Data, Flag.Padded, 1, "\x05\0\0\0\0\0"))]),
    ],
    ["frames for a stream that has ended", Buffer.concat([get(1, "/known"), flood(1011, () => windowUpdate(1, 2000))])],
    [
      "requests that are reset before they are answered",
      flood(120, (index) => [get(2 * index + 1, "/a"), rstStream(2 * index + 1)]),
    ],
    [
      "requests that are reset when they have been answered",
      flood(1001, (index) => [get(2 * index + 1, "/known"), rstStream(2 * index + 1)]),
    ],
    ["requests that are too large", flood(40, (index) => get(2 * index + 1, "/known", ["a", "x".repeat(1024)]))],
    [
      "requests that have to be reset",
      flood(120, (index) => [post(2 * index + 1, "/a"), windowUpdate(2 * index + 1, 0)]),
    ],
    ["requests that are malformed", flood(120, (index) => get(2 * index + 1, "/a", ["connection", "close"]))],
    [
      "field blocks in many parts",
      flood(60, (index) => [
        frame(FrameType.Headers, Flag.EndStream, 2 * index + 1, block([...GET, [":path", "/a"]])),
        ...Array.from({ length: 3 }, () => frame(FrameType.Continuation, 0, 2 * index + 1, block([["a", "b"]]))),
        frame(FrameType.Continuation, Flag.EndHeaders, 2 * index + 1),
      ]),
    ],
  ];

  test.each(rows)("%s", async (_description, octets) => {
    const bench = new H2Bench({ streamsMax: 10_000 });
    const lines = await bench.sendAll(octets);
    expect(lines.at(-1)).toMatch(/^GOAWAY \d+ EnhanceYourCalm$/);
    expect(bench.link.deeds).toEqual(["shutdown"]);
    expect(bench.counters[Counter.Http2Calmed]).toBe(1);
    expect(bench.errors).toEqual([]);
  });

  test.each(rows)("half as much of it is let go: %s", async (_description, octets) => {
    const bench = new H2Bench({ streamsMax: 10_000 });
    let end = 0;
    while (end < octets.length / 2.2) end += 9 + octets.readUIntBE(end, 3);
    await bench.sendAll(octets.subarray(0, end));
    expect(bench.link.deeds).toEqual([]);
  });

  test("a field section four times as large as it may be ends the connection at once", () => {
    const bench = new H2Bench();
    bench.lines();
    const fields = Array.from({ length: 5 }, () => ["a", "x".repeat(900)] as const);
    expect(bench.send(get(1, "/known", ...fields.slice(1)))).toEqual(["HEADERS 1 431 content-length=0 end"]);
    expect(bench.send(get(3, "/known", ...fields))).toEqual(["GOAWAY 1 EnhanceYourCalm"]);
    expect(bench.link.deeds).toEqual(["shutdown"]);
    expect(bench.errors).toEqual([]);
  });

  test("isn't a client that cancels one request in ten, for as long as it likes", async () => {
    const bench = new H2Bench();
    bench.send(windowUpdate(0, 0x7fff_0000));
    for (let stream = 1; stream < 40_000; stream += 20) {
      const requests = Array.from({ length: 10 }, (_, index) => get(stream + 2 * index, "/known"));
      await bench.sendAll(...requests, rstStream(stream));
      expect(bench.link.deeds).toEqual([]);
    }
  });

  test("after it the client is waited for as long as what comes may have been under way", () => {
    const bench = new H2Bench();
    bench.send(frame(FrameType.Headers, 5, 1, "\x80"));
    expect(bench.link.deeds).toEqual(["shutdown"]);
    const piece = Buffer.alloc(256 * 1024);
    for (let count = 0; count < 4; count++) bench.connection.received(piece);
    expect(bench.link.deeds).toEqual(["shutdown"]);
    bench.connection.received(piece);
    expect(bench.link.deeds).toEqual(["shutdown", "close"]);
  });

  test("is paid back by requests that are answered", () => {
    const bench = new H2Bench({ streamsMax: 10_000 });
    for (let stream = 1; stream < 6000; stream += 4) {
      bench.application.exchanges.length = 0;
      bench.send(get(stream, "/a"), rstStream(stream), get(stream + 2, "/known"));
      expect(bench.link.deeds).toEqual([]);
    }
  });
});

test("a reset before the reply counts as aborted, and one after it doesn't", () => {
  const bench = new H2Bench();
  bench.send(
    get(1, "/known"),
    rstStream(1),
    get(3, "/a"),
    rstStream(3),
    post(5, "/a"),
    data(5, "abc"),
    rstStream(5, ErrorCode.NoError),
  );
  expect(bench.counters[Counter.RequestsAborted]).toBe(1);
  expect(bench.counters[Counter.Requests]).toBe(2);
  expect(bench.counters[Counter.Http2StreamsReset]).toBe(2);
});
