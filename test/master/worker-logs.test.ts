import { afterAll, describe, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load-settings.ts";
import type { Settings } from "../../src/config/settings.ts";
import { checkLogs, logDescriptors, logsForWorker, withStandardLogs } from "../../src/master/worker-logs.ts";

const DEFAULTS = loadSettings({ argv: ["--no-config"], env: {}, cwd: "/" });
const folder = mkdtempSync(join(tmpdir(), "saker-worker-logs-"));
const fd = openSync(join(folder, "behind"), "w+");
afterAll(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

type Logs = Pick<Settings, "access_log" | "error_log">;
const settingsWith = (logs: Partial<Logs>): Settings => ({ ...DEFAULTS, ...logs });

function forWorker(logs: Partial<Logs>): Logs & { fds: readonly number[] } {
  const { settings, fds, close } = logsForWorker(settingsWith(logs), 10);
  close();
  return { access_log: settings.access_log, error_log: settings.error_log, fds };
}

const STDOUT_LINK = join(folder, "access.log");
symlinkSync("/dev/stdout", STDOUT_LINK);

describe("a log in a worker", () => {
  test.each<[string, Partial<Logs>, Logs & { fds: readonly number[] }]>([
    ["as it is by default", {}, { access_log: "-", error_log: "-", fds: [] }],
    [
      "none, and a file",
      { access_log: false, error_log: "/tmp/e" },
      { access_log: false, error_log: "/tmp/e", fds: [] },
    ],
    ["standard output", { access_log: "/dev/fd/1" }, { access_log: "/dev/stdout", error_log: "-", fds: [] }],
    ["a link to it", { access_log: STDOUT_LINK }, { access_log: "/dev/stdout", error_log: "-", fds: [] }],
    [
      "exchanged",
      { access_log: "/dev/fd/2", error_log: "/dev/fd/1" },
      { access_log: "/dev/stderr", error_log: "/dev/stdout", fds: [] },
    ],
    ["another descriptor", { access_log: `/dev/fd/${fd}` }, { access_log: "/dev/fd/10", error_log: "-", fds: [fd] }],
    [
      "the same for both",
      { access_log: `/dev/fd/${fd}`, error_log: `/proc/self/fd/${fd}` },
      { access_log: "/dev/fd/10", error_log: "/dev/fd/11", fds: [fd, fd] },
    ],
  ])("%s", (_what, logs, expected) => expect(forWorker(logs)).toEqual(expected));

  test("a descriptor of another process is opened for it", async () => {
    const path = join(folder, "theirs");
    const other = Bun.spawn(["sleep", "60"], { stdin: "ignore", stdout: Bun.file(path), stderr: "ignore" });
    const { settings, fds, close } = logsForWorker(settingsWith({ access_log: `/proc/${other.pid}/fd/1` }), 10);
    expect(settings.access_log).toBe("/dev/fd/10");
    writeSync(fds[0]!, "line\n");
    close();
    other.kill();
    await other.exited;
    expect(readFileSync(path, "utf8")).toBe("line\n");
  });

  test("a descriptor that isn't open is refused by name and number", () => {
    const settings = settingsWith({ access_log: "/dev/fd/987654" });
    const message = "cannot open the log /dev/fd/987654: descriptor 987654 is not open";
    expect(() => logsForWorker(settings, 10)).toThrow(message);
    expect(() => checkLogs(settings)).toThrow(message);
    expect(() => checkLogs(DEFAULTS)).not.toThrow();
  });
});

test("descriptors that survive an upgrade: those that are open and aren't standard ones", () => {
  expect(logDescriptors(settingsWith({ access_log: "/dev/stdout", error_log: "/tmp/e" }))).toEqual([]);
  expect(logDescriptors(settingsWith({ access_log: `/dev/fd/${fd}`, error_log: `/dev/fd/${fd}` }))).toEqual([fd]);
  expect(logDescriptors(settingsWith({ access_log: false, error_log: "/dev/fd/987654" }))).toEqual([]);
});

test("a process that hasn't got them writes to its standard ones", () => {
  const { access_log, error_log } = withStandardLogs(settingsWith({ access_log: "/dev/fd/9", error_log: "/tmp/e" }));
  expect([access_log, error_log]).toEqual(["-", "/tmp/e"]);
});
