/** Edits of a field section: order, names without case, Vary, and what stays with files. */
import { describe, expect, test } from "bun:test";
import type { FieldLine } from "../../../src/http/response-head.ts";
import { becauseOf } from "../../../src/site/rules/because.ts";
import {
  addValue,
  applyEdits,
  editsForNotModified,
  editsForOthers,
  editsForRedirects,
  type FieldEdit,
  type FieldEdits,
  keyOfEdits,
} from "../../../src/site/rules/field-edit.ts";

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

  test("lines of their own beside the first, in place of all that were there", () => {
    const cookies = addValue(
      addValue([], "Set-Cookie", "a=1", becauseOf("header", 0)),
      "set-cookie",
      "b=2",
      becauseOf("header", 0),
    );
    const lines = applyEdits([...LINES, ["Set-Cookie", "x=0"], ["X", "y"]], cookies);
    expect(lines).toEqual([...LINES, ["Set-Cookie", "a=1"], ["set-cookie", "b=2"], ["X", "y"]]);
    expect(applyEdits(lines, edits(["Set-Cookie", "c=3"]))).toEqual([...LINES, ["Set-Cookie", "c=3"], ["X", "y"]]);
    expect(applyEdits(lines, edits(["SET-COOKIE", null]))).toEqual([...LINES, ["X", "y"]]);
  });
  test("a first Vary", () => expect(applyEdits([], edits(["Vary", "Origin"]))).toEqual([["Vary", "Origin"]]));
  test("a great many fields, and members of Vary", () => {
    const many = Array.from({ length: 60_000 }, (_, index): [string, string][] => [
      [`X-${index}`, "1"],
      ["Vary", `X-${index}`],
    ]).flat();
    const lines = applyEdits(LINES, edits(...many, ["X-7", null], ["x-8", "2"]));
    expect(lines).toHaveLength(LINES.length + 60_000 - 1);
    expect(lines[2]![1]).toEndWith(", X-59998, X-59999");
    expect(lines.find(([name]) => name.toLowerCase() === "x-8")).toEqual(["x-8", "2"]);
  });
  test("leaves its arguments alone", () => {
    const lines = [...LINES];
    applyEdits(lines, edits(["Server", null], ["X", "y"]));
    expect(lines).toEqual(LINES);
  });
});

describe("addValue", () => {
  const added = (...pairs: [string, string][]) =>
    pairs.reduce<FieldEdits>((all, [name, value]) => addValue(all, name, value, becauseOf("header", 0)), []);
  test.each<[string, [string, string][], string[]]>([
    ["one", [["A", "1"]], ["A: 1"]],
    [
      "a list",
      [
        ["A", "1"],
        ["a", "2"],
        ["A", "3"],
      ],
      ["A: 1, 2, 3"],
    ],
    [
      "cookies",
      [
        ["Set-Cookie", "a"],
        ["X", "y"],
        ["set-cookie", "b"],
      ],
      ["Set-Cookie: a", "X: y", "+ set-cookie: b"],
    ],
  ])("%s", (_, pairs, wanted) =>
    expect(added(...pairs).map(({ name, value, isFurther }) => `${isFurther ? "+ " : ""}${name}: ${value}`)).toEqual(
      wanted,
    ),
  );
  test("one line and two are told apart", () => {
    const two = added(["Set-Cookie", "a"], ["Set-Cookie", "b"]);
    expect(keyOfEdits(two)).not.toBe(keyOfEdits([...added(["Set-Cookie", "a"]), ...added(["Set-Cookie", "b"])]));
  });
});

test.each(["Cache-Control", "cache-control", "Expires", "Content-Type", "ETag", "Link", "Content-Disposition"])(
  "%s stays with files",
  (name) => expect(editsForOthers(edits([name, "x"], ["X-A", "y"])).map((edit) => edit.name)).toEqual(["X-A"]),
);
test.each(["Cache-Control", "expires"])("%s is on redirects", (name) =>
  expect(editsForRedirects(edits([name, "x"]))).toHaveLength(1),
);
test.each(["Content-Type", "ETag", "Link", "Content-Disposition", "Content-Language"])(
  "%s is not on redirects",
  (name) => expect(editsForRedirects(edits([name, "x"], ["X-A", "y"])).map((edit) => edit.name)).toEqual(["X-A"]),
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
