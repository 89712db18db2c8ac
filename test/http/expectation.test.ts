import { expect, test } from "bun:test";
import { EXPECT_ROWS } from "./support/corpus.ts";
import { headOf, parseWhole } from "./support/head-result.ts";

test.each(EXPECT_ROWS)("%s", (_what, text, outcome) => {
  const { verdict } = parseWhole(text);
  expect(verdict.startsWith("head of") ? "head" : verdict).toBe(outcome);
});

const E = "Expect: 100-continue\r\n";

test.each([
  ["with content of a length", `POST / HTTP/1.1\r\nHost: a\r\n${E}Content-Length: 5\r\n\r\n`, true],
  ["with chunked content", `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n${E}\r\n`, true],
  ["without content", `POST / HTTP/1.1\r\nHost: a\r\n${E}\r\n`, false],
  ["with content of no octets", `POST / HTTP/1.1\r\nHost: a\r\n${E}Content-Length: 0\r\n\r\n`, false],
  ["in HTTP/1.0", `POST / HTTP/1.0\r\n${E}Content-Length: 5\r\n\r\n`, false],
  [
    "in a list with empty elements",
    `POST / HTTP/1.1\r\nHost: a\r\nExpect: , 100-continue\r\nContent-Length: 5\r\n\r\n`,
    true,
  ],
  ["not in an empty list", `POST / HTTP/1.1\r\nHost: a\r\nExpect: ,\r\nContent-Length: 5\r\n\r\n`, false],
  ["without it", `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n`, false],
])("100-continue %s", (_what, text, expected) => {
  expect(headOf(text).expectContinue).toBe(expected);
});

test("content that is too large is told before an expectation that cannot be met", () => {
  const { verdict } = parseWhole("POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 1001\r\n\r\n");
  expect(verdict).toBe("ContentTooLarge");
});
