/** What a request asks of a site, as text that may go into a response field. */
import { expect, test } from "bun:test";
import { queryOf } from "../../src/site/request-text.ts";
import { headOf } from "../http/support/head-result.ts";

test.each([
  ["/a", ""],
  ["/a?", "?"],
  ["/a?b=c&d=%20+e/?:@!$'()*,;-._~", "?b=c&d=%20+e/?:@!$'()*,;-._~"],
  ['/a?"<>[\\]^`{|}', "?%22%3C%3E%5B%5C%5D%5E%60%7B%7C%7D"],
  ["/a?\xc3\xbc%C3%BC\x80\xff", "?%C3%BC%C3%BC%80%FF"],
  ["/a?100%&%zz", "?100%&%zz"],
])("the query of %j is %j", (target, query) => {
  expect(queryOf(headOf(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`))).toBe(query);
});
