/**
 * The clients that behave while others attack TLS or HTTP/2: how they are started, what they saw, whether that is good enough.
 *
 * Keeps: they count as served when each of their requests was answered, with a p99 within twice that of calm, or 10 ms more: an attacker's own
 *        process takes its share of the same cores.
 */
import { formatMs } from "./experiment.ts";
import { type Helper, startLoad } from "./load/drive.ts";
import { describeFailures, failuresOf, type LoadReport, requestsOf } from "./load/load-report.ts";
import { formatOctets } from "./process-figures.ts";
import type { ServerUnderTorture } from "./servers/server-under-torture.ts";
import type { TortureSite } from "./torture-site.ts";
import type { WorkerFigures } from "./worker-watch.ts";

const P99_FACTOR = 2;
const P99_SLACK_MS = 10;

/** At a fixed rate, 16 at a time. 0: as fast as they get answers. */
export function startSecureLoad(
  { securePort }: ServerUnderTorture,
  files: TortureSite,
  ratePerSecond = 500,
): Promise<Helper<LoadReport>> {
  return startLoad({
    port: securePort,
    protocol: "h2",
    clients: 16,
    targets: [files.small],
    connections: "keep-alive",
    ratePerSecond,
  });
}

/** What clients see when nothing is done to the server. */
export async function seeCalm(server: ServerUnderTorture, files: TortureSite, ms: number): Promise<LoadReport> {
  // The first second of a server is slower than the rest, and its memory grows to what it is under load.
  await using warm = await startSecureLoad(server, files, 0);
  await Bun.sleep(700);
  await warm.stop();
  await using load = await startSecureLoad(server, files);
  await Bun.sleep(ms);
  return await load.stop();
}

/** `others: 100.00 % of 1000 ok, p99 1.2 ms (calm 1.1 ms)`. */
export function describeOthers(good: LoadReport, calm: LoadReport): string {
  const share = ((100 * good.ok) / Math.max(1, requestsOf(good))).toFixed(2);
  const failures = failuresOf(good) > 0 ? ` (${describeFailures(good)})` : "";
  return `others: ${share} % of ${requestsOf(good)} ok${failures}, p99 ${formatMs(good.p99Ms)} (calm ${formatMs(calm.p99Ms)})`;
}

export function areServed(good: LoadReport, calm: LoadReport, isTimed: boolean): boolean {
  const isQuick = good.p99Ms <= Math.max(P99_FACTOR * calm.p99Ms, calm.p99Ms + P99_SLACK_MS);
  return good.ok > 0 && good.ok === requestsOf(good) && (isQuick || !isTimed);
}

export function describeWorkers({ grownOctets, cpuShare, waitShare, areSame }: WorkerFigures): string {
  const [used, waited] = [cpuShare, waitShare].map((share) => Math.round(100 * share));
  return `${used} % of a core, ${waited} % waiting for one, ${formatOctets(Math.max(0, grownOctets))} more${areSame ? "" : ", OTHER WORKERS"}`;
}
