import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Errno } from "../../src/sys/errno.ts";
import { libc } from "../../src/sys/libc.ts";
import { closeDescriptor, LinkPolicy, openBeneath, openPath, openRoot } from "../../src/sys/open-file.ts";
import { readAt } from "../../src/sys/read-file.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-open-"));
const root = join(folder, "root");
const cPath = (path: string) => new TextEncoder().encode(`${path}\0`);

beforeAll(async () => {
  mkdirSync(join(root, "sub"), { recursive: true });
  await Bun.write(join(folder, "secret"), "secret");
  await Bun.write(join(root, "file"), "file");
  await Bun.write(join(root, "sub/deep"), "deep");
  symlinkSync("../file", join(root, "sub/inside"));
  symlinkSync("../secret", join(root, "outside"));
  symlinkSync(join(root, "file"), join(root, "absolute"));
  symlinkSync("/proc/self/fd", join(root, "magic"));
  Bun.spawnSync(["mkfifo", join(root, "fifo")]);
});
afterAll(() => rmSync(folder, { recursive: true }));

function contentOf(fd: number): string {
  const bytes = new Uint8Array(16);
  const octets = readAt(fd, bytes, 0, 16, 0);
  expect(closeDescriptor(fd)).toBe(0);
  return Buffer.from(bytes.subarray(0, octets)).toString();
}

describe("openPath", () => {
  test("opens a file, links followed", () => {
    expect(contentOf(openPath(cPath(join(root, "outside"))))).toBe("secret");
  });

  test.each([
    ["a missing file", "nothing", -Errno.ENOENT],
    ["a file as a folder", "file/x", -Errno.ENOTDIR],
  ])("answers -errno for %s", (_what, name, code) => {
    expect(openPath(cPath(join(root, name)))).toBe(code);
  });

  test("does not wait for a writer of a FIFO", () => {
    const fd = openPath(cPath(join(root, "fifo")));
    expect(fd).toBeGreaterThan(0);
    closeDescriptor(fd);
  });
});

describe.skipIf(libc === null)("openBeneath", () => {
  let rootFd = -1;
  beforeAll(() => void (rootFd = openRoot(cPath(root))));
  afterAll(() => void closeDescriptor(rootFd));

  test.each([
    ["file", LinkPolicy.Never, "file"],
    ["sub/deep", LinkPolicy.Never, "deep"],
    ["sub/../file", LinkPolicy.Never, "file"],
    ["sub/inside", LinkPolicy.Inside, "file"],
  ])("opens %s under policy %i", (path, policy, content) => {
    expect(contentOf(openBeneath(rootFd, cPath(`xx${path}`), 2, policy))).toBe(content);
  });

  test.each([
    ["../secret", LinkPolicy.Inside, -Errno.EXDEV],
    ["sub/../../secret", LinkPolicy.Inside, -Errno.EXDEV],
    ["/etc/passwd", LinkPolicy.Inside, -Errno.EXDEV],
    ["outside", LinkPolicy.Inside, -Errno.EXDEV],
    ["absolute", LinkPolicy.Inside, -Errno.EXDEV],
    ["magic/0", LinkPolicy.Inside, -Errno.EXDEV],
    ["sub/inside", LinkPolicy.Never, -Errno.ELOOP],
    ["nothing", LinkPolicy.Inside, -Errno.ENOENT],
  ])("refuses %s under policy %i", (path, policy, code) => {
    expect(openBeneath(rootFd, cPath(path), 0, policy)).toBe(code);
  });
});

describe.skipIf(libc === null)("openRoot", () => {
  test.each([
    ["a missing folder", "nothing", -Errno.ENOENT],
    ["a file", "file", -Errno.ENOTDIR],
  ])("answers -errno for %s", (_what, name, code) => {
    expect(openRoot(cPath(join(root, name)))).toBe(code);
  });
});

test("closeDescriptor answers -EBADF for one that isn't open", () => {
  expect(closeDescriptor(987_654)).toBe(-Errno.EBADF);
});
