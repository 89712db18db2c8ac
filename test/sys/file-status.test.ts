import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, openSync, closeSync, rmSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Errno } from "../../src/sys/errno.ts";
import { FileKind, FileStatus, kindOfMode, statFd, statPath } from "../../src/sys/file-status.ts";
import { libc } from "../../src/sys/libc.ts";
import { runWithoutFfi } from "./child.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-status-"));
const at = (name: string) => join(folder, name);
const cPath = (path: string) => new TextEncoder().encode(`${path}\0`);

beforeAll(async () => {
  await Bun.write(at("file"), "0123456789");
  await Bun.write(at("ö 名"), "x");
  await Bun.write(at("old"), "x");
  utimesSync(at("old"), -1.5, -1.5);
  mkdirSync(at("folder"));
  symlinkSync("file", at("link"));
  symlinkSync("loop", at("loop"));
  symlinkSync("nowhere", at("dangling"));
  const sparse = openSync(at("sparse"), "w");
  const { ftruncateSync } = await import("node:fs");
  ftruncateSync(sparse, 5 * 2 ** 30 + 3);
  closeSync(sparse);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What node:fs says of a path, in the shape of a FileStatus. */
function statusOfNode(path: string): FileStatus {
  const stats = statSync(path, { bigint: true });
  const status = new FileStatus();
  status.kind = kindOfMode(Number(stats.mode));
  status.mode = Number(stats.mode);
  status.size = Number(stats.size);
  status.dev = Number(stats.dev);
  status.ino = Number(stats.ino);
  status.mtimeMs = Math.floor(Number(stats.mtimeNs / 1000n) / 1000);
  status.mtimeNs = Number(((stats.mtimeNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
  status.ctimeMs = Number(stats.ctimeNs / 1_000_000n);
  status.ctimeNs = Number(stats.ctimeNs % 1_000_000_000n);
  return status;
}

describe("statPath", () => {
  test.each([
    ["a file", "file", FileKind.File],
    ["a name beyond ASCII", "ö 名", FileKind.File],
    ["a folder", "folder", FileKind.Directory],
    ["a symbolic link as what it leads to", "link", FileKind.File],
    ["a file above 4 GiB", "sparse", FileKind.File],
    ["a file from before 1970", "old", FileKind.File],
  ])("sees %s as node:fs does", (_what, name, kind) => {
    const status = new FileStatus();
    expect(statPath(cPath(at(name)), status)).toBe(0);
    expect(status.kind).toBe(kind);
    expect(status).toEqual(statusOfNode(at(name)));
  });

  test("sees a device", () => {
    const status = new FileStatus();
    expect(statPath(cPath("/dev/null"), status)).toBe(0);
    expect(status.kind).toBe(FileKind.Other);
  });

  test.each([
    ["a missing file", "nothing", -Errno.ENOENT],
    ["a dangling link", "dangling", -Errno.ENOENT],
    ["a link to itself", "loop", -Errno.ELOOP],
    ["a file used as a folder", "file/x", -Errno.ENOTDIR],
    ["a name too long", "n".repeat(300), -Errno.ENAMETOOLONG],
  ])("answers -errno for %s and leaves the status alone", (_what, name, code) => {
    const status = new FileStatus();
    status.size = 77;
    expect(statPath(cPath(at(name)), status)).toBe(code);
    expect(status.size).toBe(77);
  });

  test("reads the path up to its NUL", () => {
    const status = new FileStatus();
    expect(statPath(new TextEncoder().encode(`${at("file")}\0/more`), status)).toBe(0);
    expect(status.size).toBe(10);
  });
});

describe("statFd", () => {
  test("agrees with statPath", () => {
    const [byPath, byFd] = [new FileStatus(), new FileStatus()];
    const fd = openSync(at("file"), "r");
    expect(statFd(fd, byFd)).toBe(0);
    closeSync(fd);
    statPath(cPath(at("file")), byPath);
    expect(byFd).toEqual(byPath);
    expect(byFd.isSameVersion(byPath)).toBe(true);
  });

  test("answers -EBADF for a descriptor that isn't open", () => {
    expect(statFd(987_654, new FileStatus())).toBe(-Errno.EBADF);
  });
});

describe("isSameVersion", () => {
  test.each(["ino", "size", "mtimeMs", "mtimeNs", "ctimeMs", "ctimeNs", "dev", "kind"] as const)(
    "sees a new %s",
    (key) => {
      const [before, after] = [new FileStatus(), new FileStatus()];
      after.copyFrom(before);
      expect(after.isSameVersion(before)).toBe(true);
      after[key] += 1;
      expect(after.isSameVersion(before)).toBe(false);
    },
  );
});

describe.skipIf(libc === null)("without FFI", () => {
  test.each(["file", "link", "folder", "sparse", "old", "nothing", "loop"])(
    "gives the same answer for %s",
    async (name) => {
      const status = new FileStatus();
      const result = statPath(cPath(at(name)), status);
      const program = `
      import { FileStatus, statPath } from "${import.meta.dir}/../../src/sys/file-status.ts";
      const status = new FileStatus();
      const result = statPath(new TextEncoder().encode(${JSON.stringify(at(name))} + "\\0"), status);
      console.log(JSON.stringify({ result, status }));`;
      expect(JSON.parse(await runWithoutFfi(program))).toEqual(JSON.parse(JSON.stringify({ result, status })));
    },
  );
});
