/**
 * Reload: SIGHUP ten times under load; new settings, another number of workers, a broken configuration, downloads.
 *
 * Criterion: 0 failed, 0 reset, whatever the load; the new settings are live; a broken configuration changes nothing and
 *        says why; a download that began before goes on to its last octet.
 */
import { readFileSync } from "node:fs";
import { until } from "../../support/deadline.ts";
import type { Saker } from "../../support/saker.ts";
import { onBothServers } from "../both-servers.ts";
import { type Experiment, formatCount, formatMs, judge, type Row, type Torture } from "../experiment.ts";
import { startLoad } from "../load/drive.ts";
import { describeFailures, failuresOf, type LoadReport } from "../load/load-report.ts";
import type { SakerUnderTorture } from "../servers/saker.ts";
import type { ServerUnderTorture } from "../servers/server-under-torture.ts";
import { openDownloads } from "../slow-downloads.ts";
import { createTortureSite, type TortureSite } from "../torture-site.ts";

const CLIENTS = 16;
const RELOAD_INTERVAL_MS = 700;
const DOWNLOADS = 10;

export const reload: Experiment = {
  name: "reload",
  title: "SIGHUP ten times under load, with changed and with broken configurations",
  async run(torture) {
    await using files = await createTortureSite();
    return await onBothServers("reload", torture, { site: files.site, workers: 2 }, (server) =>
      reloadUnderLoad(server, files, torture),
    );
  },
};

async function reloadUnderLoad(server: ServerUnderTorture, files: TortureSite, { isShort }: Torture): Promise<Row[]> {
  const reloads = isShort ? 3 : 10;
  const load = { port: server.port, clients: CLIENTS, targets: files.mixed };
  await using kept = await startLoad({ ...load, connections: "keep-alive" });
  await using single = await startLoad({ ...load, connections: "per-request" });
  await Bun.sleep(500);
  const downloads = await openDownloads(server.port, files.large.target, DOWNLOADS);
  for (let time = 0; time < reloads; time++) {
    if (server.name === "saker") {
      await (server as SakerUnderTorture).saker.configure(
        `server_header = "reload-${time}"\nnum_workers = ${1 + (time % 3)}`,
      );
    }
    server.signal("SIGHUP");
    await Bun.sleep(RELOAD_INTERVAL_MS);
  }
  const whole = await downloads.finish(readFileSync(files.large.file!));
  const [keptReport, singleReport] = [await kept.stop(), await single.stop()];
  const rowOf = (fault: string, report: LoadReport): Row => ({
    experiment: "reload",
    server: server.name,
    fault: `${reloads} reloads, ${fault}`,
    saw: `${formatCount(report.ok)} ok, ${describeFailures(report)}; longest gap ${formatMs(report.longestGapMs)}`,
    criterion: "0 failed, 0 reset",
    verdict: judge(server.name, failuresOf(report) === 0 && Object.keys(report.statuses).length === 0),
  });
  const rows = [
    rowOf("keep-alive", keptReport),
    rowOf("connection per request", singleReport),
    {
      experiment: "reload",
      server: server.name,
      fault: `downloads of 8 MiB that ${reloads} reloads fall into`,
      saw: `${whole} of ${DOWNLOADS} whole, octet for octet`,
      criterion: `${DOWNLOADS} whole`,
      verdict: judge(server.name, whole === DOWNLOADS),
    },
  ];
  return server.name === "saker"
    ? [...rows, await newSettings(server as SakerUnderTorture), await brokenSettings(server as SakerUnderTorture)]
    : rows;
}

async function newSettings({ saker }: SakerUnderTorture): Promise<Row> {
  await saker.configure(`server_header = "the-last"\nnum_workers = 3`);
  const reloadedMs = performance.now();
  const before = reloadsOf(saker);
  const old = saker.workerPids();
  saker.signal("SIGHUP");
  let field = "";
  while (field !== "the-last" && performance.now() - reloadedMs < 5000) {
    field = (await saker.get("/small.bin")).field("Server") ?? "";
  }
  const liveMs = performance.now() - reloadedMs;
  // What is reported first may be a reload before this one; who starts a worker late must not pass for who changes something below.
  await until(() => reloadsOf(saker) > before, "the reload is over");
  await saker.workersSettled(3, old);
  const workers = Number(/.*reload: (\d+) workers? serves?/s.exec(saker.stderr)?.[1]);
  return {
    experiment: "reload",
    server: "saker",
    fault: "another field value, another number of workers",
    saw: `Server: ${field} after ${formatMs(liveMs)}, ${workers} workers`,
    criterion: "the new settings are live",
    verdict: judge("saker", field === "the-last" && workers === 3),
  };
}

/** Reloads that the server has reported so far. */
function reloadsOf({ stderr }: Saker): number {
  return stderr.split(/workers? serves? the new configuration/).length;
}

async function brokenSettings({ saker }: SakerUnderTorture): Promise<Row> {
  const before = saker.workerPids();
  await saker.configure(`num_workers = "many"`);
  saker.signal("SIGHUP");
  const [line] = await saker.printed(/reload refused.*/);
  const after = saker.workerPids();
  const { status } = await saker.get("/small.bin");
  // Some that were replaced before may have finished meanwhile.
  const isSame = after.length > 0 && after.every((pid) => before.includes(pid));
  return {
    experiment: "reload",
    server: "saker",
    fault: "a broken configuration",
    saw: `${isSame ? "the same workers" : "OTHER WORKERS"}, status ${status}; "${line.replace(/\S*\/(\S+\.toml)/, "…").slice(0, 90)}"`,
    criterion: "nothing changes, and a line says why",
    verdict: judge("saker", isSame && status === 200),
  };
}
