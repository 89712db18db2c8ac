import { describe, expect, test } from "bun:test";
import { findRequestPath, PathFault, resolveRequestPath, statusOfFault } from "../../src/site/request-path.ts";

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
    ['/"<>^`{|}', "/%22%3C%3E%5E%60%7B%7C%7D", '/"<>^`{|}', false],
    ["/caf\xc3\xa9", "/caf%C3%A9", "/café", false],
    ["/caf\xc3%a9", "/caf%C3%A9", "/café", false],
    ["/\xe6\x97\xa5/%e6%9c%ac", "/%E6%97%A5/%E6%9C%AC", "/日/本", false],
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
    ["/..|/../..", 400],
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

test.each([
  ["*", PathFault.Relative, 400],
  ["/%zz", PathFault.BadEncoding, 400],
  ["/a%00", PathFault.Nul, 400],
  ["/a/../..", PathFault.AboveRoot, 400],
  ["/a%2Fb", PathFault.EncodedSlash, 404],
  ["/a/.b", PathFault.Hidden, 404],
] as const)("%s has a fault with a name", (raw, fault, status) => {
  expect(findRequestPath(raw, false, "refuse")).toBe(fault);
  expect(statusOfFault(fault)).toBe(status);
});

describe("where an encoded slash is taken for a slash", () => {
  test.each<[string, string | 400 | 404]>([
    ["/@scope%2fname", "/@scope/name"],
    ["/@scope%2Fname/-/name-1.0.0.tgz", "/@scope/name/-/name-1.0.0.tgz"],
    ["/a%2F", "/a/"],
    ["/%2F%2f", "/"],
    ["/a%2F%2Fb//%2Fc", "/a/b/c"],
    ["/a/b%2f..%2Fc", "/a/c"],
    ["/a%2f%2e%2e%2fb", "/b"],
    ["/a%2F.", "/a/"],
    ["/a%5Cb%2Fc", "/a%5Cb/c"],
    ["/a%252Fb", "/a%252Fb"],
    ["/..%2f", 400],
    ["/%2e%2e%2fetc/passwd", 400],
    ["/a%2F..%2F..%2Fetc%2Fpasswd", 400],
    ["/%2F..%2Fa", 400],
    ["/%%2F", 400],
    ["/%2%2F", 400],
    ["/%2%2f5", 400],
    ["/a%2Fb%00", 400],
    ["/%2F.git%2Fconfig", 404],
    ["/a%2F%2eenv", 404],
    ["%2Fa", 400],
  ])("%p is %p", (raw, outcome) => {
    const path = resolveRequestPath(raw, false, "decode");
    expect(typeof path === "number" ? path : path.key).toBe(outcome);
  });

  test("no spelling leads to another path than the one with slashes in its place", () => {
    for (const raw of ["/a%2Fb", "/..%2F..%2Fx", "/%2e%2E%2fx", "/a%2F%2F.x", "/.well-known%2Fx", "/a%5c%2f..%2f"]) {
      const plain = raw.replace(/%2f/gi, "/");
      expect(resolveRequestPath(raw, false, "decode")).toEqual(resolveRequestPath(plain, false));
      const path = resolveRequestPath(raw, true, "decode");
      if (typeof path !== "number") expect(resolveRequestPath(path.key, true, "refuse")).toEqual(path);
    }
  });
});

test("an octet that no URI holds means what its percent-encoded form means", () => {
  for (let octet = 0x21; octet < 0x100; octet++) {
    const sent = String.fromCharCode(octet);
    if (/[%/?#\\\x7f]/.test(sent)) continue;
    const encoded = `%${octet.toString(16)}`;
    for (const [before, after] of [
      ["", ""],
      ["caf%c3", "x"],
      ["\xe6%97", "/y"],
      [".", "/../z"],
    ] as const) {
      const raw = resolveRequestPath(`/${before}${sent}${after}`, false);
      expect([octet, raw]).toEqual([octet, resolveRequestPath(`/${before}${encoded}${after}`, false)]);
    }
  }
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
