/** What rules do to the fields of a path's responses. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "../../src/config/load-settings.ts";
import { editsFor } from "../../src/site/path-edits.ts";
import { resolveRequestPath, type RequestPath } from "../../src/site/request-path.ts";
import { compileHost, type HostRules } from "../../src/site/rules/host-rules.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "saker-path-edits-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function rulesOf(toml: string, host: number | null = null): HostRules {
  writeFileSync(join(FOLDER, "a.toml"), toml);
  const { settings } = loadConfiguration({ argv: ["--config", "a.toml"], env: {}, cwd: FOLDER });
  return compileHost(settings, host).rules;
}

const pathOf = (sent: string) => resolveRequestPath(sent, true) as RequestPath;

describe("editsFor", () => {
  const toml = `security_headers = true
[[header]]
path = "/*"
set = { X-A = "outer", X-B = "outer", X-Frame-Options = "DENY" }
[[header]]
path = "*.html"
set = { X-File = "html" }
remove = ["Referrer-Policy"]
[[cache]]
path = "*.html"
cache_control = "public, max-age=5"
[cors]
allowed_origins = ["*"]
path = "/api/*"
[[virtual_host]]
names = ["a"]
[[virtual_host.header]]
path = "/*"
set = { X-A = "inner" }
`;
  const effective = (host: number | null, sent: string, file: string | null, isGuarded = false) => {
    const edits = editsFor(rulesOf(toml, host), pathOf(sent), file, isGuarded);
    return Object.fromEntries(edits.map(({ name, value }) => [name, value]));
  };
  test("later ones win, those of the host last", () => {
    expect(effective(null, "/x", "/x")).toMatchObject({ "X-A": "outer", "X-B": "outer", "X-Frame-Options": "DENY" });
    expect(effective(0, "/x", "/x")).toMatchObject({
      "X-A": "inner",
      "X-B": "outer",
      "X-Content-Type-Options": "nosniff",
    });
  });
  test("a pattern is held against the path and against the file", () => {
    expect(effective(null, "/", "/index.html")).toMatchObject({
      "X-File": "html",
      "Referrer-Policy": null,
      "Cache-Control": "public, max-age=5",
    });
    expect(effective(null, "/x", "/x")["X-File"]).toBeUndefined();
  });
  test("where no file answers there is nothing to keep", () => {
    expect(effective(null, "/x.html", null)["Cache-Control"]).toBeUndefined();
  });
  test("behind a password nothing is public", () => {
    expect(effective(null, "/a.html", "/a.html", true)["Cache-Control"]).toBe("private, max-age=5");
  });
  test("CORS holds for its paths", () => {
    expect(effective(null, "/api/x", null)["Access-Control-Allow-Origin"]).toBe("*");
    expect(effective(null, "/x", null)["Access-Control-Allow-Origin"]).toBeUndefined();
  });
  test("without rules nothing is looked at", () => {
    expect(editsFor(rulesOf(""), pathOf("/a"), "/a", false)).toEqual([]);
  });
});
