/** From octets to requests: what they amount to, and what is kept. */
import { describe, expect, test } from "bun:test";
import { ParseCode } from "../../src/http/parse-code.ts";
import { textOf } from "../../src/http/octets.ts";
import { parseRequestHead } from "../../src/http/parse-request-head.ts";
import { RequestHead } from "../../src/http/request-head.ts";
import { H1Life, Reading, Step } from "../../src/serving/h1-life.ts";
import { H1Reader, Read } from "../../src/serving/h1-reader.ts";
import { HeldRequest } from "../../src/serving/held-request.ts";
import { Pool } from "../../src/serving/pool.ts";
import { FakeLink } from "./support/fake-link.ts";

const LIMITS = { headOctetsMax: 200, targetOctetsMax: 100, fieldCountMax: 10, contentOctetsMax: 1000 };
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const post = (path: string, fields: string): string => `POST ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`;

class Bench {
  readonly events: string[] = [];
  readonly life = new H1Life();
  readonly link = new FakeLink();
  readonly made: HeldRequest[] = [];
  readonly reader: H1Reader;

  constructor() {
    const make = (): HeldRequest => {
      this.made.push(new HeldRequest(LIMITS));
      return this.made.at(-1)!;
    };
    const parts = { limits: LIMITS, head: new RequestHead(LIMITS.fieldCountMax), requests: new Pool(make, 10) };
    this.reader = new H1Reader(parts, this.link, this.life);
    this.life.begin();
    this.reader.begin();
  }

  /** Reads as a connection does. */
  read(text: string): void {
    const octets = Buffer.from(text, "latin1");
    let next = 0;
    while (next < octets.length && this.life.reads) {
      const read = this.reader.read(octets, next);
      next = this.reader.next;
      this.heed(read, next, octets.length);
    }
  }

  private heed(read: Read, next: number, end: number): void {
    const { events, life, reader } = this;
    const { head, held } = reader;
    const path = textOf(head.bytes, head.pathStart, head.pathEnd);
    switch (read) {
      case Read.Part:
        return void expect(next).toBe(end);
      case Read.Request:
        events.push(`${path}${held === null ? "" : " held"}`);
        return this.answer();
      case Read.ContentHead:
        return void events.push(`${path} begins${next < end ? " at once" : ""}`);
      case Read.ContentEnd:
        events.push(`${path} with content`);
        return this.answer();
      case Read.Malformed:
        expect(next).toBe(end);
        events.push(ParseCode[reader.fault]!);
        return life.step(Step.Stopped);
    }
  }

  private answer(): void {
    this.life.step(Step.Answered);
    this.reader.release(false);
  }
}

describe("whole requests", () => {
  test("are read where they lie, and nothing is held", () => {
    const bench = new Bench();
    bench.read(get("/a") + get("/b") + get("/c"));
    expect(bench.events).toEqual(["/a", "/b", "/c"]);
    expect(bench.made).toEqual([]);
  });

  test("with content are held from their head on", () => {
    const bench = new Bench();
    bench.read(`${post("/a", "Content-Length: 3")}abc${post("/b", "Transfer-Encoding: chunked")}`);
    bench.read(`2\r\nab\r\n0\r\n\r\n${get("/c")}`);
    expect(bench.events).toEqual(["/a begins at once", "/a with content", "/b begins", "/b with content", "/c"]);
    expect(bench.made.length).toBe(1);
  });
});

describe("in pieces", () => {
  test("a request is told once, wherever it is cut", () => {
    const octets = `\r\n${get("/a")}${post("/b", "Content-Length: 3")}abc${get("/c")}`;
    for (let cut = 1; cut < octets.length; cut++) {
      const bench = new Bench();
      bench.read(octets.slice(0, cut));
      bench.read(octets.slice(cut));
      const told = bench.events.filter((event) => !event.includes("begins")).map((event) => event.split(" ")[0]);
      expect(told).toEqual(["/a", "/b", "/c"]);
      expect(bench.reader.held).toBeNull();
      expect(bench.made.length).toBeLessThanOrEqual(1);
    }
  });

  test("empty lines are no request that has begun", () => {
    const bench = new Bench();
    bench.read("\r\n\r\n");
    expect(bench.life.reading).toBe(Reading.Silent);
    bench.read("G");
    expect(bench.life.reading).toBe(Reading.Head);
  });

  test("how much content has come since it was asked for is counted", () => {
    const bench = new Bench();
    bench.read(post("/a", "Content-Length: 10"));
    bench.read("abc");
    bench.read("de");
    expect(bench.reader.held!.contentReceived).toBe(5);
  });
});

describe("what is malformed", () => {
  test.each([
    ["a head", "GET /\x01 HTTP/1.1\r\n\r\n"],
    ["a chunk", `${post("/a", "Transfer-Encoding: chunked")}x\r\n`],
    ["a head that is too long", `GET /a HTTP/1.1\r\nA: ${"b".repeat(300)}`],
  ])("%s is told once, wherever it is cut, and ends everything", (_what, octets) => {
    for (let cut = 1; cut <= octets.length; cut++) {
      const bench = new Bench();
      bench.read(octets.slice(0, cut));
      bench.read(octets.slice(cut));
      bench.read(get("/after"));
      expect(bench.events.filter((event) => !event.includes("begins"))).toHaveLength(1);
      expect(bench.life.reading).toBe(Reading.Ended);
    }
  });
});

describe("input that isn't its turn", () => {
  test("is kept in order, once, and stops the link", () => {
    const bench = new Bench();
    const { link, reader } = bench;
    expect(reader.hasInput).toBe(false);
    reader.keep(Buffer.from("xab"), 1);
    reader.keep(Buffer.from("cd"), 0);
    expect([reader.hasInput, link.isPaused]).toEqual([true, true]);
    expect(reader.takeInput()!.toString()).toBe("abcd");
    expect(reader.takeInput()).toBeNull();
    reader.resume();
    expect(link.isPaused).toBe(false);
  });

  test("is forgotten when another connection begins", () => {
    const bench = new Bench();
    bench.reader.keep(Buffer.from("abc"), 0);
    bench.reader.hasPeerEnded = true;
    bench.reader.begin();
    expect([bench.reader.hasInput, bench.reader.hasPeerEnded]).toEqual([false, false]);
  });
});

describe("a held request", () => {
  test("is a copy of the head that all connections share", () => {
    const bench = new Bench();
    const octets = Buffer.from(`xx${get("/a?b")}`, "latin1");
    const head = new RequestHead(LIMITS.fieldCountMax);
    head.reset(2);
    const { reader } = bench;
    parseRequestHead(octets, octets.length, head, LIMITS);
    reader.hold(head);
    octets.fill("*");
    const held = reader.held!;
    expect(textOf(held.head.bytes, held.head.targetStart, held.head.targetEnd)).toBe("/a?b");
    expect(reader.hold(head)).toBe(held); // there is one
  });

  test("is used again when it is released, and not when it is forgotten", () => {
    const bench = new Bench();
    bench.read("GET /a");
    bench.reader.release(false);
    bench.life.begin();
    bench.read("GET /b");
    expect(bench.made.length).toBe(1);
    bench.reader.forget();
    bench.life.begin();
    bench.read("GET /c");
    expect(bench.made.length).toBe(2);
  });
});
