import { describe, expect, test } from "bun:test";
import { Counter } from "../../src/stats/layout.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { snapshotSegment } from "../../src/stats/segment.ts";
import { libc } from "../../src/sys/libc.ts";
import { until } from "../support/deadline.ts";
import { isAlive, processState } from "../support/processes.ts";
import { MasterUnderTest, SteadyClient } from "./master-under-test.ts";

test("workers none of which ever serves end the start after a few attempts, with the last reason", async () => {
  await using master = new MasterUnderTest({ settings: { server_header: "killed", num_workers: 2 } });
  expect(await master.ended()).toBe(1);
  const lines = master.stderr.trim().split("\n");
  expect(lines.at(-1)).toMatch(/^saker: worker [01] ended before it was ready \(SIGKILL\)$/);
  expect(lines.filter((line) => line.includes("died: SIGKILL"))).toHaveLength(5);
  expect(master.leftovers()).toEqual([]);
});

test("a start is over where some workers serve, and the others are tried again", async () => {
  await using master = await MasterUnderTest.start({ settings: { server_header: "alone", num_workers: 2 } });
  expect((await master.get()).workerIndex).toBe(0);
  expect(master.stderr.match(/worker 1 .* died: SIGKILL/g)!.length).toBeGreaterThanOrEqual(5);
  master.signal("SIGTERM");
  expect(await master.ended()).toBe(0);
});

describe("a worker that dies", () => {
  test("is logged with what it was doing, and started again at once", async () => {
    await using master = await MasterUnderTest.start();
    const before = await master.get("/fine");
    await expect(master.get("/crash")).rejects.toThrow("closed without an answer");
    const after = await master.get("/");
    expect(after.pid).not.toBe(before.pid);
    expect(after).toEqual({ ...before, pid: after.pid });
    expect(master.stderr).toContain(`ERROR worker 0 (pid ${before.pid}) died: SIGKILL; 1 request in flight`);
    expect(master.stderr).toMatch(/ERROR worker 0 had finished: \S+ GET \/fine 200 in 5 us/);
    expect(master.stderr).toMatch(/ERROR worker 0 was at: \S+ GET \/crash in flight/);
    expect(master.stderr).toContain("WARN worker 0 is started again at once");
  });

  test.each([
    ["by itself", "/exit3", "exit code 3"],
    ["by a signal", "/crash", "SIGKILL"],
  ])("%s is told apart", async (_what, path, reason) => {
    await using master = await MasterUnderTest.start();
    await master.get(path).catch(() => {});
    await master.printed(new RegExp(`died: ${reason}; 1 request`));
  });

  test("is waited for longer each time", async () => {
    await using master = await MasterUnderTest.start();
    for (let death = 0; death < 3; death++) await master.get("/crash").catch(() => {});
    await master.get("/");
    const waits = [...master.stderr.matchAll(/started again (.*)$/gm)].map((match) => match[1]);
    expect(waits).toEqual(["at once", "in 100 ms", "in 200 ms"]);
  });

  test.skipIf(libc === null)("loses no connection that waited in its backlog", async () => {
    await using master = await MasterUnderTest.start();
    const [pid] = master.workerPids();
    process.kill(pid!, "SIGSTOP");
    await until(() => processState(pid!) === "T", "the worker is stopped");
    const port = master.port;
    const waiting = Array.from({ length: 50 }, () => master.get("/", port));
    process.kill(pid!, "SIGKILL");
    const answers = await Promise.all(waiting);
    expect(answers.every((answer) => answer.pid !== pid)).toBe(true);
  });

  test.skipIf(libc === null)("refuses no connection while it is replaced, and others serve meanwhile", async () => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2 } });
    const client = new SteadyClient(master);
    for (let death = 0; death < 3; death++) {
      const pids = await master.workersSettled(2);
      const answered = client.answers.length;
      process.kill(pids[0]!, "SIGKILL");
      await master.workersSettled(2, [pids[0]!]);
      await until(() => client.answers.length > answered + 50, "clients are served");
    }
    await client.stop();
    // A connection that the killed worker had accepted dies with it; one that waited does not, and none is refused.
    expect(client.failures.filter((failure) => !/without an answer|ECONNRESET/.test(failure))).toEqual([]);
    expect(client.failures.length).toBeLessThanOrEqual(3 * 4);
  });

  test("takes no count with it: totals go on over its death", async () => {
    await using master = await MasterUnderTest.start();
    for (let request = 0; request < 7; request++) await master.get("/");
    await master.get("/crash").catch(() => {});
    for (let request = 0; request < 5; request++) await master.get("/");
    await master.inFlight(0);
    const { total, workers } = readStatistics(snapshotSegment(master.statsFile));
    expect(total.cells[Counter.Requests]).toBe(13);
    expect(total.cells[Counter.RequestsAborted]).toBe(1);
    expect(total.responses).toBe(12);
    expect(workers[0]!.restarts).toBe(1);
  });
});

test("a worker whose event loop stopped is killed and replaced", async () => {
  await using master = await MasterUnderTest.start();
  const [pid] = master.workerPids();
  master.get("/hang").catch(() => {});
  await master.printed(/died: SIGKILL: no heartbeat for 3.5 s; 1 request in flight/, 15_000);
  await master.workersSettled(1, [pid!]);
  expect((await master.get("/")).pid).not.toBe(pid);
});

test("too many deaths in too short a time end the server with code 1 and a clear error", async () => {
  await using master = await MasterUnderTest.start({
    settings: { max_restarts: 2, restart_window_seconds: 60, num_workers: 2 },
  });
  const workers = new Set(master.workerPids());
  for (let death = 0; death < 3; death++) {
    await master.get("/crash").catch(() => {});
    master.workerPids().forEach((pid) => workers.add(pid));
  }
  expect(await master.ended()).toBe(1);
  expect(master.stderr).toContain("ERROR the server exits: more than 2 worker restarts within 60 s");
  expect(master.leftovers()).toEqual([]);
  expect([...workers].some(isAlive)).toBe(false);
});

describe.each([
  ["with FFI", {}],
  ["without FFI", { SAKER_NO_FFI: "1" }],
])("a master that is killed, %s", (_what, env) => {
  test("leaves no worker behind", async () => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2 }, env });
    const workers = await master.workersSettled(2);
    master.signal("SIGKILL");
    await until(() => !workers.some(isAlive), "the workers are gone");
  });
});
