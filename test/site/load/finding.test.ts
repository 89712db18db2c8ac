/** What was found, and whether it is still so. */
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allHold, Finding, Found } from "../../../src/site/load/finding.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "saker-finding-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));
mkdirSync(join(FOLDER, "folder"));
writeFileSync(join(FOLDER, "file"), "");

test.each<[string, Found, boolean]>([
  ["absent", Found.Nothing, true],
  ["absent/below", Found.Nothing, true],
  ["file/below", Found.Nothing, true],
  [`${"a".repeat(300)}`, Found.Nothing, true],
  ["file", Found.Nothing, false],
  ["folder", Found.Nothing, false],
  ["folder", Found.Folder, true],
  ["file", Found.Folder, false],
  ["absent", Found.Folder, false],
  ["file", Found.Other, false],
  ["absent", Found.Other, false],
])("%s as %p: %p", (name, found, holds) => expect(new Finding(join(FOLDER, name), found).stillHolds()).toBe(holds));

test("all or nothing", () => {
  const absent = new Finding(join(FOLDER, "absent"), Found.Nothing);
  const file = new Finding(join(FOLDER, "file"), Found.Nothing);
  expect([allHold([]), allHold([absent]), allHold([absent, file])]).toEqual([true, true, false]);
});
