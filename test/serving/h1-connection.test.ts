import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { OpenFile } from "../../src/cache/open-file.ts";
import { FileContent } from "../../src/http/content.ts";
import { Reply } from "../../src/http/reply.ts";
import { buildResponseHead } from "../../src/http/response-head.ts";
import { Counter, Gauge } from "../../src/stats/layout.ts";
import { ContentWish } from "../../src/serving/application.ts";
import { H1Bench, textReply } from "./support/h1-bench.ts";
import { Octets, Offset } from "../../src/units.ts";

const get = (path: string, fields = ""): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
const ok = (text: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
const okClose = (text: string): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`;

describe("requests answered at once", () => {
  test("one", () => {
    const bench = new H1Bench();
    expect(bench.send(get("/known"))).toBe(ok("/known"));
    expect(bench.link.writes).toBe(1);
  });

  test("pipelined: one write", () => {
    const bench = new H1Bench();
    expect(bench.send(get("/known1") + get("/known2") + get("/known3"))).toBe(
      ok("/known1") + ok("/known2") + ok("/known3"),
    );
    expect(bench.link.writes).toBe(1);
  });

  test("cut at every octet", () => {
    const octets = get("/known1") + get("/known2", "Connection: close\r\n");
    for (let cut = 1; cut < octets.length; cut++) {
      const bench = new H1Bench();
      const received =
        bench.send(octets.slice(0, cut)) + (bench.link.deeds.length > 0 ? "" : bench.send(octets.slice(cut)));
      expect(received).toBe(ok("/known1") + okClose("/known2"));
      expect(bench.link.deeds.length).toBeGreaterThan(0);
    }
  });

  test("octet by octet", () => {
    const bench = new H1Bench();
    const received = [...`\r\n${get("/known1")}\r\n${get("/known2")}`].map((octet) => bench.send(octet)).join("");
    expect(received).toBe(ok("/known1") + ok("/known2"));
  });

  test("HTTP/1.0 closes unless it is asked not to", () => {
    const bench = new H1Bench();
    expect(bench.send("GET /known HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")).toContain("Connection: keep-alive\r\n");
    expect(bench.send("GET /known HTTP/1.0\r\n\r\n")).toContain("Connection: close\r\n");
    expect(bench.link.deeds).toEqual(["close"]);
  });
});

describe("a client that doesn't take its answers", () => {
  test("gets them all in order, and is not read from meanwhile", () => {
    const bench = new H1Bench();
    bench.link.room = 10;
    const expected = ok("/known1") + ok("/known2") + ok("/known3");
    let received = bench.send(get("/known1") + get("/known2"));
    expect(received.length).toBe(10);
    bench.connection.received(Buffer.from(get("/known3")));
    expect(bench.link.isPaused).toBe(true);
    while (received.length < expected.length) {
      bench.link.drain(7);
      received += bench.link.take();
    }
    expect(received).toBe(expected);
    expect(bench.link.isPaused).toBe(false);
    expect(bench.parts.counters[Gauge.RequestsInFlight]).toBe(0);
  });

  test("is reset when its time is up, and what it didn't take is aborted", () => {
    const bench = new H1Bench();
    bench.link.room = 10;
    bench.send(get("/known1") + get("/known2"));
    bench.wait(40);
    expect(bench.link.deeds).toEqual(["terminate"]);
    expect(bench.parts.counters[Counter.RequestsAborted]).toBe(2);
    expect(bench.parts.counters[Counter.TimeoutsIdle]).toBe(1);
  });
});

describe("an application's own time", () => {
  test("requests behind it wait their turn", () => {
    const bench = new H1Bench();
    expect(bench.send(get("/known1") + get("/slow") + get("/known2"))).toBe(ok("/known1"));
    bench.application.exchanges[0]!.reply(textReply(200, "slow"));
    expect(bench.link.take()).toBe(ok("slow") + ok("/known2"));
  });

  test("a reply given at once", () => {
    const bench = new H1Bench();
    bench.application.onAnswer = (exchange) => exchange.reply(textReply(200, "now"));
    expect(bench.send(get("/a") + get("/known") + get("/b"))).toBe(ok("now") + ok("/known") + ok("now"));
  });

  test("a client that goes is told to the application, and counted", () => {
    const bench = new H1Bench();
    let abandoned = 0;
    bench.application.onAnswer = (exchange) => (exchange.onAbandoned = () => abandoned++);
    bench.send(get("/slow"));
    bench.connection.closed();
    expect([abandoned, bench.application.exchanges[0]!.isAbandoned]).toEqual([1, true]);
    bench.application.exchanges[0]!.reply(textReply(200, "late"));
    expect(bench.link.take()).toBe("");
    expect(bench.parts.counters[Counter.RequestsAborted]).toBe(1);
  });

  test("a reply behind octets that the client hasn't taken", () => {
    const bench = new H1Bench();
    bench.link.room = 5;
    bench.application.onAnswer = (exchange) => exchange.interim(103, [["Link", "</a>"]]);
    let received = bench.send(get("/slow"));
    bench.application.exchanges[0]!.reply(textReply(200, "slow"));
    received += bench.link.take();
    expect(received).toBe("HTTP/");
    bench.link.drain();
    expect(received + bench.link.take()).toBe(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok("slow")}`);
  });

  test("it may reply once", () => {
    const bench = new H1Bench();
    bench.send(get("/slow"));
    bench.application.exchanges[0]!.reply(textReply(200, "once"));
    expect(() => bench.application.exchanges[0]!.reply(textReply(200, "twice"))).toThrow("one reply");
  });
});

describe("the end", () => {
  test("a client that closes its side gets what it asked for", () => {
    const bench = new H1Bench();
    bench.send(get("/slow"));
    bench.connection.ended();
    expect(bench.link.deeds).toEqual([]);
    bench.application.exchanges[0]!.reply(textReply(200, "slow"));
    expect(bench.link.take()).toBe(ok("slow"));
    expect(bench.link.deeds).toEqual(["close"]);
  });

  test("a malformed request gets its status, and what follows is discarded", () => {
    const bench = new H1Bench();
    expect(bench.send(`${get("/known")}GET /\u0001 HTTP/1.1\r\n\r\n${get("/known")}`)).toStartWith(
      `${ok("/known")}HTTP/1.1 400`,
    );
    expect(bench.link.deeds).toEqual(["shutdown"]);
    expect(bench.send(get("/known"))).toBe("");
    bench.connection.ended();
    expect(bench.link.deeds).toEqual(["shutdown", "close"]);
  });

  test("a head that isn't whole in time gets 408", () => {
    const bench = new H1Bench();
    bench.send("GET /known HTTP/1.1\r\n");
    bench.wait(12);
    expect(bench.link.take()).toStartWith("HTTP/1.1 408");
  });

  test("half an empty line begins a request, the whole of it doesn't", () => {
    const bench = new H1Bench();
    bench.send(`${get("/known")}\r`);
    bench.send("\n");
    bench.wait(62);
    expect([bench.link.take(), ...bench.link.deeds]).toEqual(["", "close"]);
  });

  test("an idle connection is closed, and a silent one", () => {
    const idle = new H1Bench();
    idle.send(get("/known"));
    idle.wait(60);
    expect(idle.link.deeds).toEqual([]);
    idle.wait(3);
    expect(idle.link.deeds).toEqual(["close"]);
    const silent = new H1Bench();
    silent.wait(12);
    expect(silent.link.deeds).toEqual(["close"]);
  });

  test("the last request of `keepalive_requests` closes with time to read", () => {
    const bench = new H1Bench({ requestsMax: 2 });
    expect(bench.send(get("/known") + get("/known") + get("/known"))).toBe(ok("/known") + okClose("/known"));
    expect(bench.link.deeds).toEqual(["shutdown"]);
  });

  test("an idle connection gives way, a busy one doesn't", () => {
    const bench = new H1Bench();
    bench.send(get("/slow"));
    bench.connection.giveWay();
    expect(bench.link.deeds).toEqual([]);
    bench.application.exchanges[0]!.reply(textReply(200, ""));
    bench.connection.giveWay();
    expect(bench.link.deeds).toEqual(["close"]);
  });
});

describe("content that nobody wants", () => {
  const post = (fields: string, content: string): string =>
    `POST /known HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${content}`;

  test("is read before the answer", () => {
    const bench = new H1Bench();
    expect(bench.send(post("Content-Length: 5", "abc"))).toBe("");
    expect(bench.send(`de${get("/known2")}`)).toBe(ok("/known") + ok("/known2"));
    expect(bench.send(post("Transfer-Encoding: chunked", `3\r\nabc\r\n0\r\n\r\n${get("/known2")}`))).toBe(
      ok("/known") + ok("/known2"),
    );
  });

  test("a malformed chunk gets 400 in place of the answer", () => {
    const bench = new H1Bench();
    expect(bench.send(post("Transfer-Encoding: chunked", "3\r\nabcd"))).toStartWith("HTTP/1.1 400");
  });

  test("is asked for where the client waits, or declined", () => {
    const asked = new H1Bench();
    expect(asked.send(post("Content-Length: 2\r\nExpect: 100-continue", ""))).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    expect(asked.send("ab")).toBe(ok("/known"));
    const declined = new H1Bench();
    declined.application.wish = ContentWish.Decline;
    expect(declined.send(post("Content-Length: 2\r\nExpect: 100-continue", ""))).toBe(okClose("/known"));
    expect(declined.link.deeds).toEqual(["shutdown"]);
  });

  test("is timed", () => {
    const bench = new H1Bench();
    bench.send(post("Content-Length: 2", ""));
    bench.wait(32);
    expect(bench.link.take()).toStartWith("HTTP/1.1 408");
  });
});

test("a reply that waits for a client that is behind holds its file, and lets go of it whatever comes", () => {
  const path = join(mkdtempSync(join(tmpdir(), "saker-reply-")), "file");
  writeFileSync(path, "content");
  for (const end of ["taken", "left"]) {
    const bench = new H1Bench();
    const file = new OpenFile(openSync(path, "r"));
    bench.link.room = 5;
    bench.send(get("/slow"));
    const [exchange] = bench.application.exchanges;
    exchange!.interim(103, []); // of which the client takes 5 octets
    exchange!.reply(
      new Reply(buildResponseHead(200, [["Content-Length", "7"]]), new FileContent(file, Offset(0), Octets(7))),
    );
    file.release(); // as the cache does with an entry that it evicts
    expect(existsSync(`/proc/self/fd/${file.fd}`)).toBe(true);
    if (end === "left") bench.link.leave();
    else bench.link.drain();
    expect(existsSync(`/proc/self/fd/${file.fd}`)).toBe(false);
    if (end === "taken") expect(bench.link.take()).toEndWith("\r\n\r\ncontent");
    expect(bench.errors).toEqual([]);
  }
  rmSync(dirname(path), { recursive: true });
});
