/** Upgrade in place, with fake workers: what stays, what is refused, and the way back. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadSettings } from "../../src/config/load-settings.ts";
import { ChallengeBoard } from "../../src/master/challenge-board.ts";
import { Executable } from "../../src/master/executable.ts";
import { nameTotals, placeTotals } from "../../src/master/hand-over.ts";
import { Sockets } from "../../src/master/sockets.ts";
import { Supervisor } from "../../src/master/supervisor.ts";
import { Counter, COUNTER_COUNT, SLOT_CELLS } from "../../src/stats/layout.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { CredentialStore } from "../../src/tls/credential-store.ts";
import { SharedTables } from "../../src/quota/shared-tables.ts";
import { createSegment, snapshotSegment } from "../../src/stats/segment.ts";
import { libc } from "../../src/sys/libc.ts";
import { until } from "../support/deadline.ts";
import { isAlive } from "../support/processes.ts";
import { MasterUnderTest, SteadyClient } from "./master-under-test.ts";

// Most of them run side by side, each with several processes.

describe.skipIf(libc === null)("SIGURG", () => {
  test("puts a new program into the process: no client refused, nothing cut, nothing counted twice or not at all", async () => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2, server_header: "first" } });
    const gate = join(master.folder, "gate");
    const held = Array.from({ length: 4 }, () => master.get(`/hold?${gate}`));
    await master.inFlight(4);
    const client = new SteadyClient(master);
    master.configure({ server_header: "second" });
    master.signal("SIGURG");
    await master.printed(/INFO upgraded from 0\.0\.0-test to 0\.0\.0-test \(pid \d+\)/);
    await until(() => client.answers.at(-1)?.header === "second", "the new program's workers answer");
    writeFileSync(gate, "");
    expect((await Promise.all(held)).map((answer) => answer.header)).toEqual(["first", "first", "first", "first"]);
    await master.workersSettled(2);
    // Again, and a reload right after it: whatever comes meanwhile isn't lost.
    master.configure({ server_header: "third" });
    master.signal("SIGURG");
    master.signal("SIGHUP");
    await until(() => client.answers.at(-1)?.header === "third", "the third program's workers answer");
    await master.printed(/upgraded from[^]*upgraded from/);
    await client.stop();
    expect(client.failures).toEqual([]);
    const { total } = readStatistics(snapshotSegment(master.statsFile));
    expect(total.cells[Counter.Requests]).toBe(client.answers.length + 4);
    expect(master.stderr).not.toContain("ERROR");
    master.signal("SIGTERM");
    expect(await master.ended()).toBe(0);
    expect(master.leftovers()).toEqual([]);
  });

  test.concurrent.each<[string, string | object, RegExp]>([
    ["text that isn't a configuration", "{ nonsense", /upgrade refused, 0\.0\.0-test goes on: .*JSON/],
    ["a worker that refuses", { server_header: "fatal" }, /upgrade refused.*the fake worker refuses/],
    [
      "a missing document root",
      { document_root: "/no/such/folder" },
      /upgrade refused.*\/no\/such\/folder does not exist/,
    ],
  ])("a rehearsal that finds %s changes nothing", async (_what, settings, line) => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2 } });
    const workers = master.workerPids();
    master.configure(settings as string);
    master.signal("SIGURG");
    await master.printed(line);
    expect(master.workerPids()).toEqual(workers);
    expect(await master.get()).toMatchObject({ generation: 0, header: "first" });
  });

  test.concurrent("a program that can't serve after all gives back, and the workers of before serve on", async () => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2 } });
    const workers = master.workerPids();
    master.configure({ server_header: "trap" });
    const client = new SteadyClient(master);
    master.signal("SIGURG");
    await master.printed(
      /upgrade refused, 0\.0\.0-test goes on: 0\.0\.0-test could not serve \(.*the fake worker refuses/,
    );
    expect(master.workerPids()).toEqual(workers);
    await client.stop();
    expect(client.failures).toEqual([]);
    // Who dies is replaced, and a repaired configuration is taken.
    process.kill(workers[0]!, "SIGKILL");
    await master.printed(/worker 0 \(pid \d+\) died: SIGKILL/);
    master.configure({ server_header: "repaired" });
    master.signal("SIGHUP");
    await until(async () => (await master.get()).header === "repaired", "the repaired one is served");
  });

  test.concurrent("a program that can't even begin gives back as well", async () => {
    await using master = await MasterUnderTest.start();
    const workers = master.workerPids();
    master.configure({ server_header: "early trap" });
    master.signal("SIGURG");
    await master.printed(/upgrade refused, 0\.0\.0-test goes on: 0\.0\.0-test could not serve \(.*no\/such\/folder/);
    await master.workersSettled(1, workers);
    expect((await master.get()).header).toBe("early trap");
  });

  test.concurrent("files that have become unavailable don't end a running server", async () => {
    await using master = new MasterUnderTest({});
    const folder = join(master.folder, "run");
    mkdirSync(folder);
    master.configure({ pid_file: join(folder, "pid") });
    await master.printed(/listening on/);
    rmSync(folder, { recursive: true, force: true });
    master.signal("SIGURG");
    await master.printed(/WARN cannot write pid_file/);
    await master.printed(/upgraded from/);
  });

  test.concurrent("should it be killed then, every worker ends by itself, also one of before", async () => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2 } });
    const held = master.get(`/hold?${join(master.folder, "gate")}`).catch(() => null);
    await master.inFlight(1);
    const before = master.workerPids();
    master.signal("SIGURG");
    await master.printed(/upgraded from/);
    const workers = master.workerPids();
    expect(workers.some((pid) => before.includes(pid))).toBe(true);
    master.signal("SIGKILL");
    await until(() => workers.every((pid) => !isAlive(pid)), "all are gone");
    await held;
  });

  test.concurrent("without FFI it is refused", async () => {
    await using master = await MasterUnderTest.start({ env: { SAKER_NO_FFI: "1" } });
    const workers = master.workerPids();
    master.signal("SIGURG");
    await master.printed(/upgrade refused, 0\.0\.0-test goes on: an upgrade in place needs FFI/);
    expect(master.workerPids()).toEqual(workers);
  });

  test.concurrent("workers it took over that hang or are told to end are ended", async () => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 1, shutdown_timeout_seconds: 0 } });
    const [worker] = master.workerPids();
    process.kill(worker!, "SIGSTOP");
    master.signal("SIGURG");
    await master.printed(/upgraded from/);
    await master.workersSettled(1, [worker!]);
    expect(isAlive(worker!)).toBe(false);
    await master.printed(/worker 0 \(pid \d+\) died: SIGKILL: it did not finish in time/);
  });
});

test("without slots for new workers nothing is begun", () => {
  const path = join(mkdtempSync(join(tmpdir(), "saker-room-")), "stats");
  const segment = createSegment(path, { slotCount: 4, workersConfigured: 2 });
  const settings = loadSettings({ argv: ["--no-config"], env: {}, cwd: "/" });
  const log = { info() {}, warn() {}, error() {} };
  using executable = Executable.own();
  const supervisor = new Supervisor({
    settings,
    segment,
    tables: new SharedTables(path),
    credentials: new CredentialStore({ log, env: {} }),
    challenges: new ChallengeBoard(new CredentialStore({ log, env: {} })),
    log,
    executable,
    sockets: new Sockets(),
    version: "x",
    generation: 0,
  });
  supervisor.checkRoom(4);
  expect(() => supervisor.checkRoom(5)).toThrow("there is room for 4 new workers, not 5");
  rmSync(dirname(path), { recursive: true });
});

describe("totals by name", () => {
  test("come to the same cells in the same layout", () => {
    const cells = Float64Array.from({ length: SLOT_CELLS }, (_, index) => index);
    const base = new Float64Array(COUNTER_COUNT);
    placeTotals(nameTotals(cells), base);
    expect(base[Counter.Requests]).toBe(Counter.Requests);
    expect(base[Counter.HistogramFirst + 7]).toBe(Counter.HistogramFirst + 7);
  });

  test("of another layout: what both know is kept, the rest starts from zero", () => {
    const base = new Float64Array(COUNTER_COUNT);
    placeTotals({ Requests: [7], Status: [1, 2, 3], Forgotten: [4] }, base);
    expect(base.filter((value) => value !== 0)).toEqual(new Float64Array([7]));
    expect(base[Counter.Requests]).toBe(7);
  });
});
