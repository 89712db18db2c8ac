import { expect, test } from "bun:test";
import { METHOD_COUNT, METHOD_NAME, Method, isGet, recogniseMethod } from "../../src/http/method.ts";
import { octets } from "./support/octets.ts";

test("every method has its name at its number", () => {
  expect(METHOD_COUNT).toBe(10);
  for (let method = Method.Get; method < METHOD_COUNT; method++) {
    expect(METHOD_NAME[method]).toBe(Method[method]!.toUpperCase());
  }
});

test.each(METHOD_NAME.slice(1).map((name, index) => [name, index + 1] as const))("%s is recognised", (name, method) => {
  expect(recogniseMethod(octets(`x${name}x`), 1, 1 + name.length)).toBe(method);
});

test.each(["get", "Get", "GE", "GETT", "XGET", "-", "PATCHES", "POS", "M-SEARCH"])("%s is unknown", (name) => {
  expect(recogniseMethod(octets(name), 0, name.length)).toBe(Method.Unknown);
});

test.each([
  ["GET /", true],
  ["GET", false],
  ["GETS /", false],
  ["get /", false],
  ["HEAD /", false],
])("%j begins with GET and SP: %j", (text, begins) => {
  expect(isGet(octets(text), 0)).toBe(begins);
});
