/**
 * Overload of the slow path: with the cache off each listing of a folder is read and rendered again; three times as many are
 * asked for as can be made, by clients that come back after a refusal as soon as they like.
 *
 * Criterion: what can't be answered gets 503 at once, nothing hangs; /health answers within 100 ms (p99); as many listings
 *        are sent as at the peak, less a tenth.
 */
import { createSite } from "../../support/site.ts";
import { skipped } from "../both-servers.ts";
import { type Experiment, formatCount, formatMs, judge, type Row } from "../experiment.ts";
import { startLoad } from "../load/drive.ts";
import { describeFailures, failuresOf, requestsOf } from "../load/load-report.ts";
import { startSakerUnderTorture } from "../servers/saker.ts";

const HEALTH_MS_MAX = 100;
const SHARE_OF_PEAK_MIN = 0.9;
const CLIENTS_AT_PEAK = 12;
const CLIENTS_AT_OVERLOAD = 400;
const CAPACITIES = 3;
/** About 2 ms of work a listing, against some 10 us for a refusal. */
const FILES_LISTED = 1000;

export const overload: Experiment = {
  name: "overload",
  title: "three times more slow requests than can be answered",
  async run({ executable, isShort }) {
    const names = Array.from({ length: FILES_LISTED }, (_, index) => `folder/file-${index}.txt`);
    await using site = await createSite(Object.fromEntries(names.map((name) => [name, name])));
    const config = "cache_size_mb = 0\ndirectory_listing = true\nthreads_per_worker = 4\nqueue_size = 50";
    await using server = await startSakerUnderTorture({ site, executable, workers: 1, config });
    const seconds = isShort ? 1 : 4;
    const load = {
      port: server.port,
      targets: [{ target: "/folder/", file: null }],
      connections: "keep-alive" as const,
    };
    const peak = await (async () => {
      await using closed = await startLoad({ ...load, clients: CLIENTS_AT_PEAK });
      await Bun.sleep(seconds * 1000);
      return await closed.stop();
    })();
    const peakPerSecond = peak.ok / peak.seconds;

    const ratePerSecond = Math.round(CAPACITIES * peakPerSecond);
    await using flood = await startLoad({ ...load, clients: CLIENTS_AT_OVERLOAD, ratePerSecond });
    await using health = await startLoad({
      ...load,
      clients: 4,
      targets: [{ target: "/health", file: null }],
      ratePerSecond: 50,
    });
    await Bun.sleep(seconds * 1000);
    const [healthReport, flooded] = [await health.stop(), await flood.stop()];
    const okPerSecond = flooded.ok / flooded.seconds;
    const comeShare = requestsOf(flooded) / flooded.seconds / peakPerSecond;
    const rows: Row[] = [
      {
        experiment: "overload",
        server: "saker",
        fault: `listings of 1 000 files at ${comeShare.toFixed(1)}x of capacity (${formatCount(peakPerSecond)}/s)`,
        saw: `${formatCount(okPerSecond)}/s served (${Math.round((100 * okPerSecond) / peakPerSecond)} % of the peak), ${describeFailures(flooded)}; p99 of those served ${formatMs(flooded.p99Ms)}`,
        criterion: "≥ 90 % of the peak; the rest 503; none lost",
        verdict: judge("saker", okPerSecond >= SHARE_OF_PEAK_MIN * peakPerSecond && failuresOf(flooded) === 0),
      },
      {
        experiment: "overload",
        server: "saker",
        fault: "/health meanwhile",
        saw: `${healthReport.ok} answered, ${describeFailures(healthReport)}; p99 ${formatMs(healthReport.p99Ms)}, at most ${formatMs(healthReport.maxMs)}`,
        criterion: `p99 ≤ ${HEALTH_MS_MAX} ms`,
        verdict: judge("saker", healthReport.p99Ms <= HEALTH_MS_MAX && failuresOf(healthReport) === 0),
      },
    ];
    return isShort ? rows : [...rows, skipped("overload", "nginx has no bounded queue for listings")];
  },
};
