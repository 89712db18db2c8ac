import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFileStart } from "../../src/sys/file-start.ts";

test.each([
  ["a longer file", "abcdef", "abcd"],
  ["a shorter file", "ab", "ab\0\0"],
  ["an empty file", "", undefined],
])("%s", (_what, content, start) => {
  const folder = mkdtempSync(join(tmpdir(), "saker-file-start-"));
  try {
    const path = join(folder, "file");
    writeFileSync(path, content);
    expect(readFileStart(path, 4)?.toString("latin1")).toBe(start);
    expect(() => readFileStart(join(folder, "absent"), 4)).toThrow("ENOENT");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
