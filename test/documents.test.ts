/** What README, ARCHITECTURE.md and docs/ say, as far as a program can check it: examples, links, names of files. */
import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Glob } from "bun";
import { findCommand } from "../src/cli/commands.ts";
import { loadSettings } from "../src/config/load-settings.ts";

const ROOT = join(import.meta.dir, "..");
const DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", ...new Glob("docs/*.md").scanSync(ROOT)].sort();
const FOLDER = mkdtempSync(join(tmpdir(), "saker-documents-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** Code blocks of a language in a document, each with the line it begins at. */
function blocksOf(path: string, language: string): [place: string, text: string][] {
  const text = textOf(path);
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm"))].map((match) => [
    `${path}:${text.slice(0, match.index).split("\n").length}`,
    match[1]!,
  ]);
}

/** The anchors that a heading gets where the documents are shown. */
function anchorsOf(path: string): Set<string> {
  const headings = textOf(path).matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );
}

test.each(DOCUMENTS.flatMap((path) => blocksOf(path, "toml")))("the configuration at %s is one", (_place, text) => {
  writeFileSync(join(FOLDER, "example.toml"), text);
  const argv = ["--config", join(FOLDER, "example.toml")];
  expect(() => loadSettings({ argv, env: {}, cwd: FOLDER })).not.toThrow();
});

test.each(DOCUMENTS)("%s links to what is there", (path) => {
  const links = [...textOf(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  const broken = links.filter((target) => {
    if (/^https?:/.test(target)) return false;
    const [file = "", anchor] = target.split("#");
    const linked = file === "" ? path : join(dirname(path), file);
    return !existsSync(join(ROOT, linked)) || (anchor !== undefined && !anchorsOf(linked).has(anchor));
  });
  expect(broken).toEqual([]);
});

test.each(DOCUMENTS.flatMap((path) => blocksOf(path, "(?:sh|console)")))(
  "the commands at %s are there",
  (_place, text) => {
    const scripts = Object.keys((JSON.parse(textOf("package.json")) as { scripts: object }).scripts);
    const run = [...text.matchAll(/\bbun(?:@\S+)? run (\S+)/g)].map(([, name]) => name!);
    expect(run.filter((name) => !scripts.includes(name))).toEqual([]);
    const commands = [...text.matchAll(/^(?:\$ )?(?:dist\/)?saker ([a-z-]+)\b(?!\/)/gm)].map(([, name]) => name!);
    const isFolder = (name: string) => ["static", "site"].includes(name);
    expect(commands.filter((name) => !name.startsWith("-") && !isFolder(name) && !findCommand(name))).toEqual([]);
  },
);

test("ARCHITECTURE.md names files that are there", () => {
  const named = [...textOf("ARCHITECTURE.md").matchAll(/`((?:src|test|bench|docs|[a-z]+)\/[\w/.-]+\.(?:ts|md|c))`/g)];
  const isThere = (name: string) => existsSync(join(ROOT, name)) || existsSync(join(ROOT, "src", name));
  expect(named.map(([, name]) => name!).filter((name) => !isThere(name))).toEqual([]);
});
