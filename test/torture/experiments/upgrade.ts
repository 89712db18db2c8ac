/**
 * Upgrade: the executable is replaced under load, by good ones and by broken ones.
 *
 * Criterion: 0 failed, 0 reset, whatever the load; the same process, totals that never go backwards, a download that began before
 *        goes on to its last octet; what can't start changes nothing and a line says why.
 */
import { copyFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { runSaker } from "../../support/saker.ts";
import { skipped } from "../both-servers.ts";
import { type Experiment, formatCount, formatMs, judge, type Row, type Torture } from "../experiment.ts";
import { startLoad } from "../load/drive.ts";
import { describeFailures, failuresOf, type LoadReport } from "../load/load-report.ts";
import { type SakerUnderTorture, startSakerUnderTorture } from "../servers/saker.ts";
import { openDownloads } from "../slow-downloads.ts";
import { watchStatistics } from "../statistics-watch.ts";
import { createTortureSite, type TortureSite } from "../torture-site.ts";

const CLIENTS = 16;
const UPGRADE_INTERVAL_MS = 500;
const DOWNLOADS = 10;

/** What may lie at the path by mistake. */
const BROKEN: Readonly<Record<string, string>> = {
  "a text": "no program at all",
  "a script": "#!/bin/sh\nexit 0\n",
  "half an executable": "\u007fELF\u0002\u0001\u0001",
  nothing: "",
};

export const upgrade: Experiment = {
  name: "upgrade",
  title: "another executable in the server's place, again and again, under load; broken ones, too",
  async run(torture) {
    await using files = await createTortureSite();
    const place = new Place(torture.executable, files);
    place.good();
    await using server = await startSakerUnderTorture({ site: files.site, workers: 2, executable: place.path });
    const rows = await upgradeUnderLoad(server, place, files, torture);
    // From source the program at the path is Bun.
    if (torture.executable !== "") rows.push(await brokenExecutables(server, place, files));
    return torture.isShort ? rows : [...rows, skipped("upgrade", "nginx' way makes another process beside the first")];
  },
};

/** Where the server was started from. */
export class Place {
  readonly path: string;

  constructor(
    private readonly executable: string,
    { site }: TortureSite,
  ) {
    this.path = executable === "" ? "" : site.beside("saker");
  }

  /** Another copy of the executable, renamed over what is there. */
  good(): void {
    if (this.path === "") return;
    copyFileSync(this.executable, `${this.path}.next`);
    renameSync(`${this.path}.next`, this.path);
  }

  broken(content: string): void {
    writeFileSync(`${this.path}.next`, content, { encoding: "latin1", mode: 0o755 });
    renameSync(`${this.path}.next`, this.path);
  }

  /** `saker upgrade`, by an executable that is whole. */
  ask(pid: number): ReturnType<typeof runSaker> {
    return runSaker(["upgrade", "--pid", String(pid)], { executable: this.executable || undefined });
  }
}

async function upgradeUnderLoad(
  server: SakerUnderTorture,
  place: Place,
  files: TortureSite,
  { isShort }: Torture,
): Promise<Row[]> {
  const upgrades = isShort ? 2 : 10;
  const load = { port: server.port, clients: CLIENTS, targets: files.mixed };
  await using kept = await startLoad({ ...load, connections: "keep-alive" });
  await using single = await startLoad({ ...load, connections: "per-request" });
  const statistics = watchStatistics(server.saker.statsFile);
  const downloads = await openDownloads(server.port, files.large.target, DOWNLOADS);
  let done = 0;
  let slowestMs = 0;
  for (let time = 0; time < upgrades; time++) {
    place.good();
    const askedMs = performance.now();
    const { stdout } = await place.ask(server.pid);
    if (stdout.startsWith("upgraded from")) done++;
    slowestMs = Math.max(slowestMs, performance.now() - askedMs);
    await Bun.sleep(UPGRADE_INTERVAL_MS);
  }
  const whole = await downloads.finish(readFileSync(files.large.file!));
  const [keptReport, singleReport] = [await kept.stop(), await single.stop()];
  const watched = statistics.stop();
  const rowOf = (fault: string, report: LoadReport, more = "", isGood = true): Row => ({
    experiment: "upgrade",
    server: "saker",
    fault: `${upgrades} upgrades, ${fault}`,
    saw: `${formatCount(report.ok)} ok, ${describeFailures(report)}; longest gap ${formatMs(report.longestGapMs)}${more}`,
    criterion: "0 failed, 0 reset",
    verdict: judge("saker", isGood && failuresOf(report) === 0 && Object.keys(report.statuses).length === 0),
  });
  const counters = `; totals went back ${watched.stepsBack.length} times in ${watched.looks} looks`;
  return [
    rowOf("keep-alive", keptReport, counters, watched.stepsBack.length === 0),
    rowOf("connection per request", singleReport),
    {
      experiment: "upgrade",
      server: "saker",
      fault: `downloads of 8 MiB that ${upgrades} upgrades fall into`,
      saw: `${done} of ${upgrades} upgrades done, each within ${formatMs(slowestMs)}; ${whole} of ${DOWNLOADS} whole, octet for octet`,
      criterion: `all done, ${DOWNLOADS} whole`,
      verdict: judge("saker", done === upgrades && whole === DOWNLOADS && server.isAlive()),
    },
  ];
}

async function brokenExecutables(server: SakerUnderTorture, place: Place, files: TortureSite): Promise<Row> {
  await using load = await startLoad({
    port: server.port,
    clients: CLIENTS,
    targets: files.mixed,
    connections: "per-request",
  });
  const before = await server.saker.workersSettled(2);
  const reasons: string[] = [];
  for (const [name, content] of Object.entries(BROKEN)) {
    place.broken(content);
    const { exitCode, stderr } = await place.ask(server.pid);
    if (exitCode === 1 && /can't (take over|be executed)/.test(stderr)) reasons.push(name);
  }
  const isSame = server.workerPids().join() === before.join();
  const report = await load.stop();
  const count = Object.keys(BROKEN).length;
  return {
    experiment: "upgrade",
    server: "saker",
    fault: `${Object.keys(BROKEN).join(", ")} in the executable's place`,
    saw: `${reasons.length} of ${count} refused with a reason, ${isSame ? "the same workers" : "OTHER WORKERS"}; ${formatCount(report.ok)} ok, ${describeFailures(report)}`,
    criterion: "all refused, nothing changes, 0 failed",
    verdict: judge("saker", reasons.length === count && isSame && failuresOf(report) === 0),
  };
}
