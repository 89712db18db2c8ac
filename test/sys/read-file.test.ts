import { afterAll, describe, expect, test } from "bun:test";
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Errno } from "../../src/sys/errno.ts";
import { libc } from "../../src/sys/libc.ts";
import { readAt, readCached } from "../../src/sys/read-file.ts";
import { Octets, Offset } from "../../src/units.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-read-"));
const fd = openSync(join(folder, "file"), "w+");
const GIB = 2 ** 30;
ftruncateSync(fd, 6 * GIB);
writeSync(fd, "0123456789", 0);
writeSync(fd, "far", 5 * GIB);

afterAll(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

describe("readAt", () => {
  test.each([
    ["from the start", 0, 4, 0, "0123"],
    ["into the middle of the buffer", 3, 4, 2, "2345"],
    ["past 4 GiB", 0, 3, 5 * GIB, "far"],
  ])("reads %s, and only there", (_what, intoOffset, octets, fileOffset, text) => {
    const into = new Uint8Array(16).fill(0xee);
    expect(readAt(fd, into, intoOffset, Octets(octets), Offset(fileOffset))).toBe(octets);
    expect(Buffer.from(into.subarray(intoOffset, intoOffset + octets)).toString()).toBe(text);
    into.fill(0xee, intoOffset, intoOffset + octets);
    expect(into.every((octet) => octet === 0xee)).toBe(true);
  });

  test.each([
    ["0 octets wanted", fd, 16, 0, 0, 0],
    ["the end of the file", fd, 0, 8, 6 * GIB, 0],
    ["a short rest", fd, 0, 8, 6 * GIB - 3, 3],
    ["a bad descriptor", 987_654, 0, 8, 0, -Errno.EBADF],
  ])("answers for %s", (_what, from, intoOffset, octets, fileOffset, result) => {
    expect(readAt(from, new Uint8Array(16), intoOffset, Octets(octets), Offset(fileOffset))).toBe(result);
  });
});

describe("readCached", () => {
  test.each([
    ["from the start", fd, 0, 4, 0],
    ["into the middle of the buffer", fd, 3, 4, 2],
    ["past 4 GiB", fd, 0, 3, 5 * GIB],
    ["a short rest", fd, 0, 8, 6 * GIB - 3],
    ["the end of the file", fd, 0, 8, 6 * GIB],
    ["a bad descriptor", 987_654, 0, 8, 0],
  ])(
    "answers what readAt answers, or that it would have to wait: %s",
    (_what, from, intoOffset, octets, fileOffset) => {
      const [all, cached] = [new Uint8Array(16).fill(0xee), new Uint8Array(16).fill(0xee)];
      const expected = readAt(from, all, intoOffset, Octets(octets), Offset(fileOffset));
      const taken = readCached(from, cached, intoOffset, Octets(octets), Offset(fileOffset));
      if ([-Errno.EAGAIN, -Errno.EOPNOTSUPP, -Errno.ENOSYS].includes(taken)) return;
      expect(taken).toBe(expected);
      expect(cached).toEqual(all);
    },
  );

  test.skipIf(libc === null)("has what was written just now", () => {
    const into = new Uint8Array(10);
    const taken = readCached(fd, into, 0, Octets(10), Offset(0));
    if (taken !== -Errno.EOPNOTSUPP) expect(Buffer.from(into).toString()).toBe("0123456789");
  });
});
