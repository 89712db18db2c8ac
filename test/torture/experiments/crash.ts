/**
 * Crash: a random worker is killed with SIGKILL every second, under load.
 *
 * Criterion: only requests in flight on the killed worker may fail: at most one per client and kill, and none refused;
 *        never half a second without an answer; counters never go backwards.
 */
import { onBothServers } from "../both-servers.ts";
import { type Experiment, formatCount, formatMs, judge, type Row, type Torture } from "../experiment.ts";
import { startLoad } from "../load/drive.ts";
import { describeFailures, failuresOf } from "../load/load-report.ts";
import type { SakerUnderTorture } from "../servers/saker.ts";
import type { ServerUnderTorture } from "../servers/server-under-torture.ts";
import { watchStatistics } from "../statistics-watch.ts";
import { createTortureSite, type TortureSite } from "../torture-site.ts";

const CLIENTS = 16;
const GAP_MS_MAX = 500;
const KILL_INTERVAL_MS = 1000;

export const crash: Experiment = {
  name: "crash",
  title: "kill -9 of a random worker every second, under load",
  async run(torture) {
    await using files = await createTortureSite();
    const options = { site: files.site, workers: 2, config: "max_restarts = 100" };
    return await onBothServers("crash", torture, options, (server) => killWorkers(server, files, torture));
  },
};

async function killWorkers(server: ServerUnderTorture, files: TortureSite, { isShort }: Torture): Promise<Row[]> {
  const kills = isShort ? 2 : 6;
  const statistics = server.name === "saker" ? watchStatistics((server as SakerUnderTorture).saker.statsFile) : null;
  const load = { port: server.port, clients: CLIENTS, targets: files.mixed };
  await using kept = await startLoad({ ...load, connections: "keep-alive" });
  await using single = await startLoad({ ...load, connections: "per-request" });
  for (let kill = 0; kill < kills; kill++) {
    await Bun.sleep(KILL_INTERVAL_MS);
    const pids = server.workerPids();
    const victim = pids[Math.floor(Math.random() * pids.length)];
    if (victim !== undefined) process.kill(victim, "SIGKILL");
  }
  await Bun.sleep(KILL_INTERVAL_MS);
  const reports = [await kept.stop(), await single.stop()];
  const watched = statistics?.stop();
  const [keptReport, singleReport] = reports as [(typeof reports)[0], (typeof reports)[0]];
  const counters =
    watched === undefined ? "" : `; totals went back ${watched.stepsBack.length} times in ${watched.looks} looks`;
  const rowOf = (fault: string, report: typeof keptReport, more = "", isCounted = true): Row => ({
    experiment: "crash",
    server: server.name,
    fault: `${kills} kills, ${fault}`,
    saw: `${formatCount(report.ok)} ok, ${describeFailures(report)}; longest gap ${formatMs(report.longestGapMs)}${more}`,
    criterion: `≤ ${kills * CLIENTS} failed (in flight), 0 refused, gap < ${GAP_MS_MAX} ms`,
    verdict: judge(
      server.name,
      isCounted &&
        failuresOf(report) <= kills * CLIENTS &&
        report.refused + report.wrong + report.timedOut === 0 &&
        (isShort || report.longestGapMs < GAP_MS_MAX),
    ),
  });
  return [
    rowOf("keep-alive", keptReport, counters, (watched?.stepsBack.length ?? 0) === 0),
    rowOf("connection per request", singleReport),
  ];
}
