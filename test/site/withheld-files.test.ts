/** Files that are never sent: their names, what rotation and editors make of them, and other names of the same file. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { linkSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeOwnFilesIn, WithheldFiles } from "../../src/site/withheld-files.ts";

let folder: string;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "saker-withheld-")));
  mkdirSync(join(folder, "real"));
  symlinkSync("real", join(folder, "linked"));
  for (const name of ["saker.toml", "real/site.pid", "page.html"]) writeFileSync(join(folder, name), name);
});
afterAll(() => rmSync(folder, { recursive: true }));

const FILES = [
  { path: "/srv/own/saker.toml", what: "configuration" },
  { path: "/srv/own/access.log", what: "access_log" },
  { path: "/srv/own/log", what: "error_log" },
];
const files = new WithheldFiles(FILES, ["/srv/site", "/srv/site/inner"]);

describe("by name", () => {
  test.each([
    "/srv/own/saker.toml",
    "/srv/own/SAKER.toml",
    "/SRV/own/saker.toml",
    "/srv/own/saker.toml~",
    "/srv/own/saker.toml.bak",
    "/srv/own/saker.toml.gz",
    "/srv/own/saker.toml.br",
    "/srv/own/saker.toml-old",
    "/srv/own/.saker.toml.swp",
    "/srv/own/#saker.toml#",
    "/srv/own/.#saker.toml",
    "/srv/own/access.log",
    "/srv/own/access.log.1",
    "/srv/own/access.log.12.gz",
    "/srv/own/access.log-20260101",
    "/srv/own/access.log-20260101-1700000000.zst",
    "/srv/own/access-20260101.log",
    "/srv/own/access-2026-01-01T10:00.log.gz",
    "/srv/own/access.1.log",
    "/srv/own/log",
    "/srv/own/log.1",
    "/srv/own/log-20260101",
    "/srv/own/log.old",
    "/srv/own/log.2.gz",
    "/srv/site/_headers",
    "/srv/site/_redirects.gz",
    "/srv/site/saker.toml",
    "/srv/site/inner/_headers~",
  ])("%s is withheld", (path) => expect(files.findName(path)).not.toBeNull());

  test.each([
    "/srv/own/saker.tomlx",
    "/srv/own/my-saker.toml",
    "/srv/own/saker.html",
    "/srv/own/sub/saker.toml",
    "/srv/own/access.html",
    "/srv/own/access-control.log",
    "/srv/own/accesss.log",
    "/srv/own/log.html",
    "/srv/own/login",
    "/srv/own/log-in.html",
    "/srv/own/blog",
    "/srv/site/sub/_headers",
    "/srv/site/headers",
    "/srv/site/_headersx",
  ])("%s is not", (path) => expect(files.findName(path)).toBeNull());
});

test("a file is known by where it really lies, and by its inode", () => {
  const own = new WithheldFiles([{ path: join(folder, "linked/site.pid"), what: "pid_file" }], []);
  const real = join(folder, "real/site.pid");
  expect(own.findName(real)?.what).toBe("pid_file");
  linkSync(real, join(folder, "another-name.txt"));
  const twice = new WithheldFiles([{ path: join(folder, "saker.toml"), what: "configuration" }], [folder]);
  expect(twice.find(join(folder, "x"), statSync(join(folder, "saker.toml")))?.what).toBe("configuration");
  expect(own.find(join(folder, "another-name.txt"), statSync(real))?.what).toBe("pid_file");
  expect(own.find(join(folder, "page.html"), statSync(join(folder, "page.html")))).toBeNull();
});

test("says in one line which own files are in a folder that is served", () => {
  const path = join(folder, "saker.toml");
  const own = [
    { path, what: "configuration" },
    { path: "/elsewhere/access.log", what: "access_log" },
    { path: join(folder, "linked/made-later.log"), what: "error_log" },
  ];
  expect(describeOwnFilesIn([join(folder, "real")], own)).toContain("made-later.log (error_log)");
  expect(describeOwnFilesIn([folder], own.slice(0, 2))).toBe(
    `in a folder that is served, but never sent: ${path} (configuration)`,
  );
  expect(describeOwnFilesIn(["/another"], own)).toBe("");
});

describe("a folder of which everything is withheld", () => {
  const withheld = (path: string) =>
    new WithheldFiles([{ path: join(folder, "linked"), what: "storage", isFolder: true }], []).findName(path);

  test("by its name, and by where it really lies", () => {
    for (const name of ["linked/a", "LINKED/a/b/c.pem", "real/a", "real/site.pid"]) {
      expect([name, withheld(join(folder, name))?.what]).toEqual([name, "storage"]);
    }
  });

  test("and nothing beside it", () => {
    for (const name of ["linked", "linked2/a", "page.html"]) expect(withheld(join(folder, name))).toBeNull();
  });
});
