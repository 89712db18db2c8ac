/** Paths that lead somewhere, and paths that lead nowhere in every way there is. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isBelow, isFile, isFolder, linkStatus, pathStatus } from "../../src/sys/path-status.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-path-status-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
mkdirSync(at("folder"));
writeFileSync(at("file"), "");
symlinkSync("file", at("link"));
symlinkSync("loop", at("loop"));
symlinkSync("nowhere", at("broken"));

describe("what is there", () => {
  test.each([
    ["file", true, false],
    ["folder", false, true],
    ["link", true, false],
  ])("%s", (name, file, isDirectory) => {
    expect([isFile(at(name)), isFolder(at(name))]).toEqual([file, isDirectory]);
  });
});

test.each([
  ["a missing file", "missing"],
  ["below a file", "file/x"],
  ["below a link to a file", "link/x"],
  ["a loop", "loop"],
  ["below a loop", "loop/x"],
  ["a link to nothing", "broken"],
  ["a name that is too long", "x".repeat(256)],
  ["a path that is too long", "x/".repeat(5000)],
  ["a path with a NUL in it", "a\0b"],
])("nothing: %s", (_what, name) => {
  expect([pathStatus(at(name)), isFile(at(name)), isFolder(at(name))]).toEqual([null, false, false]);
});

test("a link has a status of its own, wherever it leads", () => {
  for (const name of ["link", "loop", "broken"]) expect(linkStatus(at(name))?.isSymbolicLink()).toBe(true);
  for (const name of ["missing", "file/x", "loop/x", "x".repeat(256)]) expect(linkStatus(at(name))).toBeNull();
});

test.each([
  ["/srv", "/srv", true],
  ["/srv", "/srv/a/b", true],
  ["/srv", "/srvs", false],
  ["/srv", "/", false],
  ["/", "/srv", true],
  ["/", "/", true],
])("below %s lies %s: %p", (folder, path, isIt) => {
  expect(isBelow(folder, path)).toBe(isIt);
});
