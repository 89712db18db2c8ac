/** A worker process as its master sees it, from the start message to the end. */
import { expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load-settings.ts";
import { WorkerProcess } from "../../src/master/worker-process.ts";
import { CLOSE_IDLE_SIGNAL } from "../../src/process/messages.ts";
import { closeListenSocket, openListenSocket, PortSharing } from "../../src/sys/listen-socket.ts";
import { until } from "../support/deadline.ts";
import { PROJECT } from "../support/executable.ts";
import { descriptorsOf } from "../support/processes.ts";
import { RawClient } from "../support/raw-client.ts";
import { requestOctets } from "../support/saker.ts";
import { TemporarySegment } from "../stats/temporary-segment.ts";

/** Far longer than a test may take. */
const LONG_SECONDS = 1000;

interface Started {
  readonly worker: WorkerProcess;
  readonly port: number;
  /** Whether it still accepts. */
  readonly listens: () => boolean;
}

/** A worker that keeps idle clients for long. */
async function start(undo: DisposableStack): Promise<Started> {
  const statistics = undo.use(new TemporarySegment());
  const root = mkdtempSync(join(tmpdir(), "saker-worker-"));
  undo.defer(() => rmSync(root, { recursive: true }));
  const argv = [
    root,
    "--no-config",
    "--access-log=false",
    "--log-level=error",
    `--keepalive-timeout-seconds=${LONG_SECONDS}`,
    `--shutdown-timeout-seconds=${LONG_SECONDS}`,
  ];
  const settings = loadSettings({ argv, env: {}, cwd: root });
  const { fd, port } = openListenSocket({ host: "127.0.0.1", port: 0, backlog: 8, sharing: PortSharing.Exclusive });
  undo.defer(() => closeListenSocket(fd));
  const statsFd = openSync(statistics.path, "r+");
  undo.defer(() => closeSync(statsFd));
  const worker = new WorkerProcess({
    command: [process.execPath, join(PROJECT, "src/main.ts"), "--saker-worker"],
    statsFd,
    endpoints: [{ name: "site", scheme: "http", application: "site", addresses: [], fds: [fd] }],
    logFds: [],
    tableFds: {},
    credentialsFd: null,
    findProof: async () => {},
    rootsMissing: [],
    start: {
      settings,
      slot: statistics.segment.claimSlot(0, 0, Date.now()),
      generation: 0,
      workerIndex: 0,
      confinement: null,
      statsPath: statistics.path,
      startedMs: Date.now(),
      masterPid: process.pid,
      version: "x",
    },
  });
  undo.defer(() => worker.kill("the test is over"));
  expect(await worker.ready).toBe(true);
  const listener = readlinkSync(`/proc/self/fd/${fd}`);
  return { worker, port, listens: () => descriptorsOf(worker.pid).includes(listener) };
}

async function idleClient(port: number): Promise<RawClient> {
  const client = await RawClient.connect(port);
  expect((await client.request(requestOctets("/"))).status).toBe(404);
  return client;
}

test("told to drain again, it lets go of the idle clients that it was to keep", async () => {
  using undo = new DisposableStack();
  const { worker, port, listens } = await start(undo);
  await using idle = await idleClient(port);
  worker.drain(LONG_SECONDS, LONG_SECONDS);
  await until(() => !listens(), "it accepts no more");
  expect(idle.ending).toBe("open");
  worker.drain(LONG_SECONDS, 0);
  await idle.expectClose();
  await worker.ended;
  expect(worker.endedWell).toBe(true);
});

test.each([
  ["while it drains", true],
  ["before it drains", false],
])("handed over, it is told by a signal to let go of idle clients: %s", async (_when, drainsBefore) => {
  using undo = new DisposableStack();
  const { worker, port, listens } = await start(undo);
  await using idle = await idleClient(port);
  await worker.handOver(LONG_SECONDS);
  const signals: readonly NodeJS.Signals[] = drainsBefore
    ? ["SIGTERM", CLOSE_IDLE_SIGNAL]
    : [CLOSE_IDLE_SIGNAL, "SIGTERM"];
  process.kill(worker.pid, signals[0]);
  if (drainsBefore) await until(() => !listens(), "it accepts no more");
  expect(idle.ending).toBe("open");
  process.kill(worker.pid, signals[1]);
  await idle.expectClose();
  await worker.ended;
  expect(worker.endedWell).toBe(true);
});

test("the signal means nothing to a worker whose master speaks to it", async () => {
  using undo = new DisposableStack();
  const { worker, port, listens } = await start(undo);
  await using idle = await idleClient(port);
  worker.drain(LONG_SECONDS, LONG_SECONDS);
  process.kill(worker.pid, CLOSE_IDLE_SIGNAL);
  await until(() => !listens(), "it accepts no more");
  expect(idle.ending).toBe("open");
});
