/** Path patterns: what they match and remember, against a slow and obvious model too. */
import { describe, expect, test } from "bun:test";
import { compilePattern, foldCase, matchPath, segmentsOf } from "../../../src/site/rules/path-pattern.ts";

const match = (pattern: string, path: string) => matchPath(compilePattern(pattern), segmentsOf(path));

describe("matches", () => {
  test.each<[string, string, Record<string, string>]>([
    ["/", "/", {}],
    ["/a", "/a", {}],
    ["/a", "/a/", {}],
    ["/a/", "/a", {}],
    ["/a/b", "/a/b", {}],
    ["/a b/é", "/a b/é", {}],
    ["/*", "/", { splat: "" }],
    ["/*", "/a", { splat: "a" }],
    ["/*", "/a/b/c", { splat: "a/b/c" }],
    ["/**", "/a/b", { splat: "a/b" }],
    ["/a/*", "/a", { splat: "" }],
    ["/a/*", "/a/", { splat: "" }],
    ["/a/*", "/a/b/c", { splat: "b/c" }],
    ["/a/*.js", "/a/b.js", {}],
    ["/a/*.js", "/a/.js", {}],
    ["/a/b*d*f", "/a/bcdef", {}],
    ["/a/b*b", "/a/bb", {}],
    ["/a/*b*", "/a/b", {}],
    ["/a*/c", "/abc/c", {}],
    ["/a/**/d", "/a/d", {}],
    ["/a/**/d", "/a/b/c/d", {}],
    ["/a/**/d", "/a/d/d", {}],
    ["/**/b/**/d", "/b/c/b/d", {}],
    ["/**/a/b", "/a/a/b", {}],
    ["*.css", "/a.css", {}],
    ["*.css", "/x/y/a.css", {}],
    ["robots.txt", "/robots.txt", {}],
    ["robots.txt", "/deep/robots.txt", {}],
    ["*", "/a/b", { splat: "a/b" }],
    ["/:year/:slug", "/2026/hello world", { year: "2026", slug: "hello world" }],
    ["/:a/*", "/x/y/z", { a: "x", splat: "y/z" }],
    ["/**/:last", "/a/b/c", { last: "c" }],
    ["/**/x/:y", "/x/x/z", { y: "z" }],
    ["/:a/**/b/*", "/1/2/b/3/4", { a: "1", splat: "3/4" }],
    ["/:8080", "/:8080", {}],
    ["/a**b", "/aXb", {}],
  ])("%s  %s", (pattern, path, remembered) => expect(match(pattern, path)).toEqual(remembered));
});

describe("does not match", () => {
  test.each([
    ["/", "/a"],
    ["/a", "/"],
    ["/a", "/b"],
    ["/a", "/A"],
    ["/a", "/a/b"],
    ["/a", "/ab"],
    ["/a/b", "/a"],
    ["/a/*", "/"],
    ["/a/*", "/ab"],
    ["/a/*", "/ab/c"],
    ["/a/*", "/b/a/c"],
    ["/a/*.js", "/a/b/c.js"],
    ["/a/*.js", "/a/b.jsx"],
    ["/a/b*b", "/a/b"],
    ["/a/*x*y", "/a/yx"],
    ["/a*/c", "/a/b/c"],
    ["/a/**/d", "/a"],
    ["/a/**/d", "/a/d/e"],
    ["/a/**/d", "/d"],
    ["/**/b/**/d", "/b/c"],
    ["*.css", "/a.css/b"],
    ["*.css", "/acss"],
    ["*.css", "/"],
    ["robots.txt", "/robots.txt.bak"],
    ["/:a", "/"],
    ["/:a", "/x/y"],
    ["/:a/*", "/"],
    ["/a.b", "/aXb"],
    ["/a+", "/aa"],
    ["/[ab]", "/a"],
    ["/:8080", "/x"],
  ])("%s  %s", (pattern, path) => expect(match(pattern, path)).toBeNull());
});

describe("without case", () => {
  const matches = (pattern: string, path: string) =>
    matchPath(compilePattern(pattern, true), segmentsOf(path)) !== null;
  test.each([
    ["/Admin/*", "/aDMIN/x"],
    ["*.BAK", "/a.bak"],
    ["/straße", "/STRASSE"],
    ["/é", "/e\u0301"],
    ["/Σ", "/ς"],
    ["/s", "/\u017f"],
    ["/k", "/\u212a"],
  ])("%s  %s", (pattern, path) => expect(matches(pattern, path)).toBe(true));
  test.each([
    ["/admin/*", "/admi"],
    ["*.bak", "/a.bakk"],
    ["/e", "/é"],
  ])("%s and not %s", (pattern, path) => expect(matches(pattern, path)).toBe(false));
  test("folding twice changes nothing", () => {
    for (const text of ["Straße", "İstanbul", "ﬃ", "Ǆ", "ΑΣ", "e\u0301", "\u017fK"]) {
      expect(foldCase(foldCase(text))).toBe(foldCase(text));
    }
  });
});

/** The definition, as slow as it comes: a pattern matches if any way to read its stars does. */
function model(pattern: readonly string[], path: readonly string[]): boolean {
  const [first, ...others] = pattern;
  if (first === undefined) return path.length === 0;
  const isLast = others.length === 0;
  if (isLast && (first === "*" || first === "**")) return true;
  if (first === "**") return model(others, path) || (path.length > 0 && model(pattern, path.slice(1)));
  const [head, ...rest] = path;
  return head !== undefined && modelSegment(first, head) && model(others, rest);
}

function modelSegment(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern[0] === "*")
    return modelSegment(pattern.slice(1), text) || (text !== "" && modelSegment(pattern, text.slice(1)));
  return pattern[0] === text[0] && modelSegment(pattern.slice(1), text.slice(1));
}

test("agrees with the model on 20 000 random pairs", () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  let state = seed + 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  const some = (max: number, make: () => string): string[] => Array.from({ length: random(max + 1) }, make);
  const segment = () => ["a", "b", "ab", "ba", "aab"][random(5)]!;
  const globbed = () => ["a", "b", "*", "**", "a*", "*b", "*a*", "a*b", "*ab"][random(9)]!;
  for (let round = 0; round < 20_000; round++) {
    const path = `/${some(5, segment).join("/")}`;
    const written = some(4, globbed);
    const pattern = `/${written.join("/")}`;
    const expected = model(written, segmentsOf(path));
    if ((match(pattern, path) !== null) !== expected) {
      throw new Error(`${pattern} ${expected ? "matches" : "does not match"} ${path} (SEED=${seed})`);
    }
  }
});

test("many stars against a long path that almost matches are no trouble", () => {
  const pattern = `/${"**/a/".repeat(20)}${"*a".repeat(20)}b`;
  expect(match(pattern, `/${"a/".repeat(2000)}${"a".repeat(2000)}`)).toBeNull();
});

test.each<[string, string, Record<string, string>]>([
  ["/a/*", "/a/b/", { splat: "b/" }],
  ["/a/**", "/a/b/c/", { splat: "b/c/" }],
  ["/a/*", "/a/b", { splat: "b" }],
  ["/a/*", "/a/", { splat: "" }],
  ["/a/*", "/a", { splat: "" }],
  ["/:x/*", "/a/b/", { x: "a", splat: "b/" }],
  ["/a/:x", "/a/b/", { x: "b" }],
])("what the last star of %s captures of %s ends as the path does", (pattern, path, remembered) =>
  expect(matchPath(compilePattern(pattern), segmentsOf(path), path.endsWith("/"))).toEqual(remembered),
);
