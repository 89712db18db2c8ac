/** Cache-Control by path, and the names that hold a fingerprint. */
import { describe, expect, test } from "bun:test";
import { becauseOf } from "../../../src/site/rules/because.ts";
import { cacheControlFor, cacheEdits, compileCache, IMMUTABLE } from "../../../src/site/rules/cache-rule.ts";
import type { FieldEdit } from "../../../src/site/rules/field-edit.ts";
import { hasFingerprint } from "../../../src/site/rules/fingerprint.ts";
import { segmentsOf } from "../../../src/site/rules/path-pattern.ts";

describe("hasFingerprint", () => {
  test.each([
    "app.3f9c2b1a.js",
    "index-BxK3k2f1.css",
    "main.5d41402abc4b2a76b9719d911017c592.js",
    "logo-4f6e9a2c1b.svg",
    "chunk-QZ7YV2KD.js",
    "vendor.a1b2c3d4.min.js",
    "index-B_xK-3k2.js",
    "my-page_9d4e8f7a.module.css",
    "font.0a1b2c3d.woff2",
  ])("%s", (name) => expect(hasFingerprint(name)).toBe(true));
  test.each([
    "",
    "index.html",
    "app.js",
    "jquery-3.7.1.min.js",
    "report-20260102.pdf",
    "2026-01-02-a-post.html",
    "backup-20260102T101010Z.tar",
    "my-component-name.js",
    "foo-JavaScript.js",
    "DSC-IMG20231231.jpg",
    "photo_Photo12345678.jpg",
    "face-deadbeef.js",
    "v1.12345678.js",
    "3f9c2b1a.js",
    "app.3f9c2b1a",
    "README.md",
    "a.bcdefgh1",
  ])("not %s", (name) => expect(hasFingerprint(name)).toBe(false));
  test("a long name is no trouble", () => expect(hasFingerprint(`${"-a".repeat(5000)}.js`)).toBe(false));
});

describe("cacheControlFor", () => {
  const rules = [
    { path: "/assets/*", cache_control: "", immutable: true },
    { path: "/assets/*", cache_control: "public, max-age=60", immutable: false },
    { path: "*.html", cache_control: "no-cache", immutable: false },
    { path: "/never/*", cache_control: "no-store", immutable: true },
  ].map((rule, index) => compileCache({ ...rule, expires: false }, becauseOf("cache", index)));
  const valueFor = (asked: string, file = asked, isGuarded = false) =>
    cacheControlFor(rules, [asked, file].map(segmentsOf), isGuarded)?.value ?? null;

  test.each([
    ["/assets/app.3f9c2b1a.js", "/assets/app.3f9c2b1a.js", IMMUTABLE],
    ["/assets/app.js", "/assets/app.js", "public, max-age=60"],
    ["/", "/index.html", "no-cache"],
    ["/about", "/about.html", "no-cache"],
    ["/never/app.3f9c2b1a.js", "/never/app.3f9c2b1a.js", IMMUTABLE],
    ["/never/app.js", "/never/app.js", "no-store"],
    ["/other.txt", "/other.txt", null],
    // A page's own name counts, not that of the path that leads to it.
    ["/assets/app.3f9c2b1a.js", "/assets/index.html", "public, max-age=60"],
  ])("%s by %s: %s", (asked, file, value) => expect(valueFor(asked, file)).toBe(value));

  test.each([
    ["/assets/app.3f9c2b1a.js", "private, max-age=31536000, immutable"],
    ["/assets/app.js", "private, max-age=60"],
    ["/a.html", "private, no-cache"],
  ])("behind a password %s is %s", (path, value) => expect(valueFor(path, path, true)).toBe(value));

  test("no leave for shared caches behind a password, however it is written", () => {
    const rule = compileCache(
      { path: "/*", cache_control: "Public,S-MaxAge=9 ,max-age=1, must-revalidate", expires: false, immutable: false },
      becauseOf("cache", 0),
    );
    expect(cacheControlFor([rule], [["a"]], true)?.value).toBe("private, max-age=1");
  });

  test("says which rule it was", () => {
    expect(cacheControlFor(rules, [["a.html"]], false)?.because).toEqual(becauseOf("cache", 2));
  });
});

describe("cacheEdits", () => {
  const because = becauseOf("cache", 0);
  const later: FieldEdit[] = [{ name: "cache-control", value: "no-store", because }];
  const secondsOf = (cache_control: string, { immutable = false, expires = true, edits = [] as FieldEdit[] } = {}) =>
    cacheEdits(
      [compileCache({ path: "/*", cache_control, expires, immutable }, because)],
      [["a.3f9c2b1a.js"]],
      false,
      edits,
    )
      .filter(({ name }) => name === "Expires")
      .map(({ secondsLater }) => secondsLater);

  test.each([
    ["public, max-age=60", {}, [60]],
    ["Max-Age=0, must-revalidate", {}, [0]],
    ['max-age="5"', {}, [5]],
    ["no-cache, max-age=60", {}, [0]],
    ["no-store", {}, [0]],
    ["max-age=99999999999", {}, [2 ** 31]],
    ["public", {}, []],
    ["public, max-age=60", { immutable: true }, [31_536_000]],
    ["public, max-age=60", { expires: false }, []],
    ["public, max-age=60", { edits: later }, []],
  ])("%s %j: Expires %j seconds behind the Date", (value, options, seconds) => {
    expect(secondsOf(value, options)).toEqual(seconds);
  });
});
