import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CommandError } from "../../src/cli/command.ts";
import { withDocumentRoot } from "../../src/cli/document-root.ts";
import { loadConfiguration } from "../../src/config/load-settings.ts";

const FOLDER = realpathSync(mkdtempSync(join(tmpdir(), "saker-root-")));
for (const name of ["site", "with", "with/static", "without"]) mkdirSync(join(FOLDER, name));
writeFileSync(join(FOLDER, "page.html"), "");
symlinkSync("site", join(FOLDER, "link"));
symlinkSync("loop", join(FOLDER, "loop"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const rootOf = (cwd: string, argv: readonly string[], isCompiled: boolean): string =>
  withDocumentRoot(loadConfiguration({ argv, env: {}, cwd: join(FOLDER, cwd) }), isCompiled).document_root;

const OWN_STATIC = resolve(import.meta.dir, "../../static");

describe("the folder that is served", () => {
  test.each<[string, string, string[], boolean, string]>([
    ["static of the current folder", "with", [], true, join(FOLDER, "with/static")],
    ["the same from source", "with", [], false, join(FOLDER, "with/static")],
    ["saker's own static, from source", "without", [], false, OWN_STATIC],
    ["the folder that is named", "", ["site"], true, join(FOLDER, "site")],
    ["one named by flag", "", ["--document-root", "site"], true, join(FOLDER, "site")],
    ["a link to a folder", "", ["link"], true, join(FOLDER, "link")],
  ])("%s", (_, cwd, argv, isCompiled, root) => expect(rootOf(cwd, argv, isCompiled)).toBe(root));
});

describe("no folder to serve", () => {
  test.each<[string, string, string[], boolean, string]>([
    [
      "no static beside the executable",
      "without",
      [],
      true,
      "no folder to serve: name one (saker DIR), set document_root",
    ],
    ["a missing folder", "", ["none"], false, "none does not exist; name a folder to serve"],
    ["a file", "", ["page.html"], false, "page.html is not a folder; name a folder to serve"],
    ["a loop of links", "", ["loop"], false, "loop is a loop of symbolic links; name a folder to serve"],
    [
      "a missing static that was asked for",
      "without",
      ["static"],
      false,
      "static does not exist; name a folder to serve",
    ],
    [
      "a command's name behind a flag",
      "",
      ["-p", "80", "health"],
      false,
      "health does not exist; commands come first: saker health …",
    ],
  ])("%s", (_, cwd, argv, isCompiled, message) => {
    expect(() => rootOf(cwd, argv, isCompiled)).toThrow(CommandError);
    expect(() => rootOf(cwd, argv, isCompiled)).toThrow(message);
  });
});
