/** CORS: whose scripts may read, and what a preflight is told. */
import { describe, expect, test } from "bun:test";
import { defaultSettings } from "../../../src/config/schema.ts";
import type { Settings } from "../../../src/config/settings.ts";
import { becauseOf } from "../../../src/site/rules/because.ts";
import {
  allows,
  compileCors,
  corsEdits,
  corsEditsFor,
  type CorsRule,
  preflightEdits,
} from "../../../src/site/rules/cors-rule.ts";
import type { FieldEdits } from "../../../src/site/rules/field-edit.ts";

const rule = (written: Partial<Settings["cors"]>): CorsRule =>
  compileCors({ ...defaultSettings("/").cors, ...written }, becauseOf("cors"))!;
const shown = (edits: FieldEdits | null) => edits && Object.fromEntries(edits.map(({ name, value }) => [name, value]));

const LIST = ["https://a.example", "https://*.b.example:8443", "http://localhost:3000"];

describe("allows", () => {
  const list = rule({ allowed_origins: LIST });
  test.each([
    "https://a.example",
    "HTTPS://A.EXAMPLE",
    "https://x.b.example:8443",
    "https://x.y.b.example:8443",
    "http://localhost:3000",
  ])("%s", (origin) => expect(allows(list, origin)).toBe(true));
  test.each([
    "",
    "null",
    "*",
    "http://a.example",
    "https://a.example:443",
    "https://a.example.evil.example",
    "https://evila.example",
    "https://b.example:8443",
    "https://.b.example:8443",
    "https://x..b.example:8443",
    "https://evil.example/.b.example:8443",
    "https://evil.example#.b.example:8443",
    "https://u@x.b.example:8443",
    "https://x.b.example",
    "http://localhost:3001",
    "https://a.example, https://evil.example",
  ])("not %j", (origin) => expect(allows(list, origin)).toBe(false));
  test("* is everyone", () => expect(allows(rule({ allowed_origins: ["*"] }), "https://any.example")).toBe(true));
});

test("no origin, no CORS", () => {
  expect(compileCors(defaultSettings("/").cors, becauseOf("cors"))).toBeNull();
});

describe("fields of responses", () => {
  test.each<[string, Partial<Settings["cors"]>, object, object | null]>([
    ["everyone", { allowed_origins: ["*"] }, { "Access-Control-Allow-Origin": "*" }, null],
    [
      "one origin needs no Vary",
      { allowed_origins: ["https://a.example"], allow_credentials: true, exposed_headers: ["ETag", "X-A"] },
      {
        "Access-Control-Allow-Origin": "https://a.example",
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Expose-Headers": "ETag, X-A",
      },
      null,
    ],
    [
      "several do",
      { allowed_origins: LIST, allow_credentials: true },
      { Vary: "Origin" },
      { "Access-Control-Allow-Origin": "https://a.example", "Access-Control-Allow-Credentials": "true" },
    ],
    [
      "a family of one does",
      { allowed_origins: ["https://*.example"] },
      { Vary: "Origin" },
      { "Access-Control-Allow-Origin": "https://a.example" },
    ],
  ])("%s", (_, written, always, forOne) => {
    const compiled = rule(written);
    expect(shown(corsEdits(compiled))).toEqual(always as never);
    expect(shown(corsEditsFor(compiled, "https://a.example"))).toEqual(forOne as never);
    expect(corsEditsFor(compiled, "https://evil.test")).toBeNull();
  });
});

describe("preflight", () => {
  const depends = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
  test("tells an allowed origin what it may do", () => {
    const compiled = rule({ allowed_origins: LIST, allowed_headers: ["X-A", "X-B"], max_age_seconds: 5 });
    expect(shown(preflightEdits(compiled, "https://a.example", "x-c"))).toEqual({
      Vary: depends,
      "Access-Control-Allow-Origin": "https://a.example",
      "Access-Control-Allow-Methods": "GET, HEAD",
      "Access-Control-Allow-Headers": "X-A, X-B",
      "Access-Control-Max-Age": "5",
    });
  });
  test("tells others nothing", () => {
    expect(shown(preflightEdits(rule({ allowed_origins: LIST }), "https://evil.example", "x-c"))).toEqual({
      Vary: depends,
    });
  });
  test.each([
    ["x-a, X-B", "x-a, X-B"],
    ["x-a", "x-a"],
    ["", undefined],
    ["x-a,,x-b", undefined],
    ["x a", undefined],
    ["x-a: b", undefined],
    [`x-a"`, undefined],
  ])("repeats %j as %j where all are allowed", (asked, told) => {
    const compiled = rule({ allowed_origins: ["*"], allowed_headers: ["*"] });
    expect(shown(preflightEdits(compiled, "https://a.example", asked))?.["Access-Control-Allow-Headers"]).toBe(
      told as never,
    );
  });
});
