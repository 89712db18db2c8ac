import { describe, expect, test } from "bun:test";
import { chooseErrorForm, ErrorForm, ErrorFormReader } from "../../../src/site/represent/error-form.ts";
import { headOf } from "../../http/support/head-result.ts";

const FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const CHROME =
  "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8," +
  "application/signed-exchange;v=b3;q=0.7";
const { Html, Json, Text } = ErrorForm;

describe.each<[string | null, ErrorForm, ErrorForm]>([
  // Accept, the form without a page of the site's own, and with one
  [null, Text, Html],
  ["", Text, Html],
  ["*/*", Text, Html],
  ["*/*;q=0.1", Text, Html],
  ["text/*", Text, Html],
  ["text/*, */*;q=0.5", Text, Html],
  [FIREFOX, Html, Html],
  [CHROME, Html, Html],
  ["TEXT/HTML", Html, Html],
  ["text/html;level=1", Html, Html],
  ["text/html;q=0.1", Html, Html],
  ["image/avif,image/webp,*/*;q=0.8", Text, Html],
  ["text/css,*/*;q=0.1", Text, Html],
  ["application/json", Json, Json],
  ["application/problem+json", Json, Json],
  ["application/problem+json, application/json", Json, Json],
  ["application/json;q=0.1", Json, Json],
  ["application/*", Json, Json],
  ["application/json, text/plain, */*", Json, Json],
  ["application/json, */*;q=0.8", Json, Json],
  ["application/json, */*", Json, Json],
  ["application/problem+json;q=0.9, text/html;q=0.8", Json, Json],
  ["application/problem+json;q=0, application/json, text/html;q=0.5", Html, Html],
  ["application/json, text/html", Html, Html],
  ["application/json;q=0.9, text/html;q=0.8, */*;q=0.1", Json, Json],
  ["text/plain", Text, Text],
  ["text/plain, */*;q=0.5", Text, Text],
  ["text/plain, text/html", Html, Html],
  ["text/plain, text/html;q=0.9", Text, Text],
  ["text/html;q=0, */*", Text, Text],
  ["text/plain;q=0, */*", Html, Html],
  // nothing that there is, or nothing that makes sense
  ["image/png", Text, Html],
  ["application/xml", Text, Html],
  ["text/plain;q=0, text/html;q=0, application/json;q=0", Text, Html],
  ["*/*;q=0", Text, Html],
  [";;;,,,", Text, Html],
  ["application/json;q=7", Text, Html],
])("Accept: %s", (accept, plain, withPage) => {
  test("is answered in the form that it asks for", () => {
    expect(ErrorForm[chooseErrorForm(accept, Text)]).toBe(ErrorForm[plain]!);
    expect(ErrorForm[chooseErrorForm(accept, Html)]).toBe(ErrorForm[withPage]!);
  });

  test("is read from a head, again and again", () => {
    const reader = new ErrorFormReader();
    const head = headOf(`GET / HTTP/1.1\r\nHost: a\r\n${accept === null ? "" : `Accept: ${accept}\r\n`}\r\n`);
    for (let time = 0; time < 3; time++) {
      expect(reader.formFor(head, Text)).toBe(plain);
      expect(reader.formFor(head, Html)).toBe(withPage);
    }
  });
});

test("several lines are one list (RFC 9110 §5.3)", () => {
  const head = headOf("GET / HTTP/1.1\r\nHost: a\r\nAccept: */*;q=0.1\r\nAccept: application/json\r\n\r\n");
  expect(new ErrorFormReader().formFor(head, Text)).toBe(Json);
});

test("a value longer than any browser's is not read", () => {
  const accept = `${"a/b,".repeat(300)}application/json`;
  const limits = { headOctetsMax: 4096, targetOctetsMax: 256, fieldCountMax: 16, contentOctetsMax: 1000 };
  const head = headOf(`GET / HTTP/1.1\r\nHost: a\r\nAccept: ${accept}\r\n\r\n`, limits);
  expect(new ErrorFormReader().formFor(head, Text)).toBe(Text);
});

test("without a head there is no preference", () => {
  expect(new ErrorFormReader().formFor(null, Text)).toBe(Text);
});
