import { expect, test } from "bun:test";
import { isMisdirected } from "../../src/site/misdirected.ts";
import { headOf } from "../http/support/head-result.ts";

test.each([
  ["/", false],
  ["http://a/", false],
  ["https://a/", true],
])("a request for %s", (target, isMeantForAnother) => {
  expect(isMisdirected(headOf(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`))).toBe(isMeantForAnother);
});
