/**
 * Addresses: the port changes by a reload, there and back, under load.
 *
 * Criterion: on the port that goes every request is answered, until connections are refused; on the one that comes all are, from the
 *        moment the server says that it listens. A port that is taken changes nothing.
 */
import { until } from "../../support/deadline.ts";
import { skipped } from "../both-servers.ts";
import { type Experiment, formatCount, formatMs, judge, type Row, type Torture } from "../experiment.ts";
import { startLoad } from "../load/drive.ts";
import { describeFailures, failuresOf, type LoadReport } from "../load/load-report.ts";
import { type SakerUnderTorture, startSakerUnderTorture } from "../servers/saker.ts";
import { createTortureSite, type TortureSite } from "../torture-site.ts";

const CLIENTS = 16;

export const addresses: Experiment = {
  name: "addresses",
  title: "the port changes by a reload, there and back, under load",
  async run(torture) {
    await using files = await createTortureSite();
    const options = { site: files.site, workers: 2, executable: torture.executable };
    await using server = await startSakerUnderTorture(options);
    const rows = [...(await move(server, files, torture)), await takenPort(server)];
    return torture.isShort ? rows : [...rows, skipped("addresses", "not compared")];
  },
};

/** A port that was free a moment ago. */
function freePort(): number {
  const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  probe.stop(true);
  return probe.port;
}

async function move({ saker }: SakerUnderTorture, files: TortureSite, { isShort }: Torture): Promise<Row[]> {
  const moves = isShort ? 1 : 4;
  const ports = [saker.port, freePort()];
  const left: LoadReport[] = [];
  const found: LoadReport[] = [];
  let slowestMs = 0;
  for (let time = 0; time < moves; time++) {
    const [from, to] = [ports[time % 2]!, ports[(time + 1) % 2]!];
    const load = { clients: CLIENTS, targets: files.mixed };
    await using kept = await startLoad({ ...load, port: from, connections: "keep-alive" });
    await using single = await startLoad({ ...load, port: from, connections: "per-request" });
    await Bun.sleep(isShort ? 100 : 500);
    const said = saker.stderr.length;
    const movedMs = performance.now();
    await saker.configure(`num_workers = 2\nport = ${to}`);
    saker.signal("SIGHUP");
    await until(() => saker.stderr.slice(said).includes(`:${to} `), "it listens on the new port");
    slowestMs = Math.max(slowestMs, performance.now() - movedMs);
    await using newcomers = await startLoad({ ...load, port: to, connections: "per-request" });
    await Bun.sleep(isShort ? 100 : 500);
    left.push(await kept.stop(), await single.stop());
    found.push(await newcomers.stop());
  }
  const row = (fault: string, saw: string, criterion: string, isGood: boolean): Row => ({
    experiment: "addresses",
    server: "saker",
    fault,
    saw,
    criterion,
    verdict: judge("saker", isGood),
  });
  const [leftTotal, foundTotal] = [sum(left), sum(found)];
  const lost = failuresOf(leftTotal) - leftTotal.refused;
  return [
    row(
      `${moves} changes of the port: the one that goes`,
      `${formatCount(leftTotal.ok)} ok, ${describeFailures({ ...leftTotal, refused: 0 })}, then refused; each took ${formatMs(slowestMs)}`,
      "no accepted client is lost",
      lost === 0 && leftTotal.ok > 0,
    ),
    row(
      `${moves} changes of the port: the one that comes`,
      `${formatCount(foundTotal.ok)} ok, ${describeFailures(foundTotal)}`,
      "0 failed",
      failuresOf(foundTotal) === 0 && foundTotal.ok > 0,
    ),
  ];
}

function sum(reports: readonly LoadReport[]): LoadReport {
  const total = { ...reports[0]! };
  for (const report of reports.slice(1)) {
    for (const name of ["ok", "refused", "unanswered", "cut", "wrong", "timedOut", "connections"] as const) {
      total[name] += report[name];
    }
    for (const [status, count] of Object.entries(report.statuses)) {
      total.statuses = { ...total.statuses, [status]: (total.statuses[status] ?? 0) + count };
    }
  }
  return total;
}

async function takenPort({ saker }: SakerUnderTorture): Promise<Row> {
  const taken = Bun.listen({ hostname: "127.0.0.1", port: 0, exclusive: true, socket: { data() {} } });
  const before = await saker.workersSettled(2);
  await saker.configure(`num_workers = 2\nport = ${taken.port}`);
  saker.signal("SIGHUP");
  const [line] = await saker.printed(/reload refused.*in use/);
  const isSame = saker.workerPids().join() === before.join();
  taken.stop(true);
  return {
    experiment: "addresses",
    server: "saker",
    fault: "a port that is taken",
    saw: `${isSame ? "the same workers" : "OTHER WORKERS"}; "${line.slice(0, 90)}"`,
    criterion: "nothing changes, and a line says why",
    verdict: judge("saker", isSame),
  };
}
