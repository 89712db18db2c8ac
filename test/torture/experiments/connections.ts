/**
 * Too many connections: more than `max_connections`, and more than there are descriptors.
 *
 * Criterion: idle connections make room for new clients, none of which is refused; when all are busy the answer is 503 with
 *        a close, and never a hang. Running out of descriptors neither crashes nor spins, and heals by itself.
 */
import { until } from "../../support/deadline.ts";
import { type Experiment, formatMs, judge, type Row, type Torture } from "../experiment.ts";
import { skipped } from "../both-servers.ts";
import { startAttack, startLoad } from "../load/drive.ts";
import { describeFailures, failuresOf } from "../load/load-report.ts";
import { cpuSecondsOf, descriptorCountOf } from "../process-figures.ts";
import { startSakerUnderTorture } from "../servers/saker.ts";
import { createTortureSite, type TortureSite } from "../torture-site.ts";

const CONNECTIONS_MAX = 200;
const DESCRIPTORS = 256;
/** Of one core, without requests. */
const IDLE_CPU_MAX = 0.1;

export const connections: Experiment = {
  name: "connections",
  title: "more connections than max_connections, and than descriptors",
  async run(torture) {
    await using files = await createTortureSite();
    const rows = [
      await idleCrowd(files, torture),
      await busyCrowd(files, torture),
      await fewDescriptors(files, torture),
    ];
    return torture.isShort ? rows : [...rows, skipped("connections", "nginx drops the connection without a word")];
  },
};

async function idleCrowd(files: TortureSite, { executable }: Torture): Promise<Row> {
  const config = `max_connections = ${CONNECTIONS_MAX}`;
  await using server = await startSakerUnderTorture({ site: files.site, executable, workers: 1, config });
  const attack = { port: server.port, target: files.small.target, kind: "mute" as const, count: CONNECTIONS_MAX };
  await using crowd = await startAttack(attack);
  await Bun.sleep(200);
  const load = { port: server.port, clients: 8, targets: [files.small], connections: "per-request" as const };
  await using newcomers = await startLoad({ ...load, ratePerSecond: 200 });
  await Bun.sleep(1500);
  const [report, crowded] = [await newcomers.stop(), await crowd.stop()];
  const isGood = report.ok > 0 && failuresOf(report) === 0 && Object.keys(report.statuses).length === 0;
  return {
    experiment: "connections",
    server: "saker",
    fault: `${CONNECTIONS_MAX} idle keep-alive connections at max_connections = ${CONNECTIONS_MAX}`,
    saw: `newcomers: ${report.ok} ok, ${describeFailures(report)}; ${crowded.ended} idle ones made room`,
    criterion: "0 refused, 0 failed",
    verdict: judge("saker", isGood),
  };
}

async function busyCrowd(files: TortureSite, { executable }: Torture): Promise<Row> {
  const config = `max_connections = ${CONNECTIONS_MAX}`;
  await using server = await startSakerUnderTorture({ site: files.site, executable, workers: 1, config });
  const attack = { port: server.port, target: files.small.target, kind: "heads" as const, count: CONNECTIONS_MAX };
  await using crowd = await startAttack(attack);
  await Bun.sleep(200);
  const load = { port: server.port, clients: 8, targets: [files.small], connections: "per-request" as const };
  await using newcomers = await startLoad({ ...load, ratePerSecond: 200 });
  await Bun.sleep(1500);
  const [report] = [await newcomers.stop(), await crowd.stop()];
  const refusals = report.statuses[503] ?? 0;
  return {
    experiment: "connections",
    server: "saker",
    fault: `${CONNECTIONS_MAX} connections in the middle of a request at max_connections = ${CONNECTIONS_MAX}`,
    saw: `newcomers: ${report.ok} ok, ${describeFailures(report)}`,
    criterion: "503, never a hang or a reset",
    verdict: judge("saker", refusals > 0 && failuresOf(report) === 0),
  };
}

async function fewDescriptors(files: TortureSite, { executable }: Torture): Promise<Row> {
  const wrapper = ["sh", "-c", `ulimit -n ${DESCRIPTORS}; exec "$@"`, "sh"];
  await using server = await startSakerUnderTorture({ site: files.site, executable, workers: 1, wrapper });
  const [worker] = server.workerPids() as [number];
  const attack = { port: server.port, target: files.small.target, kind: "heads" as const, count: 3 * DESCRIPTORS };
  await using crowd = await startAttack(attack);
  await Bun.sleep(500);
  const most = descriptorCountOf(worker);
  const before = cpuSecondsOf(worker);
  await Bun.sleep(1000);
  const cpu = cpuSecondsOf(worker) - before;
  await crowd.stop();
  const leftMs = performance.now();
  await until(async () => (await server.saker.get("/small.bin").catch(() => null))?.status === 200, "it heals");
  const healedMs = performance.now() - leftMs;
  const isSame = server.workerPids().join() === String(worker);
  return {
    experiment: "connections",
    server: "saker",
    fault: `${3 * DESCRIPTORS} clients, ${DESCRIPTORS} descriptors`,
    saw: `${most} descriptors in use, ${Math.round(cpu * 100)} % of a core; the ${isSame ? "same" : "ANOTHER"} worker; healed ${formatMs(healedMs)} after they left`,
    criterion: "no crash, no spinning (≤ 10 %), heals",
    verdict: judge("saker", isSame && cpu <= IDLE_CPU_MAX && most < DESCRIPTORS),
  };
}
