import { expect, test } from "bun:test";
import { textOf } from "../../src/http/octets.ts";
import { HOST_ROWS } from "./support/corpus.ts";
import { headOf, parseWhole } from "./support/head-result.ts";

test.each(HOST_ROWS)("%s", (_what, text, outcome) => {
  const { verdict } = parseWhole(text);
  expect(verdict.startsWith("head of") ? "head" : verdict).toBe(outcome);
});

test.each([
  ["a", "a", "a"],
  ["A.Example:8080", "A.Example", "A.Example:8080"],
  ["[::1]:80", "[::1]", "[::1]:80"],
  [" \t a \t", "a", "a"],
])("Host:%s names host %s", (value, host, authority) => {
  const head = headOf(`GET / HTTP/1.1\r\nHost:${value}\r\n\r\n`);
  expect(textOf(head.bytes, head.authorityStart, head.hostEnd)).toBe(host);
  expect(textOf(head.bytes, head.authorityStart, head.authorityEnd)).toBe(authority);
});

test("without Host there is no authority", () => {
  const head = headOf("GET / HTTP/1.0\r\n\r\n");
  expect([head.authorityStart, head.authorityEnd, head.hostEnd]).toEqual([-1, -1, -1]);
});
