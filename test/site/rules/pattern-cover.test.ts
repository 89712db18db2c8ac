/** Whether a pattern matches everything that another one does, held against paths that the other one matches. */
import { describe, expect, test } from "bun:test";
import { compilePattern, compileWildcardPattern, matchPath, segmentsOf } from "../../../src/site/rules/path-pattern.ts";
import { covers, matchesEverything } from "../../../src/site/rules/pattern-cover.ts";

/** Wide, narrow, whether they ignore case. */
type Row = readonly [wide: string, narrow: string, wideIgnoresCase?: boolean, narrowIgnoresCase?: boolean];

const COVERED: Row[] = [
  ["/a", "/a"],
  ["/a/", "/a"],
  ["/*", "/"],
  ["/*", "/a/b"],
  ["/*", "/**/b"],
  ["/a/*", "/a"],
  ["/a/*", "/a/b/*"],
  ["/a/**", "/a/*"],
  ["/:x", "/a"],
  ["/:x", "/*.css"],
  ["/:x/b", "/:y/b"],
  ["*.css", "/a/b.css"],
  ["*.css", "/a/*.css"],
  ["*.css", "x.css"],
  ["/**/b", "/a/:x/b"],
  ["/**/a/*", "/x/a/b/*"],
  ["/A", "/a", true],
  ["/A/*", "/a/B", true, true],
  ["/*", "/a", false, true],
];

const NOT_COVERED: Row[] = [
  ["/a", "/b"],
  ["/a", "/a/*"],
  ["/a", "/:x"],
  ["/a/b", "/a"],
  ["/a/*", "/*"],
  ["/:x", "/"],
  ["/:x", "/*"],
  ["/:x", "/a/b"],
  ["/*.css", "/a.js"],
  ["/*.css", "/a/b.css"],
  ["/*.css", "/:x"],
  ["/a*.css", "/*.css"],
  ["/**/b", "/**/:x"],
  ["/**/b", "/a/*"],
  ["/:x/b", "/**/b"],
  ["/a", "/A"],
  ["/a", "/a", false, true],
];

const named = (rows: readonly Row[]) => rows.map((row) => [row.join(" "), row] as const);

const both = ([wide, narrow, wideIgnoresCase, narrowIgnoresCase]: Row) =>
  [compilePattern(wide, wideIgnoresCase), compilePattern(narrow, narrowIgnoresCase)] as const;

test.each(named(COVERED))("%s covers", (_, row) => expect(covers(...both(row))).toBe(true));
test.each(named(NOT_COVERED))("%s does not cover", (_, row) => expect(covers(...both(row))).toBe(false));

describe("no path shows the opposite", () => {
  const paths = ["", "a", "b", "A", "a.css", "b.css", "x"].flatMap((first) =>
    ["", "/a", "/b", "/B", "/x/b", "/b.css", "/a/b/c"].map((rest) => `/${first}${rest}`),
  );
  test.each(named(COVERED))("%s", (_, row) => {
    const [wide, narrow] = both(row);
    const matching = paths.filter((path) => matchPath(narrow, segmentsOf(path)) !== null);
    expect(matching.filter((path) => matchPath(wide, segmentsOf(path)) === null)).toEqual([]);
  });
});

test.each([
  ["/*", true],
  ["/**", true],
  ["/**/*", true],
  ["*", true],
  ["/", false],
  ["/:x", false],
  ["/a/*", false],
  ["*.html", false],
])("%s matches everything: %p", (pattern, wanted) => {
  expect(matchesEverything(compilePattern(pattern))).toBe(wanted);
});

describe("with wildcards", () => {
  const wild = compileWildcardPattern;
  test.each([
    [wild("/*"), wild("/a*b")],
    [wild("/*"), compilePattern("/a/**/b")],
    [compilePattern("/*"), wild("/*.js")],
    [wild("/*.js"), wild("/*.js")],
    [wild("/*.js"), wild("/a/b.js")],
    [wild("/*.js"), wild("/a/*.js")],
    [wild("/*.js"), wild("/*.min.js")],
    [wild("/*.js"), compilePattern("/a/*.js")],
    [wild("/a/*"), wild("/a/*/b")],
    [wild("/a/*"), wild("/a/:x")],
    [wild("/:x/*"), wild("/a/*")],
    [wild("/a/*/b"), wild("/a/b")],
    [compilePattern("/a/*"), wild("/a/*b*")],
    [compilePattern("*.js"), wild("/*.js")],
    [wild("/A*", true), wild("/a/b", true)],
    [wild("/*/:x"), compilePattern("/:a/:b")],
  ])("%p covers %p", (wide, narrow) => expect(covers(wide, narrow)).toBe(true));
  test.each([
    [wild("/a*b"), wild("/*")],
    [wild("/:x"), wild("/*")],
    [wild("/:x/*"), wild("/*")],
    [wild("/:x/:y"), wild("/a/*")],
    [compilePattern("/a/*.js"), wild("/a/*.js")],
    [compilePattern("/:x"), wild("/a*")],
    [wild("/*.js"), wild("/*.css")],
    [wild("/a/*/b"), wild("/a*b")],
    [wild("/a"), wild("/a", true)],
    [wild("/*.js"), compilePattern("/:x")],
  ])("%p does not cover %p", (wide, narrow) => expect(covers(wide, narrow)).toBe(false));
});

test.each([
  ["/*", true],
  ["/**", true],
  ["/a*", false],
  ["/*.html", false],
])("%s with wildcards matches everything: %p", (pattern, wanted) => {
  expect(matchesEverything(compileWildcardPattern(pattern))).toBe(wanted);
});
