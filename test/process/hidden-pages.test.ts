/** Which of a site's pages the admin endpoints hide: a site, its settings, and the lines about it. */
import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { loadSettings } from "../../src/config/load-settings.ts";
import { hostsOf } from "../../src/site/build-site.ts";
import { hiddenPages } from "../../src/process/hidden-pages.ts";
import { createSite, type SiteFiles } from "../support/site.ts";

async function linesOf(toml: string, files: SiteFiles): Promise<string[]> {
  await using site = await createSite({ "index.html": "home", ...files });
  const name = site.beside("saker.toml");
  writeFileSync(name, `document_root = ${JSON.stringify(site.root)}\n${toml.replaceAll("ROOT", site.root)}`);
  const settings = loadSettings({ argv: ["-c", name], env: {}, cwd: site.folder });
  return hiddenPages(settings, hostsOf(settings));
}

const line = (endpoint: string, page: string, whose = ""): string =>
  `the admin endpoint ${endpoint} hides ${page}${whose}: set admin_prefix, such as "/_saker", to move it`;
const rewrite = (from: string, to: string): string => `[[rewrite]]\nfrom = "${from}"\nto = "${to}"\n`;
const redirect = (from: string, to: string): string => `[[redirect]]\nfrom = "${from}"\nto = "${to}"\n`;

describe("hides", () => {
  test.each<[string, string, SiteFiles, string[]]>([
    ["a file", "", { metrics: "m" }, [line("/metrics", "/metrics")]],
    ["a folder with a page", "", { "stats/index.html": "s" }, [line("/stats", "/stats/index.html")]],
    ["a page with a clean URL", "clean_urls = true", { "health.html": "h" }, [line("/health", "/health.html")]],
    [
      "a page whose path gets a slash",
      'clean_urls = true\ntrailing_slash = "add"',
      { "health.html": "h" },
      [line("/health", "/health.html")],
    ],
    [
      "a folder whose path loses its slash",
      'trailing_slash = "remove"',
      { "health/index.html": "h" },
      [line("/health", "/health/index.html")],
    ],
    ["a folder that is listed", "directory_listing = true", { "stats/a.txt": "a" }, [line("/stats", "/stats")]],
    [
      "several",
      "clean_urls = true",
      { "health.html": "h", metrics: "m", "stats/index.html": "s" },
      [line("/health", "/health.html"), line("/metrics", "/metrics"), line("/stats", "/stats/index.html")],
    ],
    [
      "below another prefix",
      'admin_prefix = "/ops"',
      { "ops/health": "h", metrics: "m" },
      [line("/ops/health", "/ops/health")],
    ],
    [
      "what a rule for this path leads to",
      rewrite("/health", "/h.html"),
      { "h.html": "h" },
      [line("/health", "/h.html")],
    ],
    [
      "what a rule for many paths leads to from this one",
      rewrite("/:page", "/pages/:page.html"),
      { "pages/health.html": "h" },
      [line("/health", "/pages/health.html")],
    ],
    ["what try_files finds", 'try_files = ["{path}.txt"]', { "stats.txt": "s" }, [line("/stats", "/stats.txt")]],
    ["a redirect of this path", redirect("/stats", "/numbers"), {}, [line("/stats", 'redirect "/stats"')]],
    [
      "a line of _redirects",
      "netlify_files = true",
      { _redirects: "/stats /numbers\n" },
      [line("/stats", '_redirects "/stats"')],
    ],
  ])("%s", async (_what, toml, files, lines) => expect(await linesOf(toml, files)).toEqual(lines));

  test("a page in a virtual host's root", async () => {
    const lines = await linesOf("[[virtual_host]]\nnames = ['a.example']\nroot = 'ROOT/a'\n", { "a/health": "h" });
    expect(lines).toEqual([line("/health", "/health", ' of virtual host "a.example"')]);
  });

  test("a page that hosts share once", async () => {
    const host = (name: string) => `[[virtual_host]]\nnames = ["${name}"]\n`;
    expect(await linesOf(host("a") + host("b"), { metrics: "m" })).toEqual([line("/metrics", "/metrics")]);
    const refused = `unknown_host = 421\n${host("a")}`;
    expect(await linesOf(refused, { metrics: "m" })).toEqual([line("/metrics", "/metrics", ' of virtual host "a"')]);
  });
});

describe("hides nothing", () => {
  const all = { "health.html": "h", metrics: "m", "stats/index.html": "s" };

  test.each<[string, string, SiteFiles]>([
    ["on a port of its own", 'admin_listen = ":9090"', all],
    ["below a prefix", 'admin_prefix = "/_saker"', all],
    ["of a page that needs its ending", "", { "health.html": "h", "metrics.txt": "m" }],
    ["of a folder without a page", "", { "stats/a.txt": "a" }],
    ["that is denied", '[[deny_path]]\npath = "/metrics"\n', { metrics: "m" }],
    ["but what every path gets", 'spa_fallback = "/index.html"', {}],
    ["but what every path gets, by try_files", 'try_files = ["{path}", "/index.html"]', {}],
    ["but what every path gets, by a rule", rewrite("/*", "/index.html"), {}],
    ["but what every path is redirected to", redirect("/*", "https://example.org/:splat"), {}],
    ["that isn't there", "clean_urls = true", {}],
  ])("%s", async (_what, toml, files) => expect(await linesOf(toml, files)).toEqual([]));
});
