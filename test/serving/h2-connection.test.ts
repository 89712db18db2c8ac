/** The life of a connection over HTTP/2: how it begins, what it waits for, how it ends. */
import { describe, expect, test } from "bun:test";
import { octetsReply } from "../../src/http/reply.ts";
import { Flag, FrameType } from "../../src/http2/frame.ts";
import { ContentWish } from "../../src/serving/application.ts";
import { Counter, Gauge } from "../../src/stats/layout.ts";
import {
  data,
  frame,
  get,
  post,
  PREFACE_TEXT,
  rstStream,
  settings,
  SETTINGS_ACK,
  windowUpdate,
} from "../http2/support/client-frames.ts";
import { H2Bench, ping } from "./support/h2-bench.ts";

/** MAX_CONCURRENT_STREAMS 10, MAX_HEADER_LIST_SIZE 1024, NO_RFC7540_PRIORITIES. */
const OUR_SETTINGS = "SETTINGS 00030000000a000600000400000900000001";
const HIGHEST = 0x7fff_ffff;

describe("the beginning", () => {
  test("our SETTINGS come first, before the client has said a word", () => {
    const bench = new H2Bench({ isSilent: true });
    expect(bench.lines()).toEqual([OUR_SETTINGS]);
    expect(bench.send(PREFACE_TEXT)).toEqual([]);
    expect(bench.send(settings())).toEqual(["SETTINGS ACK"]);
    expect(bench.send(SETTINGS_ACK)).toEqual([]);
    expect(bench.link.deeds).toEqual([]);
  });

  test("everything may come at once, or octet by octet", () => {
    const octets = Buffer.concat([Buffer.from(PREFACE_TEXT), settings(), SETTINGS_ACK, get(1, "/known")]);
    const expected = [OUR_SETTINGS, "SETTINGS ACK", "HEADERS 1 200 content-length=6", 'DATA 1 "/known" end'];
    expect(new H2Bench({ isSilent: true }).send(octets)).toEqual(expected);
    const bench = new H2Bench({ isSilent: true });
    for (const octet of octets) bench.connection.received(Buffer.from([octet]));
    expect(bench.lines()).toEqual(expected);
    expect(bench.errors).toEqual([]);
  });

  test("a client that says something else is told so", () => {
    const bench = new H2Bench({ isSilent: true });
    bench.lines();
    expect(bench.send("GET / HTTP/1.1\r\n\r\n")).toEqual(["GOAWAY 0 ProtocolError"]);
    expect(bench.link.deeds).toEqual(["shutdown"]);
  });

  test("a client that says nothing is cut off", () => {
    const bench = new H2Bench({ isSilent: true });
    bench.send(PREFACE_TEXT);
    bench.wait(12);
    expect(bench.link.deeds).toEqual(["close"]);
    expect(bench.counters[Counter.TimeoutsHeader]).toBe(1);
  });

  test("SETTINGS that are never acknowledged end the connection", () => {
    const bench = new H2Bench({ isSilent: true });
    bench.send(PREFACE_TEXT, settings(), get(1, "/known"));
    bench.wait(12);
    expect(bench.lines()).toEqual(["GOAWAY 1 SettingsTimeout"]);
    expect(bench.link.deeds).toEqual(["shutdown"]);
  });
});

test("a request that is known is answered at once, several in one write", () => {
  const bench = new H2Bench();
  bench.lines();
  const { writes } = bench.link;
  expect(bench.send(get(1, "/known"))).toEqual(["HEADERS 1 200 content-length=6", 'DATA 1 "/known" end']);
  expect(bench.send(get(3, "/known/a"), get(5, "/known/b"))).toEqual([
    "HEADERS 3 200 content-length=8",
    'DATA 3 "/known/a" end',
    "HEADERS 5 200 content-length=8",
    'DATA 5 "/known/b" end',
  ]);
  expect(bench.link.writes - writes).toBe(2);
  expect(bench.counters[Counter.RequestsHttp2]).toBe(3);
  expect(bench.counters[Gauge.RequestsInFlight]).toBe(0);
  expect(bench.errors).toEqual([]);
});

test("PING is answered, with what it holds", () => {
  expect(new H2Bench().send(ping("12345678"))).toContain("PING ACK 12345678");
});

test("a client's GOAWAY doesn't end what it has asked for", () => {
  const bench = new H2Bench();
  bench.lines();
  expect(bench.send(get(1, "/a"), frame(FrameType.GoAway, 0, 0, Buffer.alloc(8)))).toEqual([]);
  bench.application.exchanges[0]!.reply(octetsReply(200, [], Buffer.from("late")));
  expect(bench.lines()).toEqual(["HEADERS 1 200", 'DATA 1 "late" end']);
});

describe("an idle connection", () => {
  test("is told goodbye after a while", () => {
    const bench = new H2Bench();
    bench.send(get(1, "/known"));
    bench.wait(62);
    expect(bench.lines()).toEqual(["GOAWAY 1 NoError"]);
    expect(bench.link.deeds).toEqual(["shutdown"]);
    expect(bench.counters[Counter.TimeoutsKeepalive]).toBe(1);
    bench.wait(7);
    expect(bench.link.deeds).toEqual(["shutdown", "close"]);
  });

  test("makes room for others", () => {
    const bench = new H2Bench();
    bench.lines();
    expect(bench.parts.keptAlive.oldest).not.toBe(null);
    bench.parts.keptAlive.oldest!.giveWay();
    expect(bench.lines()).toEqual(["GOAWAY 0 NoError"]);
    expect(bench.link.deeds).toEqual(["close"]);
    expect(bench.errors).toEqual([]);
  });

  test("isn't idle while a stream is open", () => {
    const bench = new H2Bench();
    bench.send(get(1, "/a"));
    expect(bench.parts.keptAlive.oldest).toBe(null);
    bench.wait(100);
    expect(bench.link.deeds).toEqual([]);
    bench.application.exchanges[0]!.reply(octetsReply(200, [], Buffer.from("late")));
    expect(bench.parts.keptAlive.oldest).not.toBe(null);
  });
});

describe("the client closes its side", () => {
  test("and the connection ends, if nothing is owed", () => {
    const bench = new H2Bench();
    bench.connection.ended();
    expect(bench.link.deeds).toEqual(["close"]);
  });

  test("and still gets what it has asked for", () => {
    const bench = new H2Bench();
    bench.send(get(1, "/a"));
    bench.connection.ended();
    expect(bench.link.deeds).toEqual([]);
    bench.application.exchanges[0]!.reply(octetsReply(200, [], Buffer.from("late")));
    expect(bench.lines()).toEqual(["HEADERS 1 200", 'DATA 1 "late" end']);
    expect(bench.link.deeds).toEqual(["close"]);
  });

  test("and windows that it has left closed never open", () => {
    const bench = new H2Bench({ settings: [[4, 2]] });
    bench.send(get(1, "/a"), get(3, "/b"));
    bench.application.exchanges[0]!.reply(octetsReply(200, [], Buffer.from("late")));
    bench.lines();
    bench.connection.ended();
    expect(bench.lines()).toEqual(["RST_STREAM 1 Cancel"]);
    bench.application.exchanges[1]!.reply(octetsReply(200, [], Buffer.from("late")));
    expect(bench.lines()).toEqual(["HEADERS 3 200", 'DATA 3 "la"', "RST_STREAM 3 Cancel"]);
    expect(bench.link.deeds).toEqual(["close"]);
  });

  test("and a request that isn't whole never will be", () => {
    const bench = new H2Bench();
    bench.send(post(1, "/a"), data(1, "abc"));
    bench.connection.ended();
    expect(bench.lines()).toEqual(["RST_STREAM 1 Cancel"]);
    expect(bench.link.deeds).toEqual(["close"]);
  });
});

describe("the server leaves", () => {
  test("in two steps: what was under way is served, what comes later isn't", () => {
    const bench = new H2Bench();
    bench.send(get(1, "/slow"));
    bench.connection.drain();
    expect(bench.lines()).toEqual([`GOAWAY ${HIGHEST} NoError`, "PING leaving."]);
    expect(bench.send(get(3, "/known"))).toEqual(["HEADERS 3 200 content-length=6", 'DATA 3 "/known" end']);
    expect(bench.send(ping("leaving.", true))).toEqual(["GOAWAY 3 NoError"]);
    expect(bench.send(get(5, "/known"), post(7, "/known"), data(7, "abc", true), windowUpdate(5, 2000))).toEqual([]);
    expect(bench.link.deeds).toEqual([]);
    bench.application.exchanges[0]!.reply(octetsReply(200, [], Buffer.from("late")));
    expect(bench.lines()).toEqual(["HEADERS 1 200", 'DATA 1 "late" end']);
    expect(bench.link.deeds).toEqual(["shutdown"]);
    expect(bench.application.exchanges).toHaveLength(1);
    bench.connection.drain();
    expect(bench.link.deeds).toEqual(["shutdown", "close"]);
  });

  test("without waiting long for a client that doesn't answer PING", () => {
    const bench = new H2Bench();
    bench.connection.drain();
    bench.lines();
    bench.wait(3);
    expect(bench.lines()).toEqual(["GOAWAY 0 NoError"]);
    expect(bench.link.deeds).toEqual(["shutdown"]);
  });

  test("another answer to PING isn't the one", () => {
    const bench = new H2Bench();
    bench.connection.drain();
    bench.lines();
    expect(bench.send(ping("leaving!", true))).toEqual([]);
    expect(bench.send(ping("leaving.", true))).toEqual(["GOAWAY 0 NoError"]);
  });

  test("at once where nothing has been said yet", () => {
    const bench = new H2Bench({ isSilent: true, idleSeconds: 0 });
    bench.connection.drain();
    expect(bench.link.deeds).toEqual(["close"]);
  });

  test("after as many requests as a connection may have, of which none is lost", () => {
    const bench = new H2Bench({ requestsMax: 2 });
    bench.lines();
    expect(bench.send(get(1, "/known"), get(3, "/known"), get(5, "/known"))).toEqual([
      "HEADERS 1 200 content-length=6",
      'DATA 1 "/known" end',
      `GOAWAY ${HIGHEST} NoError`,
      "PING leaving.",
      "HEADERS 3 200 content-length=6",
      'DATA 3 "/known" end',
      "HEADERS 5 200 content-length=6",
      'DATA 5 "/known" end',
    ]);
    expect(bench.send(ping("leaving.", true))).toEqual(["GOAWAY 5 NoError"]);
    expect(bench.link.deeds).toEqual(["shutdown"]);
  });
});

describe("a field block", () => {
  const part = frame(FrameType.Headers, Flag.EndStream, 1, "\x82");

  test("that isn't complete in time ends the connection", () => {
    const bench = new H2Bench();
    bench.lines();
    bench.send(part);
    bench.wait(6);
    bench.send(frame(FrameType.Continuation, 0, 1, "\x86"));
    bench.wait(6);
    expect(bench.lines()).toEqual(["GOAWAY 0 EnhanceYourCalm"]);
    expect(bench.counters[Counter.TimeoutsHeader]).toBe(1);
  });

  test("of which a frame isn't complete, likewise", () => {
    const bench = new H2Bench();
    bench.lines();
    bench.send(get(1, "/known").subarray(0, 20));
    bench.wait(12);
    expect(bench.lines()).toEqual(["GOAWAY 0 EnhanceYourCalm"]);
  });
});

test("an exception of ours ends the connection, and what it held", () => {
  const bench = new H2Bench();
  bench.application.onAnswer = () => {
    throw new Error("a bug");
  };
  try {
    bench.send(get(1, "/a"));
  } catch (error) {
    bench.connection.fail(error);
  }
  expect(bench.link.deeds).toEqual(["terminate"]);
  expect(bench.counters[Counter.RequestsAborted]).toBe(1);
  expect(bench.parts.room.isEmpty).toBe(true);
});

test("what a client that is gone was owed is counted as aborted", () => {
  const bench = new H2Bench();
  bench.application.wish = ContentWish.Stream;
  let abandoned = 0;
  bench.application.onAnswer = (exchange) => (exchange.onAbandoned = () => abandoned++);
  bench.send(get(1, "/a"), get(3, "/b"), post(5, "/c"), rstStream(3), frame(FrameType.Priority, 0, 7, "\0\0\0\0\0"));
  bench.link.leave();
  expect(abandoned).toBe(3);
  expect(bench.counters[Counter.RequestsAborted]).toBe(3);
  expect(bench.counters[Gauge.RequestsInFlight]).toBe(0);
  expect(bench.counters[Gauge.Http2StreamsOpen]).toBe(0);
  for (const exchange of bench.application.exchanges) exchange.reply(octetsReply(200, [], Buffer.from("late")));
  expect(bench.errors).toEqual([]);
});
