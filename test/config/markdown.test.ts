/**
 * The Markdown page of settings, and docs/settings.md, which is that page.
 */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { settingsMarkdown } from "../../src/config/markdown.ts";
import { SETTING_NAMES } from "../../src/config/settings.ts";
import type { Table } from "../../src/config/table.ts";
import { TABLES } from "../../src/config/tables.ts";

const PROJECT = join(import.meta.dir, "../..");

/** Of a table, and of those inside it that aren't described elsewhere. */
function describedRows({ kind, rows, tables }: Table): string[] {
  const inner = kind === "table" ? Object.values(tables) : [];
  return [...Object.keys(rows), ...inner.flatMap(describedRows)];
}

describe("settingsMarkdown", () => {
  const text = settingsMarkdown();

  test("has one row for every setting, in the order of the table", () => {
    const names = [...text.matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]!);
    const main = names.slice(0, SETTING_NAMES.length);
    expect(new Set(main)).toEqual(new Set(SETTING_NAMES));
    expect(names.slice(SETTING_NAMES.length)).toEqual(Object.values(TABLES).flatMap(describedRows));
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

test("docs/settings.md is this page", () => {
  // To renew it: bun src/main.ts help settings --markdown > docs/settings.md
  expect(readFileSync(join(PROJECT, "docs/settings.md"), "utf8")).toBe(`${settingsMarkdown()}\n`);
});
