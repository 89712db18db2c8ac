import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "../../src/config/load-settings.ts";
import { hostsOf } from "../../src/site/build-site.ts";
import { lackOfStartPage } from "../../src/site/start-page.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-start-page-")));
afterAll(() => rmSync(FOLDER, { recursive: true }));
mkdirSync(join(FOLDER, "bare/index.html"), { recursive: true }); // a folder is no start page
for (const file of ["bare/app.html", "bare/home.txt"]) writeFileSync(join(FOLDER, file), "x");
mkdirSync(join(FOLDER, "whole"));
writeFileSync(join(FOLDER, "whole/index.html"), "x");

function lackOf(toml: string, root = "bare"): string | null {
  writeFileSync(join(FOLDER, "a.toml"), `document_root = "${root}"\n${toml}`);
  const { settings } = loadConfiguration({ argv: ["--config", "a.toml"], env: {}, cwd: FOLDER });
  return lackOfStartPage(hostsOf(settings)[0]!.options);
}

test.each([
  ["nothing is set", ""],
  ["an index that isn't there", 'index = ["start.html"]'],
  ["a fallback that isn't there", 'spa_fallback = "/none.html"'],
  ["an error page", '[error_pages]\n404 = "/app.html"'],
  ["a redirect of another path", '[[redirect]]\nfrom = "/a"\nto = "/b"'],
])("is told: %s", (_, toml) => {
  expect(lackOf(toml)).toMatch(
    /^there is no (index|start)\.html in .*\/bare, and directory_listing is off: \/ is answered /,
  );
});

test.each([
  ["listings", "directory_listing = true", "bare"],
  ["an index file", "", "whole"],
  ["an index of another name", 'index = ["home.txt"]', "bare"],
  ["a fallback", 'spa_fallback = "/app.html"', "bare"],
  ["a file to try", 'try_files = ["{path}", "/app.html"]', "bare"],
  ["a redirect", '[[redirect]]\nfrom = "/"\nto = "/app.html"', "bare"],
  ["a rewrite", '[[rewrite]]\nfrom = "/*"\nto = "/app.html"', "bare"],
  ["a denial", '[[deny_path]]\npath = "/"', "bare"],
])("is not: %s answers", (_, toml, root) => expect(lackOf(toml, root)).toBeNull());
