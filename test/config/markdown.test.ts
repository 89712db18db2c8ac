/**
 * The Markdown table of settings, and the README that shows it.
 */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MARKDOWN_BEGIN, MARKDOWN_END, settingsMarkdown } from "../../src/config/markdown.ts";
import { SETTING_NAMES } from "../../src/config/settings.ts";
import { TABLES } from "../../src/config/tables.ts";

const PROJECT = join(import.meta.dir, "../..");
const README = join(PROJECT, "README.md");

describe("settingsMarkdown", () => {
  const text = settingsMarkdown();

  test("has one row for every setting, in the order of the table", () => {
    const names = [...text.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]!);
    const main = names.slice(0, SETTING_NAMES.length);
    expect(new Set(main)).toEqual(new Set(SETTING_NAMES));
    expect(names.slice(SETTING_NAMES.length)).toEqual(Object.values(TABLES).flatMap(({ rows }) => Object.keys(rows)));
  });

  test("has the same number of cells in every line of a table", () => {
    for (const block of text.split("\n\n").filter((part) => part.startsWith("|"))) {
      const widths = block.split("\n").map((line) => line.length);
      expect(new Set(widths).size).toBe(1);
    }
  });

  test("is what bun fmt makes of it", async () => {
    const formatter = Bun.spawn([process.execPath, "fmt", "--no-script", "--stdin-filepath=settings.md"], {
      stdin: new Blob([`${text}\n`]),
      stdout: "pipe",
      stderr: "pipe",
      cwd: PROJECT,
    });
    expect(await formatter.stdout.text()).toBe(`${text}\n`);
  });
});

const readme = existsSync(README) ? readFileSync(README, "utf8") : "";
const hasMarkers = readme.includes(MARKDOWN_BEGIN) && readme.includes(MARKDOWN_END);
const reason = hasMarkers
  ? ""
  : readme === ""
    ? " (skipped: there is no README.md)"
    : " (skipped: README.md has no markers)";

test.skipIf(!hasMarkers)(`the README shows the table as it is${reason}`, () => {
  const shown = readme.slice(readme.indexOf(MARKDOWN_BEGIN) + MARKDOWN_BEGIN.length, readme.indexOf(MARKDOWN_END));
  // To renew it: saker help settings --markdown
  expect(shown.trim()).toBe(settingsMarkdown());
});
