/** Where redirects and rewrites lead: what is put in, and what can never come of it. */
import { describe, expect, test } from "bun:test";
import { isRedirectTarget } from "../../../src/syntax/path-syntax.ts";
import {
  compileRedirectTarget,
  compileRewriteTarget,
  expandLocation,
  expandPath,
  locationText,
} from "../../../src/site/rules/move-target.ts";

const locate = (target: string, remembered: Record<string, string> = {}, query = "") =>
  locationText(expandLocation(compileRedirectTarget(target), remembered), query);

describe("Location", () => {
  test.each<[string, Record<string, string>, string, string]>([
    ["/new", {}, "", "/new"],
    ["/new/:splat", { splat: "a/b" }, "", "/new/a/b"],
    ["/new/:splat", { splat: "" }, "", "/new/"],
    ["/new/:splat", { splat: "a/b/" }, "?c", "/new/a/b/?c"],
    ["/new/:splat/c", { splat: "a/b/" }, "", "/new/a/b/c"],
    ["/:y-:m.html", { y: "2026", m: "01" }, "", "/2026-01.html"],
    ["https://example.com", {}, "?a=b", "https://example.com?a=b"],
    ["https://example.com:8443/:splat", { splat: "x" }, "?q", "https://example.com:8443/x?q"],
    // The query of the request is kept unless the target has its own, before the fragment.
    ["/new", {}, "?a=b&c=%20", "/new?a=b&c=%20"],
    ["/new?x=1", {}, "?a=b", "/new?x=1"],
    ["/new?", {}, "?a=b", "/new?"],
    ["/new#top", {}, "?a=b", "/new?a=b#top"],
    ["/new?x=1#top", {}, "?a=b", "/new?x=1#top"],
    // What is remembered is decoded, and encoded for where it goes.
    ["/n/:a", { a: "a b" }, "", "/n/a%20b"],
    ["/n/:a", { a: "100%" }, "", "/n/100%25"],
    ["/n/:a", { a: "é" }, "", "/n/%C3%A9"],
    ["/n/:a", { a: "a?b#c" }, "", "/n/a%3Fb%23c"],
    ["/n/:a", { a: "a\\b" }, "", "/n/a%5Cb"],
    ["/n/:a", { a: "a;b=c@d" }, "", "/n/a;b=c@d"],
    ["/n/:splat", { splat: "a b/é" }, "", "/n/a%20b/%C3%A9"],
    ["/n?x=:a", { a: "a&b=c+d/e" }, "", "/n?x=a%26b%3Dc%2Bd%2Fe"],
    // Literals: what may not stand in a URI is encoded, what is encoded stays.
    ["/a b/é", {}, "", "/a%20b/%C3%A9"],
    ["/a%20b", {}, "", "/a%20b"],
    ["/100%", {}, "", "/100%25"],
    ['/"<>[]^`{|}', {}, "", "/%22%3C%3E%5B%5D%5E%60%7B%7C%7D"],
  ])("%s with %j and %j is %s", (target, remembered, query, location) =>
    expect(locate(target, remembered, query)).toBe(location),
  );

  test.each<[string, Record<string, string>]>([
    ["/:splat", { splat: "" }],
    ["/:splat/evil.example", { splat: "" }],
    ["/:splat/:splat/evil.example", { splat: "" }],
    ["/:splat", { splat: "evil.example" }],
    ["/:a", { a: "\\evil.example" }],
    ["/:a", { a: "@evil.example" }],
    ["/:a", { a: "https://evil.example" }],
    ["/x:splat", { splat: "://evil.example" }],
    ["https://good.example/:splat", { splat: "@evil.example" }],
    ["https://good.example/:splat", { splat: "/../evil" }],
  ])("%s with %j stays where it is", (target, remembered) => {
    expect(isRedirectTarget(target)).toBe(true);
    const location = locate(target, remembered);
    expect(location).not.toMatch(/^\/[/\\]/);
    expect(["asked.example", "good.example"]).toContain(new URL(location, "http://asked.example/").host);
  });

  test.each(["\r\nSet-Cookie: a=b", "a\nb", "\0", "\u0085", "\u2028", "a\tb"])("%j ends no field line", (text) => {
    for (const target of ["/:a", "/?q=:a", "https://example.com/:a", "/:splat"]) {
      expect(locate(target, { a: text, splat: text })).toMatch(/^[\x21-\x7e]*$/);
    }
  });
});

test.each<[string, Record<string, string>, string]>([
  ["/app/:splat", { splat: "a b/é" }, "/app/a b/é"],
  ["/:a.html", { a: "x" }, "/x.html"],
  ["/app/:splat", { splat: "a/b/" }, "/app/a/b"],
  ["/index.html", {}, "/index.html"],
  ["/a%20b", {}, "/a%20b"],
])("the file of %s with %j is %s", (target, remembered, path) =>
  expect(expandPath(compileRewriteTarget(target), remembered)).toBe(path),
);
