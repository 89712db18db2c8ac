/** `[compression]` and `media_types`: what they take, and what they say of what they don't. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load-settings.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-compression-")));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function load(file: string, argv: readonly string[] = [], env: Record<string, string> = {}) {
  writeFileSync(join(FOLDER, "a.toml"), file);
  return loadSettings({ argv: ["--config", "a.toml", ...argv], env, cwd: FOLDER });
}

test("every source is heard", () => {
  expect(load("").compression.enabled).toBe(true);
  expect(load("[compression]\nenabled = false").compression.enabled).toBe(false);
  expect(load("", ["--no-compression-enabled"]).compression.enabled).toBe(false);
  expect(load("", [], { SAKER_COMPRESSION_CODINGS: "gzip, br" }).compression.codings).toEqual(["gzip", "br"]);
  expect(load("[profile.x.compression]\nbr_level = 7", ["--profile", "x"]).compression.br_level).toBe(7);
  expect(load('[media_types]\nfoo = "text/foo"').media_types).toEqual({ foo: "text/foo" });
});

describe("what is good", () => {
  test.each([
    "[compression]\ncodings = []",
    '[compression]\ncodings = ["zstd"]',
    '[compression]\ntypes = ["text/*", "*/*+json", "application/vnd.x.y-z+xml"]',
    "[compression]\nminimum_size_bytes = 0",
    "[compression]\ncache_share_percent = 0",
    '[media_types]\n"7z" = "application/x-7z-compressed"',
    '[media_types]\nhtml = "text/html; charset=iso-8859-1"',
    '[media_types]\nx = "a/b; c=\\"d e\\";f=g"',
    '[media_types]\n"ünï" = "text/plain"',
  ])("%j", (file) => expect(load(file)).toBeObject());
});

describe("what is not", () => {
  test.each([
    ['[compression]\ncodings = ["deflate"]', "2:12: each item of codings must be one of"],
    ['[compression]\ncodings = ["identity"]', "each item of codings must be one of"],
    ['[compression]\ncodings = "gzip"', "codings must be a list"],
    ['[compression]\ntypes = ["html"]', 'each item of types must be a media type such as "text/html"'],
    ['[compression]\ntypes = ["text/html; charset=utf-8"]', "each item of types must be a media type"],
    ['[compression]\ntypes = ["text/"]', "each item of types must be a media type"],
    ["[compression]\nbr_level = 12", "br_level must be an integer between 0 and 11"],
    ["[compression]\nzstd_level = 0", "zstd_level must be an integer between 1 and 19"],
    ["[compression]\nzstd_level = 22", "zstd_level must be an integer between 1 and 19"],
    ["[compression]\ngzip_level = 0", "gzip_level must be an integer between 1 and 9"],
    ["[compression]\nminimum_size_bytes = -1", "minimum_size_bytes must be an integer"],
    ["[compression]\ncache_share_percent = 91", "cache_share_percent must be an integer between 0 and 90"],
    ["[compression]\nupgrade_cpu_percent = 0", "upgrade_cpu_percent must be an integer between 1 and 100"],
    ["[compression]\nupgrade_hits = 0", "upgrade_hits must be an integer between 1"],
    [
      "[compression]\nprecompresed = true",
      'unknown setting "precompresed" in [compression]; did you mean "precompressed"',
    ],
    ["compression = true", "compression must be a table: [compression]"],
    ['[media_types]\n".html" = "text/html"', "each key of media_types must be an extension"],
    ['[media_types]\nHTML = "text/html"', "each key of media_types must be an extension"],
    ['[media_types]\n"a/b" = "text/html"', "each key of media_types must be an extension"],
    ['[media_types]\n"" = "text/html"', "each key of media_types must be an extension"],
    ['[media_types]\nhtml = "html"', "html in media_types must be a media type"],
    ['[media_types]\nhtml = "text/html;"', "html in media_types must be a media type"],
    ['[media_types]\nhtml = "text/html; charset"', "html in media_types must be a media type"],
    ['[media_types]\nhtml = "text/html\\r\\nSet-Cookie: a=b"', "html in media_types must be a media type"],
    ["[media_types]\nhtml = 1", "html in media_types must be a media type"],
  ])("%j", (file, problem) => expect(() => load(file)).toThrow(problem));
});
