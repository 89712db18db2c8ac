import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writePidFile } from "../../src/master/pid-file.ts";
import { createStatsFile, defaultStatsPath } from "../../src/master/stats-file.ts";
import { createSegment } from "../../src/stats/segment.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-files-"));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const wish = (stats_file: string | null, port: number) => ({ stats_file, port, user: null, group: null });

/** A process id that no process has: of a child that has ended. */
const deadPid = Bun.spawnSync(["true"]).pid;

describe("writePidFile", () => {
  test("writes the number and a line feed, and removes the file again", () => {
    const remove = writePidFile(at("pid"), 1234);
    expect(readFileSync(at("pid"), "utf8")).toBe("1234\n");
    remove();
    remove();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("replaces a stale file", () => {
    writeFileSync(at("pid"), "99999\n");
    const remove = writePidFile(at("pid"), 1234);
    expect(readFileSync(at("pid"), "utf8")).toBe("1234\n");
    remove();
  });

  test("leaves a file alone that is another's by now", () => {
    const remove = writePidFile(at("pid"), 1234);
    writeFileSync(at("pid"), "5678\n");
    remove();
    expect(readFileSync(at("pid"), "utf8")).toBe("5678\n");
    rmSync(at("pid"));
  });

  test("says what is wrong with the path, and leaves nothing behind", () => {
    expect(() => writePidFile(at("no/pid"))).toThrow(`cannot write pid_file ${at("no/pid")}: ENOENT`);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("createStatsFile", () => {
  const create = (path: string, masterPid: number) =>
    createSegment(path, { slotCount: 4, workersConfigured: 1, masterPid });

  test("makes the file and removes it", () => {
    const { segment, remove } = createStatsFile(wish(at("stats"), 8080), { workers: 2, startedMs: 1000 });
    expect(segment).toMatchObject({ path: at("stats"), masterPid: process.pid, startedMs: 1000, workersConfigured: 2 });
    expect(segment.slots.length).toBeGreaterThan(2);
    remove();
    remove();
    expect(existsSync(at("stats"))).toBe(false);
  });

  test.each([
    ["of a dead master", () => void create(at("stats"), deadPid)],
    ["of another version", () => writeFileSync(at("stats"), "SAKERSTA of another version")],
    ["that is empty", () => writeFileSync(at("stats"), "")],
  ])("replaces a file %s", (_what, prepare) => {
    prepare();
    const { segment, remove } = createStatsFile(wish(at("stats"), 8080), { workers: 1, startedMs: 1000 });
    expect(segment.masterPid).toBe(process.pid);
    remove();
  });

  test("never touches the file of a living master", () => {
    create(at("stats"), process.ppid);
    expect(() => createStatsFile(wish(at("stats"), 8080), { workers: 1, startedMs: 1000 })).toThrow(
      `belongs to a running saker (pid ${process.ppid})`,
    );
    rmSync(at("stats"));
  });

  test("leaves a file alone that is another's by now", () => {
    const { remove } = createStatsFile(wish(at("stats"), 8080), { workers: 1, startedMs: 1000 });
    create(at("stats"), process.ppid);
    remove();
    expect(existsSync(at("stats"))).toBe(true);
    rmSync(at("stats"));
  });

  test.skipIf(process.getuid?.() !== 0)("gives the file to the workers' user: only it and its group may see it", () => {
    for (const [user, group, owner] of [
      ["4242", null, "4242:4242"],
      ["4242", "4343", "4242:4343"],
      [null, "4343", "0:4343"],
    ] as const) {
      const { remove } = createStatsFile({ ...wish(at("stats"), 8080), user, group }, { workers: 1, startedMs: 1000 });
      const { uid, gid, mode } = statSync(at("stats"));
      expect([`${uid}:${gid}`, mode & 0o7777]).toEqual([owner, 0o640]);
      remove();
    }
  });

  test("chooses a name by port, and another one beside a living master's", () => {
    const port = 1_000_000 + process.pid; // not a port
    const path = defaultStatsPath(port);
    const first = createStatsFile(wish(null, port), { workers: 1, startedMs: 1000 });
    expect(first.segment.path).toBe(path);
    first.remove();
    create(path, process.ppid);
    const second = createStatsFile(wish(null, port), { workers: 1, startedMs: 1000 });
    expect(second.segment.path).toBe(path.replace(".stats", `-${process.pid}.stats`));
    second.remove();
    rmSync(path);
  });
});
