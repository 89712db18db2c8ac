/** Rules that keep people out hold for every spelling of a path. */
import { describe, expect, test } from "bun:test";
import { becauseOf } from "../../../src/site/rules/because.ts";
import { compileAuth, compileDeny, firstGuard } from "../../../src/site/rules/guard.ts";

const SUFFIXES = [".html", "/index.html"];
const holds = (path: string, filePath: string) =>
  firstGuard([compileDeny({ path, status: 403 }, becauseOf("deny_path", 0))], filePath, SUFFIXES) !== null;

describe("holds", () => {
  test.each([
    ["/admin/*", "/admin"],
    ["/admin/*", "/admin/x/y"],
    ["/admin/*", "/ADMIN/x"],
    ["/Admin/*", "/admin/x"],
    ["*.map", "/js/app.js.map"],
    ["*.map", "/js/app.js.MAP"],
    ["*.map", "/js/app.js.map.gz"],
    ["*.map", "/js/app.js.map.br"],
    ["*.map", "/js/app.js.map.ZST"],
    ["/a.pdf", "/a.pdf.gz"],
    ["/a.pdf", "/a.pdf.br.gz"],
    ["*.gz", "/a.gz"],
    ["/é", "/e\u0301"],
    ["/about", "/about.html"],
    ["/about", "/About.HTML.br"],
    ["/docs/", "/docs/index.html"],
    ["/docs", "/docs/index.html.gz"],
    ["/docs/index", "/docs/index.html"],
    ["/", "/index.html"],
  ])("%s  %s", (pattern, filePath) => expect(holds(pattern, filePath)).toBe(true));
});

describe("does not hold", () => {
  test.each([
    ["/admin/*", "/administrator"],
    ["/admin", "/admin/x"],
    ["*.map", "/map"],
    ["*.map", "/a.map/b"],
    ["/a.pdf", "/a.pdf.zip"],
    ["*.gz", "/a"],
    ["/about", "/about.htm"],
    ["/about.html", "/about"],
    ["/docs", "/docs/a/index.html"],
    ["/docs", "/docs/page.html"],
  ])("%s  %s", (pattern, filePath) => expect(holds(pattern, filePath)).toBe(false));
});

test("the first rule that matches decides", () => {
  const rules = [
    compileDeny({ path: "/a/b", status: 404 }, becauseOf("deny_path", 0)),
    compileDeny({ path: "/a/*", status: 403 }, becauseOf("deny_path", 1)),
  ];
  expect(firstGuard(rules, "/a/b", SUFFIXES)?.status).toBe(404);
  expect(firstGuard(rules, "/a/c", SUFFIXES)?.status).toBe(403);
  expect(firstGuard(rules, "/b", SUFFIXES)).toBeNull();
  expect(firstGuard([], "/a", SUFFIXES)).toBeNull();
});

test("a rule about a file itself comes before one about its page", () => {
  const rules = [
    compileDeny({ path: "/a", status: 404 }, becauseOf("deny_path", 0)),
    compileDeny({ path: "/a.html", status: 403 }, becauseOf("deny_path", 1)),
  ];
  expect(firstGuard(rules, "/a.html", SUFFIXES)?.status).toBe(403);
  expect(firstGuard(rules, "/a", SUFFIXES)?.status).toBe(404);
});

test("a user's hash is what follows the first colon", () => {
  const rule = compileAuth({ path: "/", realm: "r", users: ["a:$x:y", "b:$z"] }, becauseOf("basic_auth", 0));
  expect([...rule.users]).toEqual([
    ["a", { hash: "$x:y" }],
    ["b", { hash: "$z" }],
  ]);
});
