/** The site's settings and rules: what is read, and where each mistake is pointed at. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "../../src/config/load-settings.ts";
import type { Settings } from "../../src/config/settings.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-site-tables-")));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function load(file: string, argv: readonly string[] = []): Settings {
  writeFileSync(join(FOLDER, "a.toml"), file);
  return loadConfiguration({ argv: ["--config", "a.toml", ...argv], env: {}, cwd: FOLDER }).settings;
}

const HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$XHZiFHgZWvh4DICZ1C7GLBVGFJuKK9+l4PWmbabW/sU$ToEA/Lw0aQFHdCdRAYtFjw+lsPl+0VeSMej3DwLRaIU";
const BCRYPT = "$2y$04$QI7POqX4HXz.QaZ90qTVpO4/gognU3GZps0F/2iVyMkd0RMuBPXwG";

test("a whole site", () => {
  const settings = load(`
clean_urls = true
try_files = ["{path}", "{path}.html", "{path}/", "/index.html"]
unknown_host = 421
[error_pages]
404 = "/404.html"
[cors]
allowed_origins = ["https://a.example", "https://*.b.example"]
[[redirect]]
from = "/old/*"
to = "https://example.com/:splat"
status = 308
[[rewrite]]
from = "/:lang/*"
to = "/:splat/:lang.html"
[[header]]
path = "*.wasm"
set = { X-A = "b, c", Cache-Control = "no-cache" }
remove = ["ETag", "X-Cache"]
[[deny_path]]
path = "*.bak"
[[basic_auth]]
path = "/admin/*"
users = ["ann:${HASH}", "bob:${BCRYPT}"]
[[cache]]
path = "/assets/*"
immutable = true
[[virtual_host]]
names = ["Example.com", "*.example.com", "[::1]"]
root = "other"
trailing_slash = "remove"
[virtual_host.error_pages]
500 = "/500.html"
[virtual_host.cors]
allowed_origins = ["*"]
[[virtual_host.deny_path]]
path = "/x"
status = 404
`);
  expect(settings).toMatchObject({
    clean_urls: true,
    unknown_host: 421,
    error_pages: { 404: "/404.html" },
    cors: { allowed_origins: ["https://a.example", "https://*.b.example"], allowed_methods: ["GET", "HEAD"] },
    redirect: [{ from: "/old/*", to: "https://example.com/:splat", status: 308, when: "always" }],
    rewrite: [{ from: "/:lang/*", to: "/:splat/:lang.html", when: "always" }],
    header: [{ path: "*.wasm", set: { "X-A": "b, c" }, remove: ["ETag", "X-Cache"] }],
    deny_path: [{ path: "*.bak", status: 403 }],
    basic_auth: [{ path: "/admin/*", realm: "Restricted", users: [`ann:${HASH}`, `bob:${BCRYPT}`] }],
    cache: [{ path: "/assets/*", cache_control: "", expires: false, immutable: true }],
    virtual_host: [
      {
        names: ["Example.com", "*.example.com", "[::1]"],
        root: join(FOLDER, "other"),
        index: null,
        clean_urls: null,
        trailing_slash: "remove",
        error_pages: { 500: "/500.html" },
        cors: { allowed_origins: ["*"] },
        deny_path: [{ path: "/x", status: 404 }],
        redirect: [],
      },
    ],
  });
});

test("nothing of it is on by itself", () => {
  expect(load("")).toMatchObject({
    clean_urls: false,
    trailing_slash: "keep",
    try_files: [],
    spa_fallback: null,
    security_headers: false,
    netlify_files: false,
    error_pages: {},
    unknown_host: "default",
    cors: { allowed_origins: [] },
    redirect: [],
    virtual_host: [],
  });
});

describe("what can't be meant is refused where it stands", () => {
  test.each([
    ['[[redirect]]\nfrom = "/a"', 'a.toml:1:3: [[redirect]] needs "to"'],
    ['[[redirect]]\nfrom = "a/b"\nto = "/"', "a.toml:2:8: from must be a path such as"],
    ['[[redirect]]\nfrom = "/a?b=c"\nto = "/"', "a.toml:2:8: from must be a path such as"],
    ['[[redirect]]\nfrom = "/a"\nto = "//evil.example"', "a.toml:3:6: to must be a path such as"],
    ['[[redirect]]\nfrom = "/a"\nto = "/\\\\evil.example"', "a.toml:3:6: to must be a path such as"],
    ['[[redirect]]\nfrom = "/a"\nto = "/\\r\\nSet-Cookie: a=b"', "a.toml:3:6: to must be a path such as"],
    ['[[redirect]]\nfrom = "/:host"\nto = "https://:host/"', "a.toml:3:6: to must be a path such as"],
    ['[[redirect]]\nfrom = "/*"\nto = "https://example.com:splat"', "a.toml:3:6: to must be a path such as"],
    ['[[redirect]]\nfrom = "/a"\nto = "/:b"', 'a.toml:3:6: to names ":b", which from does not'],
    ['[[redirect]]\nfrom = "/a"\nto = "/:splat"', 'a.toml:3:6: to names ":splat", which from does not'],
    ['[[redirect]]\nfrom = "/:a/:a"\nto = "/"', 'a.toml:2:8: from names ":a" twice'],
    [
      '[[redirect]]\nfrom = "/a"\nto = "/"\nstatus = 200',
      "a.toml:4:10: status must be 301, 302, 303, 307 or 308, not 200",
    ],
    ['[[redirect]]\nfrom = "/a"\nto = "/"\nwhen = "never"', 'a.toml:4:8: when must be "always" or "missing"'],
    ['[[rewrite]]\nfrom = "/a"\nto = "/../b"', "a.toml:3:6: to must be a path below the root"],
    ['[[rewrite]]\nfrom = "/a"\nto = "https://a.example/"', "a.toml:3:6: to must be a path below the root"],
    ['[[rewrite]]\nfrom = "/a"\nto = "/:x"', 'a.toml:3:6: to names ":x"'],
    ['[[header]]\npath = "/*"', 'a.toml:1:3: a header rule needs "set" or "remove"'],
    ['[[header]]\nset = { A = "b" }', 'a.toml:1:3: [[header]] needs "path"'],
    ['[[header]]\npath = "/*"\nset = { A = "b\\r\\nC: d" }', "a.toml:3:13: A in set must be printable ASCII"],
    ['[[header]]\npath = "/*"\nset = { A = ["b", "c\\n"] }', "a.toml:3:13: A in set must be printable ASCII"],
    ['[[header]]\npath = "/*"\nset = { A = ["b", 1] }', "or a list of such texts, not 1"],
    ['[[header]]\npath = "/*"\nset = { A = [] }', "or a list of such texts, not []"],
    ['[[header]]\npath = "/*"\nset = { A = [["b"]] }', 'or a list of such texts, not ["b"]'],
    ['[[header]]\npath = "/*"\nset = { A = "é" }', "a.toml:3:13: A in set must be printable ASCII"],
    ['[[header]]\npath = "/*"\nset = { "A B" = "c" }', "a.toml:3:9: each key of set must be a field name"],
    ['[[header]]\npath = "/*"\nset = { Content-Length = "1" }', "a.toml:3:9: each key of set must be a field name"],
    ['[[header]]\npath = "/*"\nset = { transfer-encoding = "chunked" }', "a.toml:3:9: each key of set must be"],
    ['[[header]]\npath = "/*"\nset = { ETag = "x" }', "a.toml:3:9: each key of set must be a field name"],
    [
      'request_id = "send"\n[[header]]\npath = "/*"\nset = { A = "1", x-request-id = "mine" }',
      'a.toml:4:18: no rule may set or remove X-Request-Id while request_id is "send"',
    ],
    [
      'request_id = "send"\n[[virtual_host]]\nnames = ["a"]\n[[virtual_host.header]]\npath = "/*"\nremove = ["X-A", "X-Request-ID"]',
      "a.toml:6:18: no rule may set or remove X-Request-Id",
    ],
    ['[[header]]\npath = "/*"\nset = { A = 1 }', "a.toml:3:13: A in set must be printable ASCII"],
    [
      '[[header]]\npath = "/*"\nremove = ["Content-Length"]',
      "a.toml:3:11: each item of remove must be the name of a field that may be removed",
    ],
    [
      '[[header]]\npath = "/*"\nremove = ["Allow"]',
      "a.toml:3:11: each item of remove must be the name of a field that may be removed",
    ],
    ['[[header]]\npath = "/*"\nset = { location = "//evil.example" }', "a.toml:3:9: each key of set must be"],
    [
      '[[header]]\npath = "/*"\nremove = ["Content-Type"]',
      "a.toml:3:11: each item of remove must be the name of a field that may be removed",
    ],
    [
      '[[header]]\npath = "/*"\nremove = ["Date"]',
      "a.toml:3:11: each item of remove must be the name of a field that may be removed",
    ],
    ['[[deny_path]]\npath = "/a"\nstatus = 500', "a.toml:3:10: status must be 403 or 404, not 500"],
    ['[[deny]]\npath = "/a"', "a.toml:1:3: [[deny]] is now called [[deny_path]]"],
    [
      '[[virtual_host]]\nnames = ["a.example"]\n[[virtual_host.deny]]\npath = "/a"',
      "a.toml:3:16: [[virtual_host.deny]] is now called [[virtual_host.deny_path]]",
    ],
    ['[[deny_path]]\npath = ""', "a.toml:2:8: path must be"],
    ['[[basic_auth]]\npath = "/a"', 'a.toml:1:3: [[basic_auth]] needs "users"'],
    [
      '[[basic_auth]]\npath = "/a"\nusers = ["bob:hunter2"]',
      'name:$argon2id$…", as printed by "saker hash-password NAME", not the given value',
    ],
    [`[[basic_auth]]\npath = "/a"\nusers = [":${HASH}"]`, "a.toml:3:10: each item of users must be"],
    [`[[basic_auth]]\npath = "/a"\nusers = ["bob"]`, "a.toml:3:10: each item of users must be"],
    [`[[basic_auth]]\npath = "/a"\nusers = ["bob:$apr1$abcdefgh$abcdefghijklmnopqrstuv"]`, "a.toml:3:10: each item"],
    [`[[basic_auth]]\npath = "/a"\nusers = ["a:${HASH}"]\nrealm = "a\\"b"`, "a.toml:4:9: realm must be printable"],
    ['[[cache]]\npath = "/a"', 'a.toml:1:3: a cache rule needs "cache_control" or "immutable"'],
    [
      '[[cache]]\npath = "/a"\ncache_control = "public"\nexpires = true',
      'a.toml:4:11: expires needs a cache_control with "max-age"',
    ],
    ['[[cache]]\npath = "/a"\ncache_control = "a\\nb"', "a.toml:3:17: cache_control must be printable"],
    ['[cors]\nallowed_origins = ["example.com"]', "a.toml:2:20: each item of allowed_origins must be"],
    ['[cors]\nallowed_origins = ["null"]', "a.toml:2:20: each item of allowed_origins must be"],
    ['[cors]\nallowed_origins = ["https://a.example/"]', "a.toml:2:20: each item of allowed_origins must be"],
    ['[cors]\nallowed_origins = ["https://*"]', "a.toml:2:20: each item of allowed_origins must be"],
    [
      '[cors]\nallowed_origins = ["*"]\nallow_credentials = true',
      'a.toml:2:19: allowed_origins must name origins, not "*", while allow_credentials is on',
    ],
    [
      '[[virtual_host]]\nnames = ["a"]\n[virtual_host.cors]\nallowed_origins = ["https://a", "*"]\nallow_credentials = true',
      'a.toml:4:33: allowed_origins must name origins, not "*"',
    ],
    ["[[virtual_host]]\n", 'a.toml:1:3: [[virtual_host]] needs "names"'],
    ["[[virtual_host]]\nnames = []", "a.toml:2:9: names must hold at least one host name"],
    ['[[virtual_host]]\nnames = ["a.example:80"]', "a.toml:2:10: each item of names must be a host name"],
    ['[[virtual_host]]\nnames = ["a.*.example"]', "a.toml:2:10: each item of names must be a host name"],
    ['[[virtual_host]]\nnames = ["*example.com"]', "a.toml:2:10: each item of names must be a host name"],
    ['[[virtual_host]]\nnames = ["http://a.example"]', "a.toml:2:10: each item of names must be a host name"],
    ['[[virtual_host]]\nnames = ["a/b"]', "a.toml:2:10: each item of names must be a host name"],
    ['[[virtual_host]]\nnames = ["a"]\n[[virtual_host]]\nnames = ["b", "A."]', 'a.toml:4:15: host "A." is named twice'],
    ['[[virtual_host]]\nnames = ["a"]\nport = 1', 'a.toml:3:1: unknown setting "port" in [virtual_host]'],
    [
      '[[virtual_host]]\nnames = ["a"]\n[[virtual_host.redirect]]\nfrom = "/a"\nto = "/:b"',
      'a.toml:5:6: to names ":b", which from does not',
    ],
    ['[[virtual_host]]\nnames = ["a"]\ntry_files = ["index.html"]', "a.toml:3:14: each item of try_files must be"],
    ['try_files = ["/../etc/passwd"]', "a.toml:1:14: each item of try_files must be"],
    ['try_files = ["{path}/../x"]', "a.toml:1:14: each item of try_files must be"],
    ['try_files = ["{uri}"]', "a.toml:1:14: each item of try_files must be"],
    ['spa_fallback = "index.html"', "a.toml:1:16: spa_fallback must be a path below the root"],
    ['spa_fallback = "/app/"', "a.toml:1:16: spa_fallback must be a path below the root"],
    ['[error_pages]\n200 = "/a.html"', "a.toml:2:1: each key of error_pages must be a status from 400 to 599"],
    ['[error_pages]\n404 = "404.html"', "a.toml:2:7: 404 in error_pages must be a path below the root"],
    ['[error_pages]\n404 = "/../404.html"', "a.toml:2:7: 404 in error_pages must be a path below the root"],
    ["unknown_host = 421", "a.toml:1:16: unknown_host needs a [[virtual_host]]"],
    ["unknown_host = 500", 'a.toml:1:16: unknown_host must be "default", 404 or 421, not 500'],
    ['trailing_slash = "yes"', 'a.toml:1:18: trailing_slash must be "keep", "add" or "remove", not "yes"'],
  ])("%j", (file, message) => expect(() => load(file)).toThrow(message));

  test("a flag is named where a flag is at fault", () => {
    const argv = ["--cors-allow-credentials", "--cors-allowed-origins", "*"];
    expect(() => load("", argv)).toThrow("--cors-allowed-origins: allowed_origins must name origins");
  });
});

test('a rule may set X-Request-Id where `request_id` is not "send"', () => {
  const { header } = load('request_id = "log"\n[[header]]\npath = "/*"\nset = { X-Request-Id = "mine" }');
  expect(header[0]?.set).toEqual({ "X-Request-Id": "mine" });
});
