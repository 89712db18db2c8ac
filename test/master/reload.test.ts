import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load-settings.ts";
import { keepFixed } from "../../src/master/reload.ts";
import { Counter, SlotState } from "../../src/stats/layout.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { snapshotSegment } from "../../src/stats/segment.ts";
import { libc } from "../../src/sys/libc.ts";
import { until } from "../support/deadline.ts";
import { MasterUnderTest, SteadyClient } from "./master-under-test.ts";

describe("keepFixed", () => {
  const before = loadSettings({ argv: ["--no-config", "--port", "8080"], env: {}, cwd: "/" });

  test.each<[string, string[], string[]]>([
    ["nothing new", [], []],
    ["what a reload can change", ["--num-workers", "3", "--server-header", "x"], []],
    ["what needs a restart", ["--user", "1", "--stats-file", "x"], ["user", "stats_file"]],
    ["both", ["--pid-file", "x", "--dotfiles"], ["pid_file"]],
  ])("%s", (_what, argv, names) => {
    const after = loadSettings({ argv: ["--no-config", "--port", "8080", ...argv], env: {}, cwd: "/" });
    const { settings, kept } = keepFixed(before, after);
    expect(kept).toEqual(names as never);
    for (const name of kept) expect(settings[name]).toEqual(before[name]);
    const others = Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
    expect(after).toMatchObject(others);
  });
});

describe("SIGHUP", () => {
  test("puts new workers on the same sockets: no client refused, nothing cut", async () => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2 } });
    const gate = join(master.folder, "gate");
    const held = Array.from({ length: 4 }, () => master.get(`/hold?${gate}`));
    await master.inFlight(4);
    const client = new SteadyClient(master);
    for (const header of ["second", "third"]) {
      master.configure({ server_header: header });
      master.signal("SIGHUP");
      await until(() => client.answers.at(-1)?.header === header, `answers come from "${header}"`);
    }
    await master.printed(/reload: 2 workers serve[^]*reload: 2 workers serve/);
    writeFileSync(gate, "");
    expect((await Promise.all(held)).map((answer) => answer.header)).toEqual(["first", "first", "first", "first"]);
    await master.workersSettled(2);
    await client.stop();
    expect(client.failures).toEqual([]);
    expect((await master.get()).generation).toBe(2);
    const { total, workersAlive } = readStatistics(snapshotSegment(master.statsFile));
    expect(total.cells[Counter.Requests]).toBe(client.answers.length + 4 + 1);
    expect(workersAlive).toBe(2);
    expect(master.stderr).not.toContain("ERROR");
  });

  test.each<[string, string | object, RegExp]>([
    ["text that isn't a configuration", "{ nonsense", /reload refused, the old configuration stays: .*JSON/],
    ["a worker that refuses it", { server_header: "fatal" }, /reload refused.*the fake worker refuses/],
    ["a worker that ends", { server_header: "die" }, /reload refused.*exit code 7/],
  ])("keeps all as it was after %s", async (_what, settings, line) => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2 } });
    const workers = master.workerPids();
    master.configure(settings as string);
    master.signal("SIGHUP");
    await master.printed(line);
    expect(master.workerPids()).toEqual(workers);
    expect(await master.get()).toMatchObject({ generation: 0, header: "first" });
    master.configure({ server_header: "repaired" });
    master.signal("SIGHUP");
    await until(async () => (await master.get()).header === "repaired", "the repaired one is served");
  });

  test("says what needs a restart, and takes the rest", async () => {
    await using master = await MasterUnderTest.start();
    master.configure({ user: "1", pid_file: null, server_header: "second" });
    master.signal("SIGHUP");
    await master.printed(/WARN reload: a change of user, pid_file needs a restart/);
    await until(async () => (await master.get()).header === "second", "the rest is served");
  });

  test("many in a row are one more after the present one", async () => {
    await using master = await MasterUnderTest.start();
    master.configure({ server_header: "last" });
    for (let count = 0; count < 20; count++) master.signal("SIGHUP");
    await until(async () => (await master.get()).header === "last", "the last one is served");
    await master.workersSettled(1);
    expect((await master.get()).generation).toBeLessThanOrEqual(3);
  });

  test("a stop in the middle of it stops", async () => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 4 } });
    master.configure({ server_header: "second" });
    master.signal("SIGHUP");
    master.signal("SIGTERM");
    expect(await master.ended()).toBe(0);
    expect(master.leftovers()).toEqual([]);
    expect(master.stderr).not.toContain("ERROR");
  });

  test.skipIf(libc === null)("changes the number of workers without refusing a client", async () => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2 } });
    const client = new SteadyClient(master);
    for (const workers of [4, 1, 3, 2]) {
      master.configure({ num_workers: workers });
      master.signal("SIGHUP");
      await master.printed(new RegExp(`reload: ${workers} workers? serves?`));
      await master.workersSettled(workers);
      const answered = client.answers.length;
      await until(() => client.answers.length > answered + 100, "clients are served");
      const seen = client.answers.slice(answered + 10).map((answer) => answer.workerIndex);
      expect([...new Set(seen)].sort()).toEqual(Array.from({ length: workers }, (_, index) => index));
      await until(
        () => readStatistics(snapshotSegment(master.statsFile)).workersConfigured === workers,
        "the statistics know the number",
      );
    }
    await client.stop();
    expect(client.failures).toEqual([]);
    expect(master.stderr).not.toContain("ERROR");
  });

  test("refuses more workers than the statistics file has room for", async () => {
    await using master = await MasterUnderTest.start();
    master.configure({ num_workers: 200 });
    master.signal("SIGHUP");
    await master.printed(/reload refused.*there is room for 15 new workers, not 200/);
    expect((await master.get()).generation).toBe(0);
  });

  test("a draining worker keeps its slot to itself", async () => {
    await using master = await MasterUnderTest.start();
    const gate = join(master.folder, "gate");
    const held = master.get(`/hold?${gate}`);
    await master.inFlight(1);
    master.configure({ server_header: "second" });
    master.signal("SIGHUP");
    await master.printed(/reload: 1 workers? serve/);
    const { slots } = readStatistics(snapshotSegment(master.statsFile));
    expect(slots.map((slot) => [slot.workerIndex, slot.generation, SlotState[slot.state]])).toEqual([
      [0, 0, "Draining"],
      [0, 1, "Ready"],
    ]);
    expect(new Set(slots.map((slot) => slot.slot)).size).toBe(2);
    writeFileSync(gate, "");
    await held;
  });
});

describe("other signals", () => {
  test.each(["info", "error"] as const)("SIGUSR1 logs statistics of all, at log level %s", async (log_level) => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2, log_level } });
    await master.get();
    master.signal("SIGUSR1");
    await master.printed(
      /INFO statistics of worker 0 .*\n.*INFO statistics of worker 1 .*\n.*of all workers.*, 1 requests/,
    );
  });

  test("SIGUSR2 reopens the logs, the workers' too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "saker-logs-"));
    const [log, old] = [join(folder, "error.log"), join(folder, "old.log")];
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2, error_log: log } });
    renameSync(log, old);
    master.signal("SIGUSR2");
    await master.printed(/reopens its logs[^]*reopens its logs/);
    await until(
      () => existsSync(log) && readFileSync(log, "utf8").includes("log files reopened"),
      "the new file is written",
    );
    expect(readFileSync(old, "utf8")).not.toContain("log files reopened");
    rmSync(folder, { recursive: true });
  });

  test("a reload may name another error log", async () => {
    const folder = mkdtempSync(join(tmpdir(), "saker-logs-"));
    const [first, second] = [join(folder, "first.log"), join(folder, "second.log")];
    await using master = await MasterUnderTest.start({ settings: { error_log: first } });
    master.configure({ error_log: second });
    master.signal("SIGHUP");
    await until(
      () => existsSync(second) && readFileSync(second, "utf8").includes("reload:"),
      "the new file is written",
    );
    rmSync(folder, { recursive: true });
  });

  test("a line of statistics comes at its time", async () => {
    await using master = await MasterUnderTest.start({ settings: { stats_interval_seconds: 0.5 } });
    await master.get();
    await master.printed(/INFO 1 requests in \d+ s .*1 of 1 workers/);
  });
});
