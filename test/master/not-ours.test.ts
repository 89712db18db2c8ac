/** Files that settings name by mistake are not replaced. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writePidFile } from "../../src/master/pid-file.ts";
import { StartError } from "../../src/master/start-error.ts";
import { createStatsFile } from "../../src/master/stats-file.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "saker-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const wish = (stats_file: string, port: number) => ({ stats_file, port, user: null, group: null });

function fileWith(content: string): string {
  const path = join(folder, `file-${Bun.hash(content)}`);
  writeFileSync(path, content);
  return path;
}

test.each(["dear diary\n", "S", "x".repeat(100_000)])(
  "stats_file leaves a file that begins with %.8j alone",
  (content) => {
    const path = fileWith(content);
    expect(() => createStatsFile(wish(path, 8080), { workers: 1, startedMs: Date.now() })).toThrow(StartError);
    expect(readFileSync(path, "latin1")).toBe(content);
  },
);

test.each(["", "SAKERSTA of another version"])("stats_file replaces what begins with %j", (content) => {
  const statsFile = createStatsFile(wish(fileWith(content), 8080), { workers: 1, startedMs: Date.now() });
  expect(statsFile.segment.masterPid).toBe(process.pid);
  statsFile.remove();
});

test.each(["dear diary\n", "12 monkeys\n", "-1\n"])("pid_file leaves a file that says %j alone", (content) => {
  const path = fileWith(content);
  expect(() => writePidFile(path)).toThrow(StartError);
  expect(readFileSync(path, "latin1")).toBe(content);
});

test.each(["", "4242\n", "4242"])("pid_file replaces a file that says %j", (content) => {
  const path = fileWith(content);
  const remove = writePidFile(path, 7);
  expect(readFileSync(path, "latin1")).toBe("7\n");
  remove();
});

describe("what is no file is left alone: /dev/null would be gone", () => {
  const make: Record<string, (path: string) => void> = {
    "a pipe": (path) => Bun.spawnSync(["mkfifo", path]),
    "a folder": (path) => mkdirSync(path),
  };
  test.each(Object.keys(make))("%s", (what) => {
    const path = join(folder, what);
    make[what]!(path);
    const { ino } = lstatSync(path);
    expect(() => createStatsFile(wish(path, 8080), { workers: 1, startedMs: Date.now() })).toThrow(StartError);
    expect(() => writePidFile(path)).toThrow(StartError);
    expect(lstatSync(path).ino).toBe(ino);
  });
});
