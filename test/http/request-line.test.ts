import { expect, test } from "bun:test";
import { Method } from "../../src/http/method.ts";
import { textOf } from "../../src/http/octets.ts";
import { HttpVersion } from "../../src/http/request-head.ts";
import { REQUEST_LINE_ROWS } from "./support/corpus.ts";
import { headOf, parseWhole } from "./support/head-result.ts";

test.each(REQUEST_LINE_ROWS)("%s", (_what, text, outcome) => {
  const { verdict } = parseWhole(text);
  expect(verdict.startsWith("head of") ? "head" : verdict).toBe(outcome);
});

test.each([
  ["GET /", Method.Get, "GET"],
  ["HEAD /", Method.Head, "HEAD"],
  ["CONNECT a:1", Method.Connect, "CONNECT"],
  ["GETS /", Method.Unknown, "GETS"],
  ["get /", Method.Unknown, "get"],
])("method of %s", (start, method, name) => {
  const head = headOf(`${start} HTTP/1.1\r\nHost: a\r\n\r\n`);
  expect(head.method).toBe(method);
  expect(textOf(head.bytes, head.methodStart, head.methodEnd)).toBe(name);
});

test.each([
  ["HTTP/1.0", "Http10"],
  ["HTTP/1.1", "Http11"],
  ["HTTP/1.2", "Http11"],
  ["HTTP/1.9", "Http11"],
])("%s is %s to us", (sent, version) => {
  expect(HttpVersion[headOf(`GET / ${sent}\r\nHost: a\r\n\r\n`).version]).toBe(version);
});

test("empty lines before it belong to the head, but to no part of it", () => {
  const head = headOf("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  expect([head.start, head.methodStart, head.end]).toEqual([0, 4, 31]);
});
