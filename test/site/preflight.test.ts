/** Which requests are CORS preflights, and what `[cors]` has for them. */
import { expect, test } from "bun:test";
import { defaultSettings } from "../../src/config/schema.ts";
import { isPreflight, preflightFor } from "../../src/site/preflight.ts";
import { becauseOf } from "../../src/site/rules/because.ts";
import { compileCors } from "../../src/site/rules/cors-rule.ts";
import { headOf } from "../http/support/head-result.ts";

const ORIGIN = "Origin: https://a.example";
const ASKS = "Access-Control-Request-Method: GET";
const head = (line: string, ...lines: string[]) =>
  headOf(`${line} HTTP/1.1\r\nHost: a\r\n${lines.map((text) => `${text}\r\n`).join("")}\r\n`);

test.each([
  ["OPTIONS /a", [ORIGIN, ASKS], true],
  ["OPTIONS /a", [ASKS.toLowerCase(), ORIGIN.toUpperCase()], true],
  ["OPTIONS /a", [ORIGIN, "Access-Control-Request-Method:"], true],
  ["OPTIONS /a", [ORIGIN], false],
  ["OPTIONS /a", [ASKS], false],
  ["OPTIONS /a", [ORIGIN, "Access-Control-Request-Methods: GET"], false],
  ["OPTIONS /a", [ORIGIN, "Access-Control-Request-Metho: GET"], false],
  ["GET /a", [ORIGIN, ASKS], false],
  ["BREW /a", [ORIGIN, ASKS], false],
])("%s %j: %j", (line, lines, isOne) => {
  expect(isPreflight(head(line, ...lines))).toBe(isOne);
});

test("is answered with what it asks for, the last line of a field", () => {
  const written = { ...defaultSettings("/").cors, allowed_origins: ["https://a.example"], allowed_headers: ["*"] };
  const rule = compileCors({ ...written, path: "/api/*" }, becauseOf("cors"))!;
  const lines = [ORIGIN, ASKS, "Access-Control-Request-Headers: x-a", "ACCESS-CONTROL-REQUEST-HEADERS: x-b"];
  const edits = preflightFor(rule, head("OPTIONS /api/x", ...lines))!;
  expect(edits.find(({ name }) => name === "Access-Control-Allow-Headers")!.value).toBe("x-b");
  expect(preflightFor(rule, head("OPTIONS /other", ...lines))).toBeNull();
  expect(preflightFor(rule, head("OPTIONS *", ...lines))).toBeNull();
});
