/**
 * Soak: a minute of everything at once: keep-alive, connections per request, missing files, downloads, clients that leave.
 *
 * Criterion: after warm-up memory grows by less than 2 %, and descriptors not at all; nothing fails.
 */
import { type Experiment, formatCount, judge, type Row } from "../experiment.ts";
import { startAttack, startLoad } from "../load/drive.ts";
import { describeFailures, failuresOf } from "../load/load-report.ts";
import { descriptorCountOf, formatOctets, rssOctetsOf } from "../process-figures.ts";
import { startSakerUnderTorture } from "../servers/saker.ts";
import { createTortureSite } from "../torture-site.ts";

export const SOAK_SECONDS = Number(process.env.SAKER_SOAK_SECONDS ?? 60);

const GROWTH_MAX = 0.02;
const LOOK_MS = 500;
/** Files the cache may come to hold open during it. */
const DESCRIPTORS_MORE_MAX = 8;

export const soak: Experiment = {
  name: "soak",
  title: "mixed load for a minute (SAKER_SOAK_SECONDS sets another time)",
  async run({ executable, isShort }) {
    const seconds = isShort ? 3 : SOAK_SECONDS;
    await using files = await createTortureSite();
    await using server = await startSakerUnderTorture({ site: files.site, executable, workers: 1 });
    const [worker] = server.workerPids() as [number];
    const absent = [{ target: "/absent", file: null }, files.small];
    const load = { port: server.port };
    await using kept = await startLoad({
      ...load,
      clients: 16,
      connections: "keep-alive",
      targets: files.mixed,
      ratePerSecond: 4000,
    });
    await using single = await startLoad({
      ...load,
      clients: 16,
      connections: "per-request",
      targets: absent,
      ratePerSecond: 1000,
    });
    await using large = await startLoad({
      ...load,
      clients: 2,
      connections: "per-request",
      targets: [files.large],
      ratePerSecond: 10,
    });
    const startedMs = performance.now();
    const samples: { rss: number; descriptors: number }[] = [];
    while (performance.now() - startedMs < seconds * 1000) {
      await visit(server.port, files.large.target);
      await Bun.sleep(LOOK_MS);
      samples.push({ rss: rssOctetsOf(worker), descriptors: descriptorCountOf(worker) });
    }
    const reports = [await kept.stop(), await single.stop(), await large.stop()];
    const failed = reports.reduce((sum, report) => sum + failuresOf(report), 0);
    const ok = reports.reduce((sum, report) => sum + report.ok, 0);
    // The second third against the last: medians, since collections make memory go up and down.
    const third = Math.floor(samples.length / 3);
    const [early, late] = [samples.slice(third, 2 * third), samples.slice(-third)];
    const rss = [medianOf(early.map((sample) => sample.rss)), medianOf(late.map((sample) => sample.rss))] as const;
    const open = [early, late].map((part) => medianOf(part.map((sample) => sample.descriptors))) as [number, number];
    const growth = rss[1] / rss[0] - 1;
    const row: Row = {
      experiment: "soak",
      server: "saker",
      fault: `mixed load for ${seconds} s`,
      saw: `${formatCount(ok)} ok, ${reports.map(describeFailures).join(" / ")}; RSS ${formatOctets(rss[0])} → ${formatOctets(rss[1])} (${(100 * growth).toFixed(1)} %); descriptors ${open[0]} → ${open[1]}`,
      criterion: "0 failed; RSS < 2 % more, descriptors flat",
      // A few seconds are warm-up from beginning to end.
      verdict: judge(
        "saker",
        failed === 0 && (isShort || growth < GROWTH_MAX) && open[1] <= open[0] + DESCRIPTORS_MORE_MAX,
      ),
    };
    return [row];
  },
};

/** Fifty clients that ask for a large file and leave. */
async function visit(port: number, target: string): Promise<void> {
  await using crowd = await startAttack({ port, kind: "readers", count: 50, target });
  await crowd.stop();
}

function medianOf(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
