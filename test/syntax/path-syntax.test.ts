/** Patterns and targets: what is one, what is none, and which names they hold. */
import { describe, expect, test } from "bun:test";
import {
  isOrigin,
  isPathPattern,
  isRedirectTarget,
  isRewriteTarget,
  namesInTarget,
  capturedNames,
  splitTarget,
} from "../../src/syntax/path-syntax.ts";

describe("isPathPattern", () => {
  test.each([
    "/",
    "/*",
    "/**",
    "/a",
    "/a/",
    "/a/*",
    "/a/**/b",
    "/:year/:slug",
    "*.css",
    "*",
    "robots.txt",
    "/a b",
    "/é",
  ])("%s is one", (text) => expect(isPathPattern(text)).toBe(true));
  test.each([
    "",
    "a/b",
    "a/",
    "//a",
    "/a//b",
    "/a//",
    "/.",
    "/a/./b",
    "/..",
    "/a/../b",
    ".",
    "..",
    "/a?b=c",
    "/a#b",
    "/a\\b",
    "/a\nb",
    "/a\0b",
    "https://a/b",
    `/${"a".repeat(3000)}`,
  ])("%j is none", (text) => expect(isPathPattern(text)).toBe(false));
});

describe("isRedirectTarget", () => {
  test.each([
    "/",
    "/a",
    "/a/:splat",
    "/a?b=:c",
    "/a#b",
    "https://example.com",
    "https://example.com/",
    "http://example.com:8080/a/:splat?x=1#y",
    "HTTPS://EXAMPLE.COM/",
    "https://[::1]:8080/",
    "/a b",
    "/é",
  ])("%s is one", (text) => expect(isRedirectTarget(text)).toBe(true));
  test.each([
    "",
    "a",
    "//example.com",
    "///example.com",
    "/\\example.com",
    "\\\\example.com",
    ":splat",
    "https://",
    "https:///a",
    "https://:host/a",
    "https://:splat",
    "https://example.com:splat",
    "https://example.com:port/",
    "https://example.com:99999/",
    "https://example.com.:splat/",
    "https://user@example.com/",
    "https://example.com@evil.example/",
    "https://exa mple.com/",
    "https://example.com\\@evil.example/",
    "ftp://example.com/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/a\r\nSet-Cookie: x",
    "/a\nb",
    "/a\0",
    "?a=b",
    "#a",
    `/${"a".repeat(3000)}`,
  ])("%j is none", (text) => expect(isRedirectTarget(text)).toBe(false));
});

describe("isRewriteTarget", () => {
  test.each(["/", "/index.html", "/a/:splat", "/a/:b.html"])("%s is one", (text) =>
    expect(isRewriteTarget(text)).toBe(true),
  );
  test.each(["", "a", "index.html", "/../a", "/a/..", "//a", "/a?b", "/a#b", "/a/*", "https://example.com/", "/a\\b"])(
    "%j is none",
    (text) => expect(isRewriteTarget(text)).toBe(false),
  );
});

test.each(["http://a", "https://a.b:1", "https://[2001:db8::1]"])("%s is an origin", (text) =>
  expect(isOrigin(text)).toBe(true),
);
test.each(["", "a", "https://a/", "https://a:", "https://a b", "https://*.a", "https://u@a", "null"])(
  "%j is no origin",
  (text) => expect(isOrigin(text)).toBe(false),
);

test.each([
  ["/a", []],
  ["/:a/b/:c", ["a", "c"]],
  ["/a/*", ["splat"]],
  ["/a/**", ["splat"]],
  ["/:a/*", ["a", "splat"]],
  ["/a-:b/:8080", []],
  ["*", ["splat"]],
])("%s captures %j", (pattern, names) => expect(capturedNames(pattern)).toEqual(names));

test.each([
  ["/a", []],
  ["/:a/x-:b.html?c=:c#:d", ["a", "b", "c"]],
  ["https://example.com:8080/:splat", ["splat"]],
  ["/talk%3AMain", []],
])("%s asks for %j", (target, names) => expect(namesInTarget(target)).toEqual(names));

test("splitTarget", () => {
  expect(splitTarget("https://a.b:1/c?d#e")).toEqual({
    origin: "https://a.b:1",
    path: "/c",
    query: "d",
    fragment: "#e",
  });
  expect(splitTarget("/c")).toEqual({ origin: "", path: "/c", query: null, fragment: "" });
  expect(splitTarget("/c?#")).toEqual({ origin: "", path: "/c", query: "", fragment: "#" });
});
