import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfiguration } from "../../src/config/load-settings.ts";
import { buildSite, cacheFor, hostsOf } from "../../src/site/build-site.ts";
import { unobeyedFiles } from "../../src/site/unobeyed-files.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-unobeyed-")));
afterAll(() => rmSync(FOLDER, { recursive: true }));
for (const root of ["plain", "both", "moves", "folder/_headers"]) mkdirSync(join(FOLDER, root), { recursive: true });
for (const root of ["plain", "both", "moves", "folder"]) writeFileSync(join(FOLDER, root, "index.html"), "x");
writeFileSync(join(FOLDER, "both/_headers"), "/*\n  Basic-Auth: ann:secret\n");
for (const root of ["both", "moves"]) writeFileSync(join(FOLDER, root, "_redirects"), "/a /b\n");

function settingsOf(root: string, toml = "") {
  writeFileSync(join(FOLDER, "a.toml"), `document_root = "${root}"\n${toml}`);
  return loadConfiguration({ argv: ["--config", "a.toml"], env: {}, cwd: FOLDER }).settings;
}

test.each<[root: string, toml: string, told: string | null]>([
  [
    "both",
    "",
    `_headers and _redirects in ${FOLDER}/both are not obeyed, nor any password asked for there: netlify_files is off`,
  ],
  ["moves", "", `_redirects in ${FOLDER}/moves is not obeyed: netlify_files is off`],
  ["both", "netlify_files = true", null],
  ["plain", "", null],
  ["folder", "", null],
])("%s %s", (root, toml, told) => expect(unobeyedFiles(hostsOf(settingsOf(root, toml))[0]!.options)).toBe(told));

test("the server says so when it starts, for each host", () => {
  const settings = settingsOf("plain", `[[virtual_host]]\nnames = ["b.example"]\nroot = "moves"`);
  const { advice } = buildSite(settings, cacheFor(settings));
  expect(advice).toEqual([
    `b.example: _redirects in ${FOLDER}/moves is not obeyed: netlify_files is off; --netlify-files turns it on`,
  ]);
  // A worker that replaces another one has nothing new to say.
  expect(buildSite(settings, cacheFor(settings), { mayLackRoots: true }).advice).toEqual([]);
});
