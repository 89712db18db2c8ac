/**
 * A full disk: both logs are written to a device that has no room (/dev/full gives ENOSPC to every write).
 *
 * Criterion: every request is answered as if nothing were wrong; the trouble is reported once; no process dies.
 */
import { existsSync } from "node:fs";
import { skipped } from "../both-servers.ts";
import { type Experiment, formatCount, judge, Verdict } from "../experiment.ts";
import { startLoad } from "../load/drive.ts";
import { describeFailures, failuresOf } from "../load/load-report.ts";
import { startSakerUnderTorture } from "../servers/saker.ts";
import { createTortureSite } from "../torture-site.ts";

const FULL = "/dev/full";

export const fullDisk: Experiment = {
  name: "full-disk",
  title: "the disk with the logs is full",
  async run({ executable, isShort }) {
    if (!existsSync(FULL)) return [{ ...skipped("full-disk", `no ${FULL} here`), server: "saker" }];
    await using files = await createTortureSite();
    const rows = [];
    for (const errorLogToo of isShort ? [false] : [false, true]) {
      const config = `access_log = "${FULL}"${errorLogToo ? `\nerror_log = "${FULL}"` : ""}`;
      await using server = await startSakerUnderTorture({ site: files.site, executable, workers: 2, config });
      const workers = server.workerPids();
      const load = { port: server.port, clients: 16, targets: files.mixed, connections: "keep-alive" as const };
      await using clients = await startLoad(load);
      await Bun.sleep(isShort ? 1200 : 2500);
      const report = await clients.stop();
      const said = server.saker.stderr.split("\n").filter((line) => line.includes("cannot write")).length;
      const isSame = workers.join() === server.workerPids().join();
      rows.push({
        experiment: "full-disk",
        server: "saker",
        fault: errorLogToo ? "no room for either log" : "no room for the access log",
        saw: `${formatCount(report.ok)} ok, ${describeFailures(report)}; ${isSame ? "the same workers" : "OTHER WORKERS"}; said ${said} times by 2 workers`,
        criterion: `0 failed; said once a worker${errorLogToo ? ", or not at all" : ""}`,
        verdict: judge("saker", failuresOf(report) === 0 && isSame && (errorLogToo ? said <= 2 : said === 2)),
      });
    }
    return isShort ? rows : [...rows, { ...skipped("full-disk", "nginx drops lines silently"), verdict: Verdict.Skip }];
  },
};
