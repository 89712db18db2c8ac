import { expect, test } from "bun:test";
import { Field } from "../../src/http/field.ts";
import { FIELD_ROWS } from "./support/corpus.ts";
import { codeOf, headOf, parseWhole } from "./support/head-result.ts";
import { ParseCode } from "../../src/http/parse-code.ts";

test.each(FIELD_ROWS)("%s", (_what, text, outcome) => {
  const { verdict } = parseWhole(text);
  expect(verdict.startsWith("head of") ? "head" : verdict).toBe(outcome);
});

const SUFFIX = "\r\nHost: a\r\n\r\n";

test("no octet may be in a name but tchar (RFC 9110 §5.1)", () => {
  for (let octet = 0; octet < 256; octet++) {
    const character = String.fromCharCode(octet);
    const code = codeOf(`GET / HTTP/1.1\r\nx${character}y: z${SUFFIX}`);
    const isName = /[!#$%&'*+\-.^_`|~0-9A-Za-z:]/.test(character);
    expect([octet, code === ParseCode.None]).toEqual([octet, isName]);
  }
});

test("no octet may be in a value but HTAB, SP, VCHAR and obs-text (RFC 9110 §5.5)", () => {
  for (let octet = 0; octet < 256; octet++) {
    const character = String.fromCharCode(octet);
    const code = codeOf(`GET / HTTP/1.1\r\nx: y${character}z${SUFFIX}`);
    expect([octet, code === ParseCode.None]).toEqual([octet, /[\t\x20-\x7e\x80-\xff]/.test(character)]);
  }
});

test("fields keep order and octets; OWS around values is gone", () => {
  const head = headOf("GET / HTTP/1.1\r\nHOST:a\r\nX-B: \t b  c\t \r\nx-a:\r\nX-B: \xe9\r\n\r\n");
  const found: string[] = [];
  head.eachField((name, value) => found.push(`${name}=${value}`));
  expect(found).toEqual(["HOST=a", "X-B=b  c", "x-a=", "X-B=\xe9"]);
});

test("each line knows its field", () => {
  const head = headOf("GET / HTTP/1.1\r\nX: a\r\nHost: a\r\nCOOKIE: b\r\nCookies: c\r\ncookie: d\r\n\r\n");
  const lines = [...head.fieldOfLine.subarray(0, head.fieldCount)].map((field) => Field[field]!);
  expect(lines).toEqual(["count", "Host", "Cookie", "count", "Cookie"]);
});
