/**
 * Hang: a worker stops turning its event loop (SIGSTOP does what an endless loop does, seen from outside).
 *
 * Criterion: killed and replaced within 5 s; the other worker serves meanwhile; no client waits forever.
 */
import { until } from "../../support/deadline.ts";
import { skipped } from "../both-servers.ts";
import { type Experiment, formatCount, formatMs, judge } from "../experiment.ts";
import { startLoad } from "../load/drive.ts";
import { describeFailures } from "../load/load-report.ts";
import { startSakerUnderTorture } from "../servers/saker.ts";
import { createTortureSite } from "../torture-site.ts";

const CLIENTS = 16;
const NOTICE_MS_MAX = 5000;
/** Loading a worker takes 0.1 s; under load on two cores a little more. */
const START_MS_MAX = 1000;

export const hang: Experiment = {
  name: "hang",
  title: "a worker that hangs is noticed by its heartbeat and replaced",
  async run({ executable, isShort }) {
    await using files = await createTortureSite();
    await using server = await startSakerUnderTorture({ site: files.site, executable, workers: 2 });
    const load = { port: server.port, clients: CLIENTS, targets: [files.small] };
    await using kept = await startLoad({ ...load, connections: "keep-alive", ratePerSecond: 500 });
    await Bun.sleep(1500);
    const [victim, other] = server.workerPids() as [number, number];
    const stoppedMs = performance.now();
    process.kill(victim, "SIGSTOP");
    await until(() => !server.workerPids().includes(victim), "the hanging worker is killed", 15_000);
    const noticedMs = performance.now() - stoppedMs;
    await server.saker.workersSettled(2, [victim]);
    const replacedMs = performance.now() - stoppedMs;
    await Bun.sleep(500);
    const report = await kept.stop();
    const isGood =
      noticedMs <= NOTICE_MS_MAX &&
      replacedMs <= NOTICE_MS_MAX + START_MS_MAX &&
      report.refused + report.wrong + report.timedOut === 0 &&
      report.longestGapMs < NOTICE_MS_MAX + START_MS_MAX &&
      server.workerPids().includes(other);
    const row = {
      experiment: "hang",
      server: "saker",
      fault: "one of two workers stops",
      saw: `killed after ${formatMs(noticedMs)}, replaced after ${formatMs(replacedMs)}; ${formatCount(report.ok)} ok, ${describeFailures(report)}`,
      criterion: "killed ≤ 5 s; 0 refused, 0 timed out",
      verdict: judge("saker", isGood),
    };
    return isShort ? [row] : [row, skipped("hang", "nginx doesn't notice workers that hang")];
  },
};
