import { describe, expect, test } from "bun:test";
import { Scheme, TargetForm } from "../../src/http/request-head.ts";
import { textOf } from "../../src/http/octets.ts";
import { TARGET_ROWS } from "./support/corpus.ts";
import { headOf, parseWhole } from "./support/head-result.ts";

test.each(TARGET_ROWS)("%s", (_what, text, outcome) => {
  const { verdict } = parseWhole(text);
  expect(verdict.startsWith("head of") ? "head" : verdict).toBe(outcome);
});

describe("parts of a request-target", () => {
  const H = "Host: a.example:81";

  /** [form, path, query, authority, host] */
  function partsOf(requestLine: string, field = H) {
    const head = headOf(`${requestLine} HTTP/1.1\r\n${field}\r\n\r\n`);
    const at = (start: number, end: number) => (start < 0 ? null : textOf(head.bytes, start, end));
    return [
      TargetForm[head.targetForm],
      at(head.pathStart, head.pathEnd),
      at(head.queryStart, head.queryEnd),
      at(head.authorityStart, head.authorityEnd),
      at(head.authorityStart, head.hostEnd),
    ];
  }

  test.each([
    ["GET /", ["Origin", "/", null, "a.example:81", "a.example"]],
    ["GET /a/b", ["Origin", "/a/b", null, "a.example:81", "a.example"]],
    ["GET /a?", ["Origin", "/a", "", "a.example:81", "a.example"]],
    ["GET /a?b?c/d", ["Origin", "/a", "b?c/d", "a.example:81", "a.example"]],
    ["GET //b.example/c", ["Origin", "//b.example/c", null, "a.example:81", "a.example"]],
    ["GET /http://b.example/c", ["Origin", "/http://b.example/c", null, "a.example:81", "a.example"]],
    ["GET http://b.example/c?d", ["Absolute", "/c", "d", "b.example", "b.example"]],
    ["GET HTTP://B.example:80/c", ["Absolute", "/c", null, "B.example:80", "B.example"]],
    ["GET https://b.example:/", ["Absolute", "/", null, "b.example:", "b.example"]],
    ["GET http://[::1]:8/c", ["Absolute", "/c", null, "[::1]:8", "[::1]"]],
    ["GET http://b.example", ["Absolute", "", null, "b.example", "b.example"]],
    ["GET http://b.example?d/e", ["Absolute", "", "d/e", "b.example", "b.example"]],
    ["OPTIONS http://b.example", ["Absolute", "", null, "b.example", "b.example"]],
    ["OPTIONS *", ["Asterisk", "", null, "a.example:81", "a.example"]],
    ["CONNECT b.example:443", ["Authority", "", null, "b.example:443", "b.example"]],
    ["CONNECT [::1]:443", ["Authority", "", null, "[::1]:443", "[::1]"]],
  ])("%s", (requestLine, parts) => {
    expect(partsOf(requestLine)).toEqual(parts);
  });

  test("the authority of the target wins over Host, whatever that says (RFC 9112 §3.2.2)", () => {
    expect(partsOf("GET http://b.example/", "Host: c.example")[3]).toBe("b.example");
    expect(partsOf("GET http://b.example/", "Host:")[3]).toBe("b.example");
  });

  test("asterisk-form with an empty Host has an empty authority", () => {
    expect(partsOf("OPTIONS *", "Host:")[3]).toBe("");
  });

  test.each([
    ["GET /", Scheme.None],
    ["GET http://b.example/", Scheme.Http],
    ["GET hTTpS://b.example/", Scheme.Https],
    ["OPTIONS *", Scheme.None],
    ["CONNECT b.example:443", Scheme.None],
  ])("scheme of %s", (requestLine, scheme) => {
    expect(headOf(`${requestLine} HTTP/1.1\r\n${H}\r\n\r\n`).scheme).toBe(scheme);
  });
});
