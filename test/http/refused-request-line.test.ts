/** What the log can say of a request-line that the parser refused. */
import { describe, expect, test } from "bun:test";
import { dissectRequestLine } from "../../src/http/refused-request-line.ts";

function dissected(line: string): [method: string | null, target: string | null, version: number] {
  const bytes = Buffer.from(`P P${line}P P HTTP/1.1\r\n`, "latin1");
  const parts = { methodStart: 0, methodEnd: 0, targetStart: 0, targetEnd: 0, version: 0 };
  dissectRequestLine(bytes, 3, 3 + line.length, parts);
  const text = (start: number, end: number) => (start === -1 ? null : bytes.toString("latin1", start, end));
  return [text(parts.methodStart, parts.methodEnd), text(parts.targetStart, parts.targetEnd), parts.version];
}

describe("dissectRequestLine", () => {
  test.each<[octets: string, method: string | null, target: string | null, version: number]>([
    ["GET /a?b HTTP/1.1\r\nHost: a\r\n", "GET", "/a?b", 11],
    ["\r\n\r\nGET / HTTP/1.0\r\n", "GET", "/", 10],
    ["GET /a\0b HTTP/1.1\r\n\r\n", "GET", "/a\0b", 11],
    ["GET /a b HTTP/1.1\r\n", "GET", "/a b", 11],
    ["GET  / HTTP/1.1\r\n", "GET", " /", 11],
    ["GET / HTTP/2.0\r\n", "GET", "/", 20],
    ["GET / HTTP/1.1\n", "GET", "/", 11],
    ["GET / HTTP/0.0\r\n", "GET", "/", 0],
    ["GET / http/1.1\r\n", "GET", "/ http/1.1", -1],
    ["GET / HTTP/1.1 \r\n", "GET", "/ HTTP/1.1 ", -1],
    ["GET / HTTP/1.10\r\n", "GET", "/ HTTP/1.10", -1],
    ["GET /\r\n", "GET", "/", -1],
    ["GET /longer than was read", "GET", "/longer than was read", -1],
    ["GET HTTP/1.1\r\n", "GET", null, 11],
    ["GET\r\n", "GET", null, -1],
    ["GET \r\n", "GET", null, -1],
    [" / HTTP/1.1\r\n", null, " /", 11],
    [" HTTP/1.1\r\n", null, null, 11],
    ["G(T / HTTP/1.1\r\n", "G(T", "/", 11],
    ["\x16\x03\x01\x02\0\r", null, "\x16\x03\x01\x02\0\r", -1],
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "PRI", "*", 20],
    ["\r\n", null, null, -1],
    ["", null, null, -1],
  ])("%j", (octets, method, target, version) => {
    expect(dissected(octets)).toEqual([method, target, version]);
  });
});
