import { expect, test } from "bun:test";
import { Field } from "../../src/http/field.ts";
import { RequestHead, Scheme } from "../../src/http/request-head.ts";
import { headOf } from "./support/head-result.ts";

const head = headOf(
  "GET / HTTP/1.1\r\nHost: a\r\nAccept: b\r\nX: c\r\naccept: \r\nACCEPT: d, e\r\nUser-Agent: \xe9\r\nReferer:\r\n\r\n",
);

test("a field that is not there has no line and no value", () => {
  expect(head.has(Field.Cookie)).toBe(false);
  expect(head.isRepeated(Field.Cookie)).toBe(false);
  expect(head.firstLine(Field.Cookie)).toBe(-1);
  expect(head.nextLine(Field.Cookie, 0)).toBe(-1);
  expect(head.valueStart(Field.Cookie)).toBe(-1);
  expect(head.valueEnd(Field.Cookie)).toBe(-1);
  expect(head.value(Field.Cookie)).toBeNull();
});

test("a field of one line", () => {
  expect(head.has(Field.Host)).toBe(true);
  expect(head.isRepeated(Field.Host)).toBe(false);
  expect(head.firstLine(Field.Host)).toBe(0);
  expect(head.nextLine(Field.Host, 0)).toBe(-1);
  expect(head.value(Field.Host)).toBe("a");
  expect(head.bytes.subarray(head.valueStart(Field.Host), head.valueEnd(Field.Host))).toEqual(Buffer.from("a"));
});

test("a field of several lines: each is reached, and they make one value (RFC 9110 §5.3)", () => {
  expect(head.isRepeated(Field.Accept)).toBe(true);
  expect(head.firstLine(Field.Accept)).toBe(1);
  expect(head.nextLine(Field.Accept, 1)).toBe(3);
  expect(head.nextLine(Field.Accept, 3)).toBe(4);
  expect(head.nextLine(Field.Accept, 4)).toBe(-1);
  expect(head.value(Field.Accept)).toBe("b, , d, e");
});

test("several lines of Cookie are one list of cookies (RFC 9113 §8.2.3)", () => {
  const cookies = headOf("GET / HTTP/1.1\r\nHost: a\r\nCookie: a=b\r\nCookie: c=d; e=f\r\n\r\n");
  expect(cookies.value(Field.Cookie)).toBe("a=b; c=d; e=f");
});

test("the scheme of its connections stays, whatever the request", () => {
  const secured = new RequestHead(1, Scheme.Https);
  secured.reset(0);
  expect([secured.connectionScheme, new RequestHead(1).connectionScheme]).toEqual([Scheme.Https, Scheme.Http]);
});

test("an empty value is there", () => {
  expect(head.has(Field.Referer)).toBe(true);
  expect(head.value(Field.Referer)).toBe("");
  expect(head.valueStart(Field.Referer)).toBe(head.valueEnd(Field.Referer));
});

test("values are ISO 8859-1", () => {
  expect(head.value(Field.UserAgent)).toBe("\xe9");
});

test("every known field can be told from every other", () => {
  for (let field = 0; field < Field.count; field++) {
    expect(head.has(field)).toBe([Field.Host, Field.Accept, Field.UserAgent, Field.Referer].includes(field));
  }
});
