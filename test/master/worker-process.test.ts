import { afterEach, describe, expect, test } from "bun:test";
import { closeSync, openSync } from "node:fs";
import type { Settings } from "../../src/config/settings.ts";
import { ADMIN, SITE } from "../../src/master/endpoints.ts";
import { WorkerState } from "../../src/master/worker.ts";
import { WorkerProcess } from "../../src/master/worker-process.ts";
import type { Endpoint } from "../../src/process/messages.ts";
import { isAlive } from "../support/processes.ts";

const started: WorkerProcess[] = [];
afterEach(async () => {
  for (const worker of started.splice(0)) {
    worker.kill("the test is over");
    await worker.ended;
  }
});

/** A worker that runs the given program; `on(type, f)` calls back with the master's messages. */
function start(program: string, endpoints: readonly Endpoint[] = []): WorkerProcess {
  const prelude = `const on = (type, act) => process.on("message", (message) => message.type === type && act(message));
    const keep = setInterval(() => {}, 1000);`;
  const worker = new WorkerProcess({
    command: [process.execPath, "-e", prelude + program],
    statsFd: 0,
    rootsMissing: [],
    logFds: [],
    tableFds: {},
    credentialsFd: null,
    findProof: async () => {},
    endpoints,
    start: {
      settings: {} as Settings,
      slot: 5,
      generation: 2,
      workerIndex: 1,
      confinement: null,
      statsPath: "/nowhere",
      startedMs: 0,
      masterPid: process.pid,
      version: "x",
    },
  });
  started.push(worker);
  return worker;
}

/** Files to recognize inherited descriptors by. */
const NAMES = ["/dev/zero", "/dev/null", "/dev/full"];

const READY = `on("start", () => process.send({ type: "ready", pid: process.pid }));`;

describe("WorkerProcess", () => {
  test("Starting, Ready, Draining, Ended", async () => {
    const worker = start(`${READY} on("drain", () => process.exit(0));`);
    expect(worker.state).toBe(WorkerState.Starting);
    expect(worker.servedMs(1)).toBe(0);
    expect(await worker.ready).toBe(true);
    expect(worker.state).toBe(WorkerState.Ready);
    worker.drain(10, 0);
    expect(worker.state).toBe(WorkerState.Draining);
    await worker.ended;
    expect(worker).toMatchObject({ state: WorkerState.Ended, endedWell: true, wasTold: true, gaveUpStarting: false });
    expect(worker).toMatchObject({ slot: 5, generation: 2, index: 1 });
  });

  test.each<[string, string, Partial<WorkerProcess>]>([
    ["an exit code", "process.exit(3)", { endReason: "exit code 3", endedWell: false, gaveUpStarting: true }],
    [
      "a signal",
      `process.kill(process.pid, "SIGKILL")`,
      { endReason: "SIGKILL", endedWell: false, gaveUpStarting: false },
    ],
    [
      "a reason of its own",
      `on("start", () => { process.send({ type: "fatal", message: "no" }); process.exit(1); })`,
      { fatalMessage: "no", gaveUpStarting: true },
    ],
  ])("tells how it ended before it was ready: %s", async (_what, program, facts) => {
    const worker = start(program);
    expect(await worker.ready).toBe(false);
    await worker.ended;
    expect(worker).toMatchObject(facts);
  });

  test("kills a worker that doesn't finish in time, and says why", async () => {
    const worker = start(READY);
    await worker.ready;
    worker.drain(0, 0);
    worker.drain(100, 100);
    await worker.ended;
    expect(worker.endReason).toBe("SIGKILL: it did not finish within 0 s");
    expect(isAlive(worker.pid)).toBe(false);
  });

  test("told to drain again, a worker hears it, and has the shorter time", async () => {
    const worker = start(`${READY} on("drain", ({ idleSeconds }) => idleSeconds === 0 && process.exit(0));`);
    await worker.ready;
    worker.drain(100, 5);
    const before = worker.drainUntilMs;
    worker.drain(50, 0);
    expect(worker.drainUntilMs).toBeLessThan(before);
    await worker.ended;
    expect(worker).toMatchObject({ state: WorkerState.Ended, endedWell: true, endReason: "exit code 0" });
  });

  test("may be told to drain before it is ready, and says ready no more", async () => {
    const worker = start(
      `on("drain", () => { process.send({ type: "ready", pid: 1 }); setTimeout(() => process.exit(0), 10); });`,
    );
    worker.drain(10, 0);
    expect(await worker.ready).toBe(false);
    expect(worker).toMatchObject({ state: WorkerState.Ended, endedWell: true });
  });

  test("what comes after the end is ignored", async () => {
    const worker = start("process.exit(0)");
    await worker.ended;
    worker.drain(1, 1);
    worker.reopenLogs();
    worker.kill("late");
    expect(worker).toMatchObject({ state: WorkerState.Ended, endReason: "exit code 0" });
  });

  test("passes descriptors as 4, 5, …, and tells which are for what", async () => {
    const files = NAMES.map((path) => openSync(path, "r"));
    const addresses = [{ host: "127.0.0.1", port: 80 }];
    const worker = start(
      `on("start", ({ endpoints }) => {
        const links = endpoints.flatMap(({ fds }) => fds).map((fd) => require("fs").readlinkSync("/proc/self/fd/" + fd));
        process.send({ type: "fatal", message: JSON.stringify({ endpoints, links }) });
        process.exit(1);
      });`,
      [
        { ...SITE, addresses, fds: [files[0]!, files[1]!] },
        { ...ADMIN, addresses, fds: [files[2]!] },
      ],
    );
    await worker.ended;
    files.forEach(closeSync);
    expect(JSON.parse(worker.fatalMessage)).toEqual({
      endpoints: [
        { ...SITE, addresses, fds: [4, 5] },
        { ...ADMIN, addresses, fds: [6] },
      ],
      links: NAMES,
    });
  });
});
