/** Edits of a field section: order, names without case, Vary, and what stays with files. */
import { describe, expect, test } from "bun:test";
import type { FieldLine } from "../../../src/http/response-head.ts";
import { becauseOf } from "../../../src/site/rules/because.ts";
import { applyEdits, editsForNotModified, editsForOthers, type FieldEdit } from "../../../src/site/rules/field-edit.ts";

const edits = (...pairs: [string, string | null][]): FieldEdit[] =>
  pairs.map(([name, value]) => ({ name, value, because: becauseOf("header", 0) }));
const LINES: FieldLine[] = [
  ["Server", "saker"],
  ["Date", null],
  ["Vary", "Accept-Encoding"],
];

describe("applyEdits", () => {
  test.each<[string, FieldEdit[], FieldLine[]]>([
    ["nothing", [], LINES],
    ["a new field", edits(["X-A", "1"]), [...LINES, ["X-A", "1"]]],
    ["in place of one", edits(["server", "other"]), [["server", "other"], LINES[1]!, LINES[2]!]],
    ["without one", edits(["SERVER", null]), LINES.slice(1)],
    ["without what isn't there", edits(["X-A", null]), LINES],
    ["the last of a name", edits(["X-A", "1"], ["x-a", "2"]), [...LINES, ["x-a", "2"]]],
    ["set, then left out", edits(["X-A", "1"], ["x-a", null]), LINES],
    ["left out, then set", edits(["Server", null], ["Server", "x"]), [...LINES.slice(1), ["Server", "x"]]],
    [
      "Vary grows",
      edits(["Vary", "Origin, accept-encoding"]),
      [LINES[0]!, LINES[1]!, ["Vary", "Accept-Encoding, Origin"]],
    ],
    ["Vary: * is all", edits(["Vary", "*"]), [LINES[0]!, LINES[1]!, ["Vary", "*"]]],
  ])("%s", (_, given, lines) => expect(applyEdits(LINES, given)).toEqual(lines));

  test("a first Vary", () => expect(applyEdits([], edits(["Vary", "Origin"]))).toEqual([["Vary", "Origin"]]));
  test("leaves its arguments alone", () => {
    const lines = [...LINES];
    applyEdits(lines, edits(["Server", null], ["X", "y"]));
    expect(lines).toEqual(LINES);
  });
});

test.each(["Cache-Control", "cache-control", "Expires", "Content-Type", "ETag", "Link", "Content-Disposition"])(
  "%s stays with files",
  (name) => expect(editsForOthers(edits([name, "x"], ["X-A", "y"])).map((edit) => edit.name)).toEqual(["X-A"]),
);
test.each([
  "Content-Security-Policy",
  "X-Frame-Options",
  "Access-Control-Allow-Origin",
  "Vary",
  "Set-Cookie",
  "Server",
])("%s is on errors too", (name) => expect(editsForOthers(edits([name, "x"]))).toHaveLength(1));
test.each(["Content-Type", "Content-Language", "Content-Disposition", "Content-Encoding"])("a 304 has no %s", (name) =>
  expect(editsForNotModified(edits([name, "x"]))).toEqual([]),
);
test.each(["Cache-Control", "Vary", "Expires", "Content-Location", "Content-Security-Policy"])("a 304 has %s", (name) =>
  expect(editsForNotModified(edits([name, "x"]))).toHaveLength(1),
);
