import { expect, test } from "bun:test";
import { Method, METHOD_COUNT, METHOD_NAME } from "../../src/http/method.ts";
import { ALLOWED_METHODS, isAnswered } from "../../src/site/answered-methods.ts";

test("Allow names the methods that are answered, and no others (RFC 9110 §10.2.1)", () => {
  const answered = Array.from({ length: METHOD_COUNT }, (_, method: Method) => method).filter(isAnswered);
  expect(answered.map((method) => METHOD_NAME[method])).toEqual(ALLOWED_METHODS.split(", "));
  expect(ALLOWED_METHODS).toBe("GET, HEAD, OPTIONS");
});
