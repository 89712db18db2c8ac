/** Patterns of `_headers` and `_redirects`: what they match and capture, against a slow and obvious model too. */
import { describe, expect, test } from "bun:test";
import { compileWildcardPattern, matchPath, segmentsOf } from "../../../src/site/rules/path-pattern.ts";

const match = (pattern: string, path: string) =>
  matchPath(compileWildcardPattern(pattern), segmentsOf(path), path.endsWith("/"));

describe("matches", () => {
  test.each<[string, string, Record<string, string>]>([
    ["/", "/", {}],
    ["/a", "/a", {}],
    ["/a", "/a/", {}],
    ["/a/", "/a", {}],
    ["/*", "/", { splat: "" }],
    ["/*", "/a/b", { splat: "a/b" }],
    ["/*", "/a/b/", { splat: "a/b/" }],
    ["/a/*", "/a", { splat: "" }],
    ["/a/*", "/a/", { splat: "" }],
    ["/a/*", "/a/b/c", { splat: "b/c" }],
    ["/a/**", "/a/b/c", { splat: "b/c" }],
    ["/*.js", "/app.js", { splat: "app" }],
    ["/*.js", "/assets/app.js", { splat: "assets/app" }],
    ["/*.js", "/.js", { splat: "" }],
    ["/assets/*.js", "/assets/a/b.js", { splat: "a/b" }],
    ["/a*", "/ab/c", { splat: "b/c" }],
    ["/a*", "/a", { splat: "" }],
    ["/a*z", "/a/b/z", { splat: "/b/" }],
    ["/hello*world/test", "/hello-my/big-world/test", { splat: "-my/big-" }],
    ["/a/*/z", "/a/z", { splat: "" }],
    ["/a/*/z", "/a/b/z", { splat: "b" }],
    ["/a/*/z", "/a/b/c/z/", { splat: "b/c" }],
    ["/a/*/z", "/a/z/z", { splat: "z" }],
    ["/a/*/m/*", "/a/b/m/c/", { splat: "b" }],
    ["/*/*", "/", { splat: "" }],
    ["/:x", "/a", { x: "a" }],
    ["/:x/b/:y", "/a/b/c/", { x: "a", y: "c" }],
    ["/:x-y/b", "/a/b", { "x-y": "a" }],
    ["/:x/*", "/a", { x: "a", splat: "" }],
    ["/:x/*", "/a/b/c", { x: "a", splat: "b/c" }],
    ["/*/:x/z", "/a/b/c/z", { x: "c", splat: "a/b" }],
    ["/*/:x/z", "/c/z", { x: "c", splat: "" }],
    ["/:lang/*.js", "/de/a/b.js", { lang: "de", splat: "a/b" }],
  ])("%s  %s", (pattern, path, remembered) => expect(match(pattern, path)).toEqual(remembered));
});

describe("does not match", () => {
  test.each([
    ["/", "/a"],
    ["/a", "/"],
    ["/a", "/A"],
    ["/a", "/a/b"],
    ["/a/*", "/ab"],
    ["/a/*", "/b/a/c"],
    ["/*.js", "/a.jsx"],
    ["/*.js", "/ajs"],
    ["/a/*/z", "/az"],
    ["/a/*/z", "/a/bz"],
    ["/a/*/z", "/a/b/z/c"],
    ["/a*a", "/a"],
    ["/:x", "/"],
    ["/:x", "/a/b"],
    ["/:x/z", "/z"],
    ["/*/:x/z", "/z"],
  ])("%s  %s", (pattern, path) => expect(match(pattern, path)).toBeNull());
});

test.each([
  ["/Admin/*", "/aDMIN/x"],
  ["/*.JS", "/Assets/app.js"],
  ["/straße/*", "/STRASSE/x"],
  ["/é", "/e\u0301"],
])("%s without case %s", (pattern, path) =>
  expect(matchPath(compileWildcardPattern(pattern, true), segmentsOf(path))).not.toBeNull(),
);

/** The definition: any way to read the stars, where one between slashes may leave out a slash with what it stands for. */
function model(pattern: string, path: string): boolean {
  if (pattern === "") return path === "";
  if (pattern.startsWith("/*/") && model(pattern.slice(2), path)) return true;
  if (pattern[0] === "*") return model(pattern.slice(1), path) || (path !== "" && model(pattern, path.slice(1)));
  return pattern[0] === path[0] && model(pattern.slice(1), path.slice(1));
}

test("agrees with the model on 20 000 random pairs", () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  let state = seed + 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  const some = (max: number, make: () => string): string[] => Array.from({ length: random(max + 1) }, make);
  const slashed = (segments: readonly string[]): string => (segments.length === 0 ? "/" : `/${segments.join("/")}/`);
  for (let round = 0; round < 20_000; round++) {
    const path = some(4, () => ["a", "b", "ab", "ba"][random(4)]!);
    const pattern = some(4, () => ["a", "b", "*", "a*", "*b", "*a*", "a*b"][random(7)]!);
    const expected = model(slashed(pattern), slashed(path));
    if ((match(`/${pattern.join("/")}`, `/${path.join("/")}`) !== null) !== expected) {
      throw new Error(`/${pattern.join("/")} and /${path.join("/")}: ${expected} (SEED=${seed})`);
    }
  }
});

test("many stars against a long path that almost matches are no trouble", () => {
  expect(match(`/${"*a".repeat(200)}b`, `/${"a/".repeat(4000)}`)).toBeNull();
  expect(match(`/${"*/:x/a".repeat(50)}/b`, `/${"a/".repeat(4000)}`)).toBeNull();
});
