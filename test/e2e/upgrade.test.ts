/** The compiled executable is replaced while it serves: workers by a reload, the master by an upgrade, and neither by a broken one. */
import { expect, test } from "bun:test";
import { copyFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { until } from "../support/deadline.ts";
import { useExecutable } from "../support/executable.ts";
import { NOTHING_LOST, startLoad } from "../support/load.ts";
import { runSaker, startSaker } from "../support/saker.ts";
import { createSite } from "../support/site.ts";

const executable = useExecutable();

const inodeOf = (path: string): number => statSync(path).ino;

test("under load: a broken file at its path changes nothing, a good one is run by a reload and by an upgrade", async () => {
  await using site = await createSite({ "index.html": "home" });
  const path = site.beside("saker");
  const pidFile = site.beside("pid");
  const place = (make: (next: string) => void): void => {
    make(`${path}.next`);
    renameSync(`${path}.next`, path);
  };
  const placeGood = () => place((next) => copyFileSync(executable.path, next));
  const placeBroken = () => place((next) => writeFileSync(next, "no program", { mode: 0o755 }));
  placeGood();
  const config = `num_workers = 2\npid_file = ${JSON.stringify(pidFile)}`;
  await using saker = await startSaker({ site, executable: path, config });
  const load = { port: saker.port, clients: 6, targets: { "/": "home" } };
  await using kept = startLoad(load);
  await using single = startLoad({ ...load, lines: ["Connection: close"] });
  const upgrade = (...args: string[]) => runSaker(["upgrade", ...args], { executable: executable.path });
  const workersRun = async (file: string, except: readonly number[]) => {
    const pids = await saker.workersSettled(2, except);
    return pids.map((pid) => inodeOf(`/proc/${pid}/exe`) === inodeOf(file));
  };

  placeBroken();
  let workers = saker.workerPids();
  saker.signal("SIGHUP");
  await saker.printed(/WARN workers keep the executable they have[^]*reload: 2 workers serve/);
  expect((await upgrade("--pid-file", pidFile)).stderr).toMatch(/^saker: \S+saker can't be executed: ENOEXEC\n$/);

  placeGood();
  workers = saker.workerPids();
  saker.signal("SIGHUP");
  expect(await workersRun(path, workers)).toEqual([true, true]);
  expect(inodeOf(`/proc/${saker.pid}/exe`)).not.toBe(inodeOf(path));

  placeGood();
  workers = saker.workerPids();
  const before = (await saker.metrics()).sum("http_responses_total");
  const { exitCode, stdout } = await upgrade("--pid", String(saker.pid));
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^upgraded from \S+ to \S+ \(pid \d+\)\n$/)]);
  expect(await workersRun(path, workers)).toEqual([true, true]);
  expect(inodeOf(`/proc/${saker.pid}/exe`)).toBe(inodeOf(path));
  expect((await saker.metrics()).sum("http_responses_total")).toBeGreaterThan(before);

  const answered = kept.report.answered;
  await until(() => kept.report.answered > answered + 100, "the load goes on");
  expect(await kept.stop()).toMatchObject(NOTHING_LOST);
  expect(await single.stop()).toMatchObject(NOTHING_LOST);

  // The signal alone, sent by mistake, does nothing.
  saker.signal("SIGURG");
  await saker.printed(/upgrade refused, \S+ goes on: \S+saker is the executable that is already running/);

  // Who dies is replaced by what it ran, also when a broken file is at the path by then.
  placeBroken();
  workers = await saker.workersSettled(2, workers);
  process.kill(workers[0]!, "SIGKILL");
  await saker.workersSettled(2, [workers[0]!]);
  expect((await saker.get("/")).text).toBe("home");
  expect(await saker.stop()).toBe(0);
});
