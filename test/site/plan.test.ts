/** What a path means by the settings alone. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "../../src/config/load-settings.ts";
import { mayNeedNavigation, neededNavigation, type Plan, planFor } from "../../src/site/plan.ts";
import { resolveRequestPath, type RequestPath } from "../../src/site/request-path.ts";
import { compileHost, type HostRules, type NetlifyTexts } from "../../src/site/rules/host-rules.ts";
import { locationText } from "../../src/site/rules/move-target.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "saker-plan-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const HASH =
  "$argon2id$v=19$m=19456,t=2,p=1$XHZiFHgZWvh4DICZ1C7GLBVGFJuKK9+l4PWmbabW/sU$ToEA/Lw0aQFHdCdRAYtFjw+lsPl+0VeSMej3DwLRaIU";
const auth = (path: string, realm = path) =>
  `[[basic_auth]]\npath = "${path}"\nrealm = "${realm}"\nusers = ["a:${HASH}"]\n`;
const deny = (path: string, status = 403) => `[[deny_path]]\npath = "${path}"\nstatus = ${status}\n`;
const redirect = (from: string, to: string, rest = "") => `[[redirect]]\nfrom = "${from}"\nto = "${to}"\n${rest}\n`;
const rewrite = (from: string, to: string, rest = "") => `[[rewrite]]\nfrom = "${from}"\nto = "${to}"\n${rest}\n`;

function rulesOf(toml: string, host: number | null = null, texts?: NetlifyTexts): HostRules {
  writeFileSync(join(FOLDER, "a.toml"), toml);
  const { settings } = loadConfiguration({ argv: ["--config", "a.toml"], env: {}, cwd: FOLDER });
  return compileHost(settings, host, texts).rules;
}

function pathOf(sent: string, dotfiles = true): RequestPath {
  const path = resolveRequestPath(sent, dotfiles);
  if (typeof path === "number") throw new Error(`${sent} is refused`);
  return path;
}

/** A plan in words: guards in brackets, attempts in order, then what is left. */
function inWords(plan: Plan): string {
  const guards = plan.guards.map(({ realm }) => `[${realm}] `).join("");
  switch (plan.kind) {
    case "refuse":
      return `${guards}${plan.status}${plan.page === null ? "" : ` with ${plan.page}`}`;
    case "redirect":
      return `${guards}${plan.status} ${locationText(plan.location, "?q")}`;
    case "search": {
      const attempts = plan.attempts.map((attempt) => {
        if (attempt.kind === "file") {
          return `${attempt.guards.map(({ realm }) => `[${realm}]`).join("")}${attempt.filePath}${attempt.isShared ? "*" : ""}`;
        }
        if (attempt.kind === "listing") return `list ${attempt.filePath}`;
        const own = attempt.redirection.guards.slice(plan.guards.length).map(({ realm }) => `[${realm}]`);
        return `${own.join("")}${attempt.filePath}? ${locationText(attempt.redirection.location, "")}`;
      });
      return [...attempts.map((text) => guards + text), inWords(plan.otherwise)].join(" | ");
    }
  }
}

const plan = (toml: string, sent: string, listing = false, texts?: NetlifyTexts) =>
  inWords(
    planFor({ rules: rulesOf(`directory_listing = ${listing}\n${toml}`, null, texts), dotfiles: false }, pathOf(sent)),
  );

describe("without rules", () => {
  test.each([
    ["/", "/index.html | 404"],
    ["/a", "/a | /a? /a/ | 404"],
    ["/a/", "/a/index.html | 404"],
    ["/a%20b", "/a b | /a b? /a%20b/ | 404"],
  ])("%s: %s", (sent, words) => expect(plan("", sent)).toBe(words));
  test("folders are listed where that is on", () => {
    expect(plan("", "/a/", true)).toBe("/a/index.html | list /a | 404");
    expect(plan("", "/a", true)).toBe("/a | /a? /a/ | 404");
    expect(plan("clean_urls = true", "/a%20b/", true)).toBe("/a b/index.html | list /a b | /a b.html? /a%20b | 404");
  });
});

describe("spelling", () => {
  test.each([
    ["clean_urls = true", "/a", "/a | /a.html | /a? /a/ | 404"],
    ["clean_urls = true", "/a/", "/a/index.html | /a.html? /a | 404"],
    ["clean_urls = true", "/", "/index.html | 404"],
    ['trailing_slash = "add"', "/a", "/a | /a? /a/ | 404"],
    ['trailing_slash = "add"\nclean_urls = true', "/a", "/a | /a.html? /a/ | /a? /a/ | 404"],
    ['trailing_slash = "add"\nclean_urls = true', "/a/", "/a/index.html | /a.html | 404"],
    ['trailing_slash = "add"\nclean_urls = true', "/", "/index.html | 404"],
    ['trailing_slash = "remove"', "/a", "/a | /a/index.html | 404"],
    ['trailing_slash = "remove"', "/a/", "301 /a?q"],
    ['trailing_slash = "remove"', "/a%20b/", "301 /a%20b?q"],
    ['trailing_slash = "remove"', "/", "/index.html | 404"],
    ['trailing_slash = "remove"\n' + redirect("/old/*", "/new/:splat"), "/old/a/", "301 /new/a?q"],
    ['trailing_slash = "remove"\n' + redirect("/old/*", "/new/:splat"), "/old", "301 /new?q"],
    ['trailing_slash = "remove"\n' + redirect("/old/*", "/:splat?to=/"), "/old/a/", "301 /a?to=/"],
    ['trailing_slash = "remove"\n' + redirect("/old/*", "/:splat"), "/old/", "301 /?q"],
    [
      'trailing_slash = "remove"\n' + redirect("/old/*", "https://a.example/:splat"),
      "/old/a/",
      "301 https://a.example/a/?q",
    ],
    ['trailing_slash = "remove"\n' + redirect("/old", "/old/"), "/old", "/old | /old/index.html | 404"],
    ['trailing_slash = "remove"\nclean_urls = true', "/a/b", "/a/b | /a/b.html | /a/b/index.html | 404"],
    ['index = ["a", "b"]', "/x/", "/x/a | /x/b | 404"],
    ["index = []", "/x/", "404"],
  ])("%j  %s: %s", (toml, sent, words) => expect(plan(toml, sent)).toBe(words));
});

describe("spa_fallback for paths with a dot", () => {
  const rules = rulesOf('spa_fallback = "/app.html"');
  const planned = (sent: string, isNavigation?: boolean) =>
    inWords(
      planFor({ rules, dotfiles: false }, { ...pathOf(sent), ...(isNavigation === undefined ? {} : { isNavigation }) }),
    );
  test.each([
    ["/user/john.doe", true, "/user/john.doe | /user/john.doe? /user/john.doe/ | /app.html* | 404"],
    ["/user/john.doe", false, "/user/john.doe | /user/john.doe? /user/john.doe/ | 404"],
    ["/v1.2/", true, "/v1.2/index.html | /app.html* | 404"],
    ["/v1.2/", undefined, "/v1.2/index.html | 404"],
    ["/users", undefined, "/users | /users? /users/ | /app.html* | 404"],
  ])("%s, asked for as a page: %p", (sent, isNavigation, words) => expect(planned(sent, isNavigation)).toBe(words));
  test("only those depend on what is asked for", () => {
    expect(["/a.b", "/v1.2/", "/v1.2/a", "/", "/a"].filter((sent) => mayNeedNavigation(rules, pathOf(sent)))).toEqual([
      "/a.b",
      "/v1.2/",
    ]);
    expect(mayNeedNavigation(rulesOf(""), pathOf("/a.b"))).toBe(false);
    const asked = { ...pathOf("/a.b"), isNavigation: true };
    const answers = [null, "/app.html", "/a.b", "/other.html"];
    expect(answers.filter((filePath) => neededNavigation(rules, asked, filePath))).toEqual([null, "/app.html"]);
    expect(neededNavigation(rules, { ...pathOf("/app.html"), isNavigation: true }, "/app.html")).toBe(false);
  });
});

describe("try_files and spa_fallback", () => {
  const nginx = 'try_files = ["{path}", "{path}.html", "{path}/", "/index.html"]';
  test.each([
    [nginx, "/a", "/a | /a.html | /a? /a/ | /index.html* | 404"],
    [nginx, "/a/", "/a/index.html | /a.html? /a | /index.html* | 404"],
    // The folder's slash would lead back.
    ['try_files = ["{path}/", "{path}.html"]', "/a/", "/a/index.html | 404"],
    ['try_files = ["{path}/", "{path}.html"]', "/a", "/a? /a/ | /a.html | 404"],
    ['trailing_slash = "add"\n' + nginx, "/a/", "/a.html | /a/index.html | /index.html* | 404"],
    [nginx, "/", "/index.html | /index.html* | 404"],
    ['try_files = ["{path}"]', "/a/", "404"],
    ['try_files = ["{path}/index.html"]', "/a", "/a/index.html | 404"],
    ['try_files = ["{path}/index.html"]', "/a/", "/a/index.html | 404"],
    ['try_files = ["{path}/sub/"]', "/a", "/a/sub/index.html | 404"],
    ['try_files = ["/app/"]', "/a", "/app/index.html* | 404"],
    ['spa_fallback = "/app.html"', "/users/42", "/users/42 | /users/42? /users/42/ | /app.html* | 404"],
    ['spa_fallback = "/app.html"', "/users/", "/users/index.html | /app.html* | 404"],
    ['spa_fallback = "/app.html"', "/app.js", "/app.js | /app.js? /app.js/ | 404"],
    ['spa_fallback = "/app.html"', "/v1.2/x", "/v1.2/x | /v1.2/x? /v1.2/x/ | /app.html* | 404"],
  ])("%j  %s: %s", (toml, sent, words) => expect(plan(toml, sent)).toBe(words));
});

describe("moves", () => {
  test.each([
    [redirect("/old/*", "/new/:splat"), "/old/a", "301 /new/a?q"],
    [redirect("/old/*", "/new/:splat"), "/old/a/", "301 /new/a/?q"],
    [redirect("/old/*", "/new/:splat"), "/old", "301 /new/?q"],
    [redirect("/old", "/new?x", "status = 308"), "/old/", "308 /new?x"],
    [redirect("/a", "/first") + redirect("/a", "/second"), "/a", "301 /first?q"],
    [redirect("/a", "/b", 'when = "missing"'), "/a", "/a | /a? /a/ | 301 /b?q"],
    [rewrite("/a", "/r") + redirect("/a", "/b"), "/a", "301 /b?q"],
    // A redirect to itself would be a loop: the next rule has its turn.
    [redirect("/a", "/a/"), "/a", "301 /a/?q"],
    [redirect("/a", "/a/"), "/a/", "/a/index.html | 404"],
    [redirect("/a", "/a") + redirect("/a", "/b"), "/a", "301 /b?q"],
    [redirect("/*", "/:splat"), "/a%20b", "/a b | /a b? /a%20b/ | 404"],
    [redirect("/a", "/a?x"), "/a", "/a | /a? /a/ | 404"],
    [rewrite("/app/*", "/app.html"), "/app/x/y", "/app.html* | /app.html? /app/x/y/ | 404"],
    [rewrite("/en/*", "/:splat/en"), "/en/a", "/a/en | /a/en? /en/a/ | 404"],
    [rewrite("/en/*", "/:splat/en"), "/en", "/en | /en? /en/ | 404"],
    [rewrite("/x/*", "/:splat/"), "/x/a", "/a/index.html | 404"],
    // A folder's path ends with a slash: the one that was asked for, not the one that it stands for.
    [rewrite("/app/*", "/v2/:splat"), "/app/a%20b", "/v2/a b | /v2/a b? /app/a%20b/ | 404"],
    [rewrite("/app/*", "/v2/:splat"), "/app/docs/", "/v2/docs | /v2/docs/index.html | 404"],
    ["clean_urls = true\n" + rewrite("/x", "/y"), "/x/", "/y* | /y/index.html* | /y.html* | 404"],
    ['trailing_slash = "remove"\n' + rewrite("/x", "/y"), "/x", "/y* | /y/index.html* | 404"],
    ["clean_urls = true\n" + rewrite("/x", "/y"), "/x", "/y* | /y.html* | /y? /x/ | 404"],
    [rewrite("/*", "/app.html", 'when = "missing"'), "/a", "/a | /a? /a/ | /app.html* | /app.html? /a/ | 404"],
    [
      'spa_fallback = "/s.html"\n' + rewrite("/a", "/b", 'when = "missing"'),
      "/a",
      "/a | /a? /a/ | /b* | /b? /a/ | 404",
    ],
    // What a rewrite puts together can't be a way out, nor to what is hidden.
    [rewrite("/x/:a", "/.:a"), "/x/env", "404"],
    [rewrite("/x/*", "/.git/:splat"), "/x/config", "404"],
    [rewrite("/:a/:b", "/:a:b"), "/a/b", "/ab | /ab? /a/b/ | 404"],
  ])("%j  %s: %s", (toml, sent, words) => expect(plan(toml, sent)).toBe(words));
});

describe("denials hold for every file that may answer", () => {
  test.each([
    [deny("/secret/*"), "/secret/a", "403"],
    [deny("/secret/*", 404), "/secret", "404"],
    [deny("/secret/*"), "/SECRET/a", "403"],
    [deny("/secret/*"), "/%73ecret/a", "403"],
    [deny("/secret/*"), "/x/../secret//a", "403"],
    [deny("*.bak"), "/a.bak.gz", "403"],
    [deny("/a/index.html"), "/a/", "403"],
    ['index = ["index.php", "index.html"]\n' + deny("*.php"), "/", "/index.html | 404"],
    ["clean_urls = true\n" + deny("/a.html"), "/a", "/a | /a? /a/ | 404"],
    [deny("/secret/*") + rewrite("/x/*", "/secret/:splat"), "/x/a", "403"],
    [deny("/secret/*") + redirect("/secret/*", "/open/:splat"), "/secret/a", "403"],
    ['spa_fallback = "/s.html"\n' + deny("/s.html"), "/a", "/a | /a? /a/ | 404"],
    [deny("/a") + auth("/a"), "/a", "403"],
    [deny("/a/b", 404) + deny("/a/*"), "/a/b", "404"],
  ])("%j  %s: %s", (toml, sent, words) => expect(plan(toml, sent)).toBe(words));
});

test("an attempt that is denied is left out, and says by which rule", () => {
  const toml = `clean_urls = true\n${deny("/b.html")}${deny("/b", 404)}${deny("/a.html", 404)}`;
  const denied = (sent: string) => {
    const found = planFor({ rules: rulesOf(toml), dotfiles: false }, pathOf(sent));
    if (found.kind !== "search") return found.kind;
    return found.denied.map(({ attempt, denial }) => [attempt.filePath, denial.status]);
  };
  expect(denied("/a")).toEqual([["/a.html", 404]]);
  expect(denied("/b")).toBe("refuse");
  expect(denied("/c")).toEqual([]);
});

describe("guards hold for every file that may answer", () => {
  test.each([
    [auth("/in/*"), "/in/a", "[/in/*] /in/a | [/in/*] /in/a? /in/a/ | [/in/*] 404"],
    [auth("/in/*"), "/in", "[/in/*] /in | [/in/*] /in? /in/ | [/in/*] 404"],
    [auth("/in/*"), "/IN/a.gz", "[/in/*] /IN/a.gz | [/in/*] /IN/a.gz? /IN/a.gz/ | [/in/*] 404"],
    [auth("/in/*") + rewrite("/x/*", "/in/:splat"), "/x/a", "[/in/*]/in/a | [/in/*]/in/a? /x/a/ | 404"],
    [auth("/in.html") + "", "/in", "/in | /in? /in/ | 404"],
    ["clean_urls = true\n" + auth("/in.html"), "/in", "/in | [/in.html]/in.html | /in? /in/ | 404"],
    [
      'clean_urls = true\ntrailing_slash = "add"\n' + auth("/in.html"),
      "/in",
      "/in | [/in.html]/in.html? /in/ | /in? /in/ | 404",
    ],
    [auth("/a/index.html"), "/a/", "[/a/index.html]/a/index.html | 404"],
    ['spa_fallback = "/s.html"\n' + auth("/s.html"), "/a", "/a | /a? /a/ | [/s.html]/s.html* | 404"],
    [auth("/in/*") + redirect("/in/*", "/x"), "/in/a", "[/in/*] 301 /x?q"],
    [auth("/a/*") + auth("/*"), "/a/b", "[/a/*] /a/b | [/a/*] /a/b? /a/b/ | [/a/*] 404"],
    [auth("/a/*") + auth("/*") + rewrite("/x", "/a/b"), "/x", "[/*] [/a/*]/a/b* | [/*] [/a/*]/a/b? /x/ | [/*] 404"],
  ])("%j  %s: %s", (toml, sent, words) => expect(plan(toml, sent)).toBe(words));
});

describe("netlify_files", () => {
  const texts = (redirects: string, headers = ""): NetlifyTexts => ({ redirects, headers });
  test.each([
    ["/* /index.html 200", "/a", "/a | /a? /a/ | /index.html* | /index.html? /a/ | 404"],
    ["/a /b", "/a", "/a | /a? /a/ | 301 /b?q"],
    ["/a /b 301!", "/a", "301 /b?q"],
    ["/* /nope.html 404", "/a", "/a | /a? /a/ | 404 with /nope.html"],
    ["/* /gone.html 410!", "/a", "410 with /gone.html"],
    ["/* /x 200", "/_redirects", "404"],
    ["/* /x 200", "/_HEADERS", "404"],
    ["/:a/* /:splat 404", "/x/y.html", "/x/y.html | /x/y.html? /x/y.html/ | 404 with /y.html"],
    ["/:a/* /:splat 404", "/x/_headers", "/x/_headers | /x/_headers? /x/_headers/ | 404"],
    ["/* /_headers 200!", "/a", "404"],
  ])("%j  %s: %s", (lines, sent, words) => {
    expect(plan("netlify_files = true", sent, false, texts(lines))).toBe(words);
  });
  test("off, the files mean nothing and are files", () => {
    expect(plan("", "/_redirects", false, texts("/* /x 301!"))).toBe("/_redirects | /_redirects? /_redirects/ | 404");
  });
  test("Basic-Auth guards", () => {
    const words = plan("netlify_files = true", "/in/a", false, texts("", "/in/*\n  Basic-Auth: a:b\n"));
    expect(words).toStartWith("[Restricted] /in/a |");
  });
});

describe("virtual hosts have guards and fields from outside, and moves of their own", () => {
  const toml = `clean_urls = true
spa_fallback = "/outer.html"
try_files = ["/outer"]
${deny("*.bak")}${auth("/in/*", "outer")}${redirect("/r", "/outer")}${rewrite("/w", "/outer")}
[[virtual_host]]
names = ["a"]
[[virtual_host.basic_auth]]
path = "/in/x"
realm = "inner"
users = ["b:${HASH}"]
[[virtual_host]]
names = ["b"]
clean_urls = false
index = ["b.html"]
[[virtual_host.redirect]]
from = "/r"
to = "/b"
`;
  const planOf = (host: number | null, sent: string) =>
    inWords(planFor({ rules: rulesOf(toml, host), dotfiles: false }, pathOf(sent)));
  test.each([
    [null, "/r", "301 /outer?q"],
    [null, "/x", "/outer* | /outer.html* | 404"],
    [0, "/r", "/r | /r.html | /r? /r/ | 404"],
    [0, "/w", "/w | /w.html | /w? /w/ | 404"],
    [0, "/a.bak", "403"],
    [0, "/in/x", "[inner] /in/x | [inner] [outer]/in/x.html | [inner] /in/x? /in/x/ | [inner] 404"],
    [0, "/in/y", "[outer] /in/y | [outer] /in/y.html | [outer] /in/y? /in/y/ | [outer] 404"],
    [1, "/r", "301 /b?q"],
    [1, "/x/", "/x/b.html | 404"],
    [1, "/a.bak", "403"],
  ])("host %p %s: %s", (host, sent, words) => expect(planOf(host, sent)).toBe(words));
});

test("every part says what made it so", () => {
  const rules = rulesOf(
    `clean_urls = true\n${redirect("/r", "/x")}${deny("/d")}${rewrite("/w", "/x", 'when = "missing"')}`,
  );
  const options = { rules, dotfiles: false, directoryListing: false };
  const reasonOf = (sent: string) => {
    const result = planFor(options, pathOf(sent));
    return result.kind === "search" ? result.attempts.map(({ because }) => because.setting) : result.because.path;
  };
  expect(reasonOf("/r")).toEqual(["redirect", 0]);
  expect(reasonOf("/d")).toEqual(["deny_path", 0]);
  expect(reasonOf("/w")).toEqual([
    "document_root",
    "clean_urls",
    "trailing_slash",
    "rewrite",
    "rewrite",
    "trailing_slash",
  ]);
});

describe("names that are no UTF-8", () => {
  const netlify = (redirects: string): NetlifyTexts => ({ redirects, headers: null });

  test.each([
    ["/a/caf%E9", deny("/a/*"), "403"],
    ["/caf%E9", deny("/caf*"), "403"],
    ["/x/%FF.key", auth("*.key", "K"), "[K] /x/\udcff.key"],
    ["/%FF/old", redirect("/:name/old", "/:name/new"), "301 /%FF/new?q"],
    ["/old/%FF/%C3%A9", redirect("/old/*", "/:splat"), "301 /%FF/%C3%A9?q"],
    ["/old/%FF", redirect("/old/:a", "https://b.example/?n=:a"), "301 https://b.example/?n=%FF"],
    ["/caf%E9", deny("/caf\u00e9"), "/caf\udce9"],
  ])("%s is seen by rules as any other", (sent, toml, expected) => {
    expect(plan(toml, sent).split(" | ")[0]).toBe(expected);
  });

  test("a guarded name can't be put together from octets that alone are none", () => {
    const toml = rewrite("/join/:a/:b", "/x/:a:b") + deny("/x/\u00e9");
    expect(plan(toml, "/join/%C3/%A9").split(" | ")).not.toContain("/x/\u00e9");
    expect(plan(toml, "/join/%C3/%A8").split(" | ")[0]).toBe("/x/\u00e8");
    expect(plan(toml, "/join/%C3/%A9")).not.toContain("\udcc3");
  });

  test("_redirects spells them percent-encoded", () => {
    const texts = netlify("/caf%E9/* /new/:splat 301\n/caf%C3%A9 /other 301\n");
    const toml = "netlify_files = true";
    expect(plan(toml, "/caf%e9/a", false, texts).split(" | ")).toContain("301 /new/a?q");
    expect(plan(toml, "/caf%C3%A9", false, texts).split(" | ")).toContain("301 /other?q");
  });
});
