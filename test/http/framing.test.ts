import { expect, test } from "bun:test";
import { Framing } from "../../src/http/request-head.ts";
import { FRAMING_ROWS } from "./support/corpus.ts";
import { codeOf, headOf, LIMITS, parseWhole } from "./support/head-result.ts";
import { ParseCode } from "../../src/http/parse-code.ts";

test.each(FRAMING_ROWS)("%s", (_what, text, outcome) => {
  const { verdict } = parseWhole(text);
  expect(verdict.startsWith("head of") ? "head" : verdict).toBe(outcome);
});

const post = (field: string) => `POST / HTTP/1.1\r\nHost: a\r\n${field}\r\n`;

test.each([
  ["", Framing.None, 0],
  ["Content-Length: 0\r\n", Framing.None, 0],
  ["Content-Length: 1\r\n", Framing.Length, 1],
  ["Content-Length: 00012\r\n", Framing.Length, 12],
  ["Transfer-Encoding: chunked\r\n", Framing.Chunked, 0],
  ["Content-Encoding: chunked\r\n", Framing.None, 0],
])("%j", (field, framing, contentOctets) => {
  const head = headOf(post(field));
  expect([head.framing, head.contentOctets]).toEqual([framing, contentOctets]);
});

test.each([
  [0, "0", ParseCode.None],
  [0, "1", ParseCode.ContentTooLarge],
  [Infinity, "9007199254740990", ParseCode.None],
  [Infinity, "9007199254740991", ParseCode.ContentTooLarge],
  [Infinity, "9007199254740993", ParseCode.ContentTooLarge],
  [Infinity, "99999999999999999999999", ParseCode.ContentTooLarge],
])("with contentOctetsMax %d, Content-Length: %s", (contentOctetsMax, value, code) => {
  expect(codeOf(post(`Content-Length: ${value}\r\n`), { ...LIMITS, contentOctetsMax })).toBe(code);
});
