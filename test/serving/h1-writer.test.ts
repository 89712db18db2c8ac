/** From replies to octets: whatever the client takes at a time, it gets each response whole, and in order. */
import { expect, test } from "bun:test";
import { OctetsContent } from "../../src/http/content.ts";
import { PartialHeads } from "../../src/http/partial-head.ts";
import { MoreLines, Reply } from "../../src/http/reply.ts";
import { H1Bench, textReply } from "./support/h1-bench.ts";

const REPRESENTATION = Buffer.from("0123456789".repeat(10));
const heads = new PartialHeads([["Date", null]], REPRESENTATION.length);
const NO_DATE = /Date: [^\r]*\r\n/g;

const get = (path: string, fields = ""): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;

/** `/known/5-9`: that range, its head written for it alone; other paths: a shared response. */
function known(path: string): Reply {
  const [, first, last] = /^\/known\/(\d+)-(\d+)/.exec(path) ?? [];
  if (first === undefined) return textReply(200, path);
  const content = new OctetsContent(REPRESENTATION, Number(first), Number(last) + 1);
  const lines = path.endsWith("+") ? new MoreLines([["A", "b"]]) : null;
  return new Reply(heads.of(Number(first), Number(last)), content, undefined, lines);
}

function partial(first: number, last: number, fields = ""): string {
  const content = REPRESENTATION.toString("latin1", first, last + 1);
  return (
    `HTTP/1.1 206 Partial Content\r\nContent-Range: bytes ${first}-${last}/100\r\nContent-Length: ${content.length}\r\n` +
    `${fields}\r\n${content}`
  );
}

function benchWith(room: number): H1Bench {
  const bench = new H1Bench();
  bench.application.known = known;
  bench.link.room = room;
  return bench;
}

test("ranges among other responses, each with a head of its own", () => {
  const requests =
    get("/known") +
    get("/known/5-9") +
    get("/known/90-99+") +
    get("/known") +
    get("/known/0-0", "Connection: close\r\n");
  const expected =
    "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n/known" +
    partial(5, 9) +
    partial(90, 99, "A: b\r\n") +
    "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n/known" +
    partial(0, 0, "Connection: close\r\n");
  const whole = benchWith(Number.POSITIVE_INFINITY).send(requests);
  expect(whole.replace(NO_DATE, "")).toBe(expected);
  for (const date of whole.match(NO_DATE)!) expect(date).not.toContain("1970");

  for (let room = 1; room < whole.length; room++) {
    const bench = benchWith(room);
    let received = bench.send(requests);
    while (received.length < whole.length) {
      bench.link.drain(room);
      received += bench.link.take();
    }
    expect(received.replace(NO_DATE, "")).toBe(expected);
  }
});
