/**
 * Lints of rules, fallbacks and redirects: a configuration, and the warnings it gets, with their places.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lintConfiguration } from "../../../src/cli/lints/lint-configuration.ts";
import { loadConfiguration } from "../../../src/config/load-settings.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-lint-")));
for (const folder of ["site/folder", "site/private", "other"]) mkdirSync(join(FOLDER, folder), { recursive: true });
for (const file of ["index.html", "app.html", "404.html", "private/app.html", "private/404.html"]) {
  writeFileSync(join(FOLDER, "site", file), file);
}
const REDIRECTS = join(FOLDER, "site/_redirects");
mkdirSync(join(FOLDER, "origins"));
writeFileSync(
  join(FOLDER, "origins/_redirects"),
  ["http://a.example/* /x", "http://b.example/* /x", "https://b.example/y /x", "http://c.example/* /x"].join("\n"),
);
mkdirSync(join(FOLDER, "to-https"));
writeFileSync(
  join(FOLDER, "to-https/_redirects"),
  [
    "http://a.example/* https://a.example/:splat 301!",
    "http://a.example:8080/* https://a.example/:splat 301!",
    "http://b.example/old/* https://b.example/new/:splat 301!",
    "http://b.example/* https://www.b.example/:splat 301!",
  ].join("\n"),
);
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** `toml` begins in line 2. */
function lintsOf(toml: string): string[] {
  const name = join(FOLDER, "c.toml");
  // Where they are not obeyed, that would be one more warning.
  if (toml.startsWith("netlify_files = true")) writeFileSync(REDIRECTS, "/one /two\n/x\n");
  else rmSync(REDIRECTS, { force: true });
  writeFileSync(name, `document_root = "site"\n${toml}\n`);
  const configuration = loadConfiguration({ argv: ["-c", name], env: {}, cwd: FOLDER });
  return lintConfiguration(configuration, configuration.settings).map((line) => line.replaceAll(name, "c"));
}

test("warns of _redirects that are not obeyed, unless the configuration says so", () => {
  const host = '[[virtual_host]]\nnames = ["a.example"]\nroot = "origins"\ndirectory_listing = false\n';
  const message = `_redirects in ${FOLDER}/origins is not obeyed: netlify_files is off; true obeys them, false says that this is meant`;
  expect(lintsOf(host)).toEqual([message]);
  expect(lintsOf(`${host}netlify_files = false`)).toEqual([]);
});

const redirect = (from: string, to: string, more = ""): string =>
  `[[redirect]]\nfrom = "${from}"\nto = "${to}"\n${more}`;
const HASH = "$argon2id$v=19$m=65536,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g";
const auth = (path: string): string => `[[basic_auth]]\npath = "${path}"\nusers = ["a:${HASH}"]\n`;

test("a redirect to https is no loop where a proxy is believed", () => {
  const host = 'directory_listing = false\n[[virtual_host]]\nnames = ["a.example", "b.example"]\nroot = "to-https"\n';
  expect(lintsOf(`trusted_proxies = ["::1"]\n${host}netlify_files = true`)).toEqual([]);
});

test("warns of a start page that isn't there, unless the configuration says that listings are off", () => {
  const host = '[[virtual_host]]\nnames = ["a.example"]\nroot = "other"\n';
  const lack =
    `there is no index.html in ${FOLDER}/other, and directory_listing is off: / is answered with 404; ` +
    "directory_listing = true lists what is there, false says that this is meant";
  expect(lintsOf(host)).toEqual([lack]);
  expect(lintsOf(`${host}directory_listing = false`)).toEqual([]);
  expect(lintsOf(`directory_listing = false\n${host}`)).toEqual([]);
});

describe("warns of", () => {
  test.each<[string, string, ...string[]]>([
    [
      "a redirect behind a wider one",
      redirect("/old/*", "/new") + redirect("/old/page", "/x"),
      'c:5: redirect "/old/page" is never reached: "/old/*" (c:2) decides first',
    ],
    [
      "a redirect behind a placeholder",
      redirect("/:any/b", "/new") + redirect("/a/b", "/x"),
      'c:5: redirect "/a/b" is never reached: "/:any/b" (c:2) decides first',
    ],
    [
      "listings whose paths are redirected away",
      'directory_listing = true\ntrailing_slash = "remove"',
      "c:2: directory_listing lists the root folder only: trailing_slash (c:3) removes the slash that other folders' paths end with",
    ],
    [
      "an encoded slash in a pattern",
      redirect("/@scope%2Fname", "/x"),
      'c:2: "/@scope%2Fname" matches no encoded slash: write "/"; encoded_slashes (default) answers "%2F" in a request with 404',
    ],
    [
      "an encoded slash in a pattern, where one is taken for a slash",
      `encoded_slashes = "decode"\n[[deny_path]]\npath = "/a%2fb"`,
      'c:3: "/a%2fb" matches no encoded slash: write "/"; encoded_slashes (c:2) takes "%2F" in a request for a slash',
    ],
    [
      "a rewrite behind a redirect",
      `${redirect("/a/*", "/b")}[[rewrite]]\nfrom = "/a/*"\nto = "/app.html"`,
      'c:5: rewrite "/a/*" is never reached: "/a/*" (c:2) decides first',
    ],
    [
      "rules of _redirects for origins that nobody can ask",
      'unknown_host = 404\ndirectory_listing = false\n[[virtual_host]]\nnames = ["a.example"]\n[[virtual_host]]\nnames = ["b.example"]\nroot = "origins"\nnetlify_files = true',
      '_redirects:1: rule for http://a.example is never reached: virtual host "a.example" answers that host',
      "_redirects:3: rule for https://b.example is never reached: requests come by http, and without trusted_proxies no proxy is believed to have had https",
      "_redirects:4: rule for http://c.example is never reached: no virtual host has that name: unknown_host answers it with 404",
    ],
    [
      "rules of _redirects that lead to https of the same host, where every request is taken for http",
      'directory_listing = false\n[[virtual_host]]\nnames = ["a.example", "b.example"]\nroot = "to-https"\nnetlify_files = true',
      "_redirects:1: rule for http://a.example is a loop for requests that a TLS proxy forwards here: without trusted_proxies they are taken for http",
    ],
    [
      "rules of _redirects for http, where that is redirected",
      'directory_listing = false\n[[virtual_host]]\nnames = ["a.example", "b.example"]\nroot = "to-https"\nnetlify_files = true\n[tls]\nself_signed = true',
      "_redirects:1: rule for http://a.example is never reached: tls.redirect sends all plain HTTP to https before",
      "_redirects:2: rule for http://a.example:8080 is never reached: tls.redirect sends all plain HTTP to https before",
      "_redirects:3: rule for http://b.example is never reached: tls.redirect sends all plain HTTP to https before",
      "_redirects:4: rule for http://b.example is never reached: tls.redirect sends all plain HTTP to https before",
    ],
    [
      "a line of _redirects behind a redirect",
      `netlify_files = true\n${redirect("/one", "/app.html")}`,
      '_redirects:1: _redirects "/one" is never reached: "/one" (c:3) decides first',
      "_redirects:2: no path or URL to go to; the line is not obeyed",
    ],
    [
      "a denial behind a wider one, whatever its case",
      '[[deny_path]]\npath = "/A/*"\n[[deny_path]]\npath = "/a/b"',
      'c:4: deny_path "/a/b" is never reached: "/A/*" (c:2) decides first',
    ],
    [
      "a password behind another",
      auth("/*") + auth("/a"),
      'c:5: basic_auth "/a" is never reached: "/*" (c:2) decides first',
    ],
    [
      "a cache rule behind a wider one",
      '[[cache]]\npath = "*.css"\ncache_control = "no-cache"\n[[cache]]\npath = "a.css"\ncache_control = "no-store"',
      'c:5: cache "a.css" is never reached: "*.css" (c:2) decides first',
    ],
    [
      "a cache rule on a denied path",
      '[[deny_path]]\npath = "/a/*"\n[[cache]]\npath = "/a/b/*"\ncache_control = "no-store"',
      'c:4: cache "/a/b/*" has no effect: "/a/*" (c:2) denies these paths',
    ],
    [
      "a redirect of a denied path",
      `[[deny_path]]\npath = "/a/*"\n${redirect("/a/b", "/c")}`,
      'c:4: redirect "/a/b" has no effect: "/a/*" (c:2) denies these paths',
    ],
    [
      "a field that is set again",
      '[[header]]\npath = "*.html"\nset = { X-A = "1" }\n[[header]]\npath = "/*"\nset = { x-a = "2" }',
      'c:4: X-A of "*.html" has no effect: "/*" (c:7) sets it later',
    ],
    [
      "a field that is removed later",
      '[[header]]\npath = "/a"\nset = { X-A = "1" }\n[[header]]\npath = "/a"\nremove = ["X-A"]',
      'c:4: X-A of "/a" has no effect: "/a" (c:7) removes it later',
    ],
    [
      "a cache rule that a header rule overrides",
      '[[cache]]\npath = "*.css"\ncache_control = "no-store"\n[[header]]\npath = "*.css"\nset = { Cache-Control = "no-cache" }',
      'c:2: Cache-Control of "*.css" has no effect: "*.css" (c:7) sets it later',
    ],
    [
      "an error page that a fallback hides",
      'spa_fallback = "/app.html"\n[error_pages]\n404 = "/404.html"',
      "c:4: error page /404.html for 404 is only shown to those who don't ask for a page: spa_fallback (c:2) answers every other path with 200",
    ],
    [
      "an error page that a rewrite of everything hides",
      '[error_pages]\n404 = "/404.html"\n[[rewrite]]\nfrom = "/*"\nto = "/app.html"\nwhen = "missing"',
      'c:3: error page /404.html for 404 is never shown: rewrite "/*" (c:4) answers every path',
    ],
    [
      "an error page that try_files hides",
      'try_files = ["{path}", "/app.html"]\n[error_pages]\n404 = "/404.html"',
      "c:4: error page /404.html for 404 is never shown: try_files /app.html (c:2) answers every path",
    ],
    [
      "what comes after a file that is always there",
      'try_files = ["/app.html", "{path}"]',
      "c:2: try_files never reaches {path}: /app.html is always there",
    ],
    [
      "two fallbacks",
      'try_files = ["{path}", "/app.html"]\nspa_fallback = "/app.html"',
      "c:3: spa_fallback is never used: try_files ends with /app.html, which is always there",
    ],
    [
      "an error page that is missing",
      '[error_pages]\n500 = "/500.html"',
      "c:3: error page for 500: there is no file /500.html",
    ],
    ["a fallback that is missing", 'spa_fallback = "/none.html"', "c:2: spa_fallback: there is no file /none.html"],
    [
      "a rewrite's file that is missing",
      '[[rewrite]]\nfrom = "/a"\nto = "/none.html"',
      'c:2: rewrite "/a": there is no file /none.html',
    ],
    [
      "a fallback that is denied",
      'spa_fallback = "/app.html"\n[[deny_path]]\npath = "app.html"',
      'c:2: spa_fallback is never answered: /app.html is denied by "app.html" (c:3)',
    ],
    [
      "a fallback behind a password",
      `spa_fallback = "/private/app.html"\n${auth("/private/*")}`,
      'c:2: spa_fallback asks for a password on every path it answers: basic_auth "/private/*" (c:3) guards /private/app.html',
    ],
    [
      "an error page behind a password",
      `${auth("/private/*")}[error_pages]\n404 = "/private/404.html"`,
      'c:6: error page /private/404.html is shown without the password that basic_auth "/private/*" (c:2) asks for',
    ],
    [
      "a rewrite to what is hidden",
      '[[rewrite]]\nfrom = "/a"\nto = "/.b"',
      "c:2: /.b is never sent: dotfiles is off",
      'c:2: rewrite "/a": there is no file /.b',
    ],
    [
      "two redirects to each other",
      redirect("/a", "/b") + redirect("/b", "/a"),
      'c:2: redirect "/a" is a loop: /a → /b → /a (with c:5)',
    ],
    [
      "a redirect that takes away the slash of a folder",
      redirect("/folder/", "/folder"),
      'c:2: redirect "/folder/" is a loop: /folder/ → /folder → /folder/ (with trailing_slash)',
    ],
    [
      "a loop through a path whose slash trailing_slash leaves out",
      `trailing_slash = "remove"\n${redirect("/a", "/a/x/")}${redirect("/a/x", "/a")}`,
      'c:3: redirect "/a" is a loop: /a → /a/x → /a (with c:6)',
    ],
    [
      "proxies that are every address",
      'trusted_proxies = ["10.0.0.0/8", "::/0"]',
      "c:2: trusted_proxies contains ::/0: any client may claim any address",
    ],
    [
      "PROXY protocol headers from any address",
      "proxy_protocol = true",
      "c:2: proxy_protocol trusts every peer: name the balancers in trusted_proxies",
    ],
    [
      "parts of a rate limit that is off",
      'max_connections_per_ip = 5\n[rate_limit]\nburst = 5\nallow = ["10.0.0.0/8"]',
      "c:4: rate_limit.burst has no effect while requests_per_second is 0",
    ],
    [
      "a client that is allowed and denied",
      '[deny]\naddresses = ["10.0.0.0/8"]\n[allow]\naddresses = ["10.0.0.1", "127.0.0.1"]',
      "c:5: 10.0.0.1 is allowed and denied: [deny] wins",
    ],
    [
      "a list without this machine",
      '[allow]\naddresses = ["192.0.2.0/24"]',
      'c:3: 127.0.0.1 is denied, and with it "saker health" on this machine; see admin_listen',
    ],
    [
      "a loop by way of a host's own name",
      `[[virtual_host]]\nnames = ["a.example"]\n[[virtual_host.redirect]]\nfrom = "/a"\nto = "https://a.example/b"\n[[virtual_host.redirect]]\nfrom = "/b"\nto = "/a"`,
      'c:4: redirect "/a" is a loop: /a → /b → /a (with c:7)',
    ],
  ])("%s", (_, toml, ...warnings) => expect(lintsOf(toml)).toEqual(warnings));
});

describe("has nothing against", () => {
  test.each([
    ["no rules", ""],
    ["a narrower rule before a wider one", redirect("/old/page", "/x") + redirect("/old/*", "/new")],
    ["rules that only overlap", redirect("/a/*", "/x") + redirect("/:b/c", "/y")],
    [
      "a redirect of everything to a page that another rule is about",
      redirect("/*", "/a") + redirect("/a", "https://other.example/"),
    ],
    ["a wider case after a stricter one", '[[deny_path]]\npath = "/a"\n[[deny_path]]\npath = "/a/*"'],
    [
      "fingerprints first",
      '[[cache]]\npath = "*.css"\nimmutable = true\n[[cache]]\npath = "*.css"\ncache_control = "no-cache"',
    ],
    [
      "Vary more than once",
      '[[header]]\npath = "/*"\nset = { Vary = "A" }\n[[header]]\npath = "/*"\nset = { Vary = "B" }',
    ],
    [
      "a general field and a special one",
      '[[header]]\npath = "/*"\nset = { X = "1" }\n[[header]]\npath = "/a"\nset = { X = "2" }',
    ],
    [
      "a host that overrides what holds outside",
      '[[header]]\npath = "/*"\nset = { X = "1" }\n[[virtual_host]]\nnames = ["a"]\n[[virtual_host.header]]\npath = "/*"\nset = { X = "2" }',
    ],
    [
      "an error page outside that a host's root lacks",
      'directory_listing = false\n[error_pages]\n404 = "/404.html"\n[[virtual_host]]\nnames = ["a"]\nroot = "other"',
    ],
    ["a chain of redirects that ends", redirect("/a", "/b") + redirect("/b", "/c")],
    ["a redirect to another host's same path", redirect("/a", "https://other.example/a")],
    ["a folder's slash", redirect("/x", "/folder")],
    ["a rewrite with placeholders", '[[rewrite]]\nfrom = "/a/*"\nto = "/b/:splat"'],
  ])("%s", (_, toml) => expect(lintsOf(toml)).toEqual([]));
});

describe("a path that leads nowhere, in whatever way, is one that isn't there", () => {
  const long = `/${"n".repeat(300)}`;
  symlinkSync("loop", join(FOLDER, "site/loop"));

  test.each([
    ["through a file", "/index.html/x"],
    ["into a loop of links", "/loop"],
    ["through a loop of links", "/loop/x"],
    ["by a name that is too long", long],
  ])("%s", (_what, path) => {
    const page = `[error_pages]\n404 = "${path}"`;
    const rewrite = `[[rewrite]]\nfrom = "/a"\nto = "${path}"\n`;
    expect(
      lintsOf(
        `directory_listing = false\ntry_files = ["{path}", "${path}"]\nspa_fallback = "${path}"\n${rewrite}${page}`,
      ),
    ).toEqual([
      `c:5: rewrite "/a": there is no file ${path}`,
      `c:3: try_files ${path}: there is no file ${path}`,
      `c:4: spa_fallback: there is no file ${path}`,
      `c:9: error page for 404: there is no file ${path}`,
    ]);
    // Redirects are followed by the files that would answer instead.
    const loop = redirect(path, `${path}/y`, 'when = "missing"\n') + redirect(`${path}/y`, path, 'when = "missing"\n');
    expect(lintsOf(loop)).toEqual([expect.stringContaining("is a loop")]);
  });

  test.each(["/index.html/x", "/loop", "/loop/x", long])("in both places of a line of _redirects: %s", (path) => {
    const file = join(FOLDER, "netlify/_redirects");
    mkdirSync(join(FOLDER, "netlify"), { recursive: true });
    writeFileSync(file, `${path} /there\n/rewritten ${path} 200\n/gone ${path} 404\n`);
    expect(lintsOf("netlify_files = true\n[[virtual_host]]\nnames = ['n']\nroot = 'netlify'")).toContain(
      `_redirects:2: _redirects "/rewritten": there is no file ${path}`,
    );
  });
});

describe("pages behind admin endpoints", () => {
  const hosts = "[[virtual_host]]\nnames = ['behind.example']\nroot = 'behind'\n";

  test("are named, with the setting that moves the endpoints", () => {
    mkdirSync(join(FOLDER, "behind"), { recursive: true });
    writeFileSync(join(FOLDER, "behind/metrics"), "m");
    const message = `the admin endpoint /metrics hides /metrics of virtual host "behind.example": set admin_prefix, such as "/_saker", to move it`;
    expect(lintsOf(`directory_listing = false\n${hosts}`)).toEqual([message]);
    expect(lintsOf(`admin_prefix = "/_saker"\ndirectory_listing = false\n${hosts}`)).toEqual([]);
    expect(lintsOf(`admin_listen = ":9090"\ndirectory_listing = false\n${hosts}`)).toEqual([]);
  });
});
