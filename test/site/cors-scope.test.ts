/** Which requests `[cors]` is about, those that are refused included. */
import { expect, test } from "bun:test";
import { parseRequestHead } from "../../src/http/parse-request-head.ts";
import { RequestHead } from "../../src/http/request-head.ts";
import { defaultSettings } from "../../src/config/schema.ts";
import { isInScope } from "../../src/site/cors-scope.ts";
import { becauseOf } from "../../src/site/rules/because.ts";
import { compileCors, type CorsRule } from "../../src/site/rules/cors-rule.ts";
import { LIMITS } from "../http/support/head-result.ts";
import { octets } from "../http/support/octets.ts";

const rule = (path: string): CorsRule =>
  compileCors({ ...defaultSettings("/").cors, allowed_origins: ["*"], path }, becauseOf("cors"))!;
const API = rule("/api/*");
const EVERYWHERE = rule("/*");

/** As far as it can be read; perhaps not at all. */
function headOf(text: string): RequestHead {
  const head = new RequestHead(LIMITS.fieldCountMax);
  parseRequestHead(octets(text), text.length, head, LIMITS);
  return head;
}

const H = "HTTP/1.1\r\nHost: a\r\n";

test.each([
  [`GET /api/x ${H}\r\n`, true],
  [`POST /api ${H}\r\n`, true],
  [`GET http://a/api/x ${H}\r\n`, true],
  [`GET /x/../api/%78 ${H}\r\n`, true],
  [`GET /api/.hidden ${H}\r\n`, true],
  [`GET /api%2Fx ${H}\r\n`, true],
  [`GET /api/x%2F..%2F..%2Fother ${H}\r\n`, false],
  [`GET /api/%zz ${H}\r\n`, true],
  [`GET /api/\xff ${H}\r\n`, true],
  [`GET /api/%00 ${H}\r\n`, true],
  [`GET /api/../other/%zz ${H}\r\n`, false],
  [`GET /api/x ${H}Bad Name: x\r\n\r\n`, true],
  [`GET /api/x ${H}Content-Length: x\r\n\r\n`, true],
  [`GET /api/x HTTP/1.1\r\n\r\n`, true],
  [`GET /api/x HTTP/3.0\r\n\r\n`, true],
  [`GET /other ${H}\r\n`, false],
  [`GET /../api/x ${H}\r\n`, false],
  [`GET / ${H}\r\n`, false],
])("%j is of /api/*: %j", (text, isIn) => {
  expect(isInScope(API, headOf(text))).toBe(isIn);
  expect(isInScope(EVERYWHERE, headOf(text))).toBe(true);
});

test.each([
  `GET /${"a".repeat(300)} ${H}\r\n`,
  "GET /api/\\ HTTP/1.1\r\n\r\n",
  "\x16\x03",
  "",
  "GET api/x HTTP/1.1\r\n",
])("%j has no path that was read", (text) => {
  expect(isInScope(API, headOf(text))).toBe(false);
  expect(isInScope(EVERYWHERE, headOf(text))).toBe(true);
});

test("asterisk-form is about no path at all", () => {
  expect(isInScope(EVERYWHERE, headOf(`OPTIONS * ${H}\r\n`))).toBe(false);
});
