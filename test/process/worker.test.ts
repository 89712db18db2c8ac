/** A worker process as its master sees it, from the start message to the end. */
import { expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../src/config/load-settings.ts";
import { WorkerProcess } from "../../src/master/worker-process.ts";
import { closeListenSocket, openListenSocket, PortSharing } from "../../src/sys/listen-socket.ts";
import { until } from "../support/deadline.ts";
import { PROJECT } from "../support/executable.ts";
import { descriptorsOf } from "../support/processes.ts";
import { RawClient } from "../support/raw-client.ts";
import { requestOctets } from "../support/saker.ts";
import { TemporarySegment } from "../stats/temporary-segment.ts";

/** Far longer than a test may take. */
const LONG_SECONDS = 1000;

test("told to drain again, it lets go of the idle clients that it was to keep", async () => {
  using undo = new DisposableStack();
  const statistics = undo.use(new TemporarySegment());
  const root = mkdtempSync(join(tmpdir(), "saker-worker-"));
  undo.defer(() => rmSync(root, { recursive: true }));
  const argv = [
    root,
    "--no-config",
    "--access-log=false",
    "--log-level=error",
    `--keepalive-timeout-seconds=${LONG_SECONDS}`,
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
  await using idle = await RawClient.connect(port);
  expect((await idle.request(requestOctets("/"))).status).toBe(404);
  worker.drain(LONG_SECONDS, LONG_SECONDS);
  const listener = readlinkSync(`/proc/self/fd/${fd}`);
  await until(() => !descriptorsOf(worker.pid).includes(listener), "it accepts no more");
  expect(idle.ending).toBe("open");
  worker.drain(LONG_SECONDS, 0);
  await idle.expectClose();
  await worker.ended;
  expect(worker.endedWell).toBe(true);
});
