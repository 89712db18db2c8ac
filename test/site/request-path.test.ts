import { describe, expect, test } from "bun:test";
import { resolveRequestPath } from "../../src/site/request-path.ts";

describe("a path that names something", () => {
  test.each([
    ["/", "/", "/", true],
    ["/a", "/a", "/a", false],
    ["/a/", "/a/", "/a", true],
    ["/a/b.html", "/a/b.html", "/a/b.html", false],
    ["//a///b", "/a/b", "/a/b", false],
    ["/a/./b", "/a/b", "/a/b", false],
    ["/a/../b", "/b", "/b", false],
    ["/a/b/..", "/a/", "/a", true],
    ["/a/b/.", "/a/b/", "/a/b", true],
    ["/a/%2e%2E/b", "/b", "/b", false],
    ["/%61", "/a", "/a", false],
    ["/a%20b", "/a%20b", "/a b", false],
    ["/100%25", "/100%25", "/100%", false],
    ["/a%2520b", "/a%2520b", "/a%20b", false],
    ["/%C3%A9", "/%C3%A9", "/é", false],
    ["/%c3%a9", "/%C3%A9", "/é", false],
    ["/a(1)!$&'*+,;=:@~", "/a(1)!$&'*+,;=:@~", "/a(1)!$&'*+,;=:@~", false],
    ["/a%5Cb", "/a%5Cb", "/a\\b", false],
    ["/a[1]", "/a%5B1%5D", "/a[1]", false],
    ["/%ff", "/%FF", "/\udcff", false],
    ["/caf%e9.txt", "/caf%E9.txt", "/caf\udce9.txt", false],
    // Overlong or cut off, they are octets of a name: no dot segment, no separator, no surrogate.
    ["/%c0%ae%c0%ae/", "/%C0%AE%C0%AE/", "/\udcc0\udcae\udcc0\udcae", true],
    ["/a/%e0%80%ae%e0%80%ae/b", "/a/%E0%80%AE%E0%80%AE/b", "/a/\udce0\udc80\udcae\udce0\udc80\udcae/b", false],
    ["/%e0%80%af", "/%E0%80%AF", "/\udce0\udc80\udcaf", false],
    ["/%ed%a0%80", "/%ED%A0%80", "/\udced\udca0\udc80", false],
    ["/%c3/%a9", "/%C3/%A9", "/\udcc3/\udca9", false],
    ["/.well-known/security.txt", "/.well-known/security.txt", "/.well-known/security.txt", false],
  ])("%p is kept under %p and lies at %p", (raw, key, filePath, isDirectory) => {
    expect(resolveRequestPath(raw, false)).toEqual({ key, filePath, isDirectory });
  });

  test("a name that begins with a dot, where these are served", () => {
    const path = { key: "/..a/b..", filePath: "/..a/b..", isDirectory: false };
    expect(resolveRequestPath("/..a/b..", true)).toEqual(path);
  });
});

describe("a path that is refused", () => {
  test.each([
    ["", 400],
    ["a", 400],
    ["*", 400],
    ["/..", 400],
    ["/../etc/passwd", 400],
    ["/a/../../etc/passwd", 400],
    ["/%2e%2e/etc/passwd", 400],
    ["/a/%2e%2e/%2E%2E/etc/passwd", 400],
    ["/..//../etc/passwd", 400],
    ["/%", 400],
    ["/%4", 400],
    ["/%zz", 400],
    ["/%+1", 400],
    ["/a%00.html", 400],
    ["/%ff%00", 400],
    ["/%ff%2f", 404],
    ["/%ff/../..", 400],
    ["/.%ff", 404],
    ["/%2e%ff/a", 404],
    ["/a%2fb", 404],
    ["/..%2f..%2fetc/passwd", 404],
    ["/.git/config", 404],
    ["/.env", 404],
    ["/a/.htaccess", 404],
    ["/%2eenv", 404],
    ["/a/.well-known/x", 404],
    ["/..a", 404],
  ])("%p is answered with %p", (raw, status) => {
    expect(resolveRequestPath(raw, false)).toBe(status as 400 | 404);
  });
});

test("a canonical path is its own canonical path, and no two files share one", () => {
  const names = ["a", "a b", "100%", "a%20b", "é", "..a", "a\\b", "[x]", "?", "#", "~", "a+b", '"', "日本"];
  const keys = new Set<string>();
  for (const name of names) {
    const path = resolveRequestPath(`/${encodeURIComponent(name)}`, true);
    if (typeof path === "number") throw new Error(`${name} was refused`);
    expect(path.filePath).toBe(`/${name}`);
    expect(resolveRequestPath(path.key, true)).toEqual(path);
    keys.add(path.key);
  }
  expect(keys.size).toBe(names.length);
});
