/**
 * Slow and hostile clients: 2 000 at a time, beside clients that behave.
 *
 * Criterion: well-behaved clients see ≥ 99.9 % success and a p99 within twice that of calm (or 5 ms more, as calm is a
 *        fraction of a millisecond); attackers are gone when their time is over, to the second; a stalled download
 *        costs less than 4 KiB.
 */
import { onBothServers } from "../both-servers.ts";
import { type Experiment, formatMs, judge, type Row, type Torture, Verdict } from "../experiment.ts";
import { startAttack, startLoad } from "../load/drive.ts";
import type { AttackOptions, AttackReport } from "../load/attack-report.ts";
import { failuresOf, type LoadReport, requestsOf } from "../load/load-report.ts";
import { descriptorCountOf, formatOctets, rssOctetsOf } from "../process-figures.ts";
import type { ServerUnderTorture } from "../servers/server-under-torture.ts";
import { createTortureSite, type TortureSite } from "../torture-site.ts";

const HEADER_TIMEOUT_SECONDS = 3;
const TIMEOUT_SECONDS = 3;
/** The timer's own second, and what the kernel's (a silent client is handed over late) and a busy machine take. */
const TOLERANCE_SECONDS = 1.5;
/** Connections of the clients that behave may differ from one moment to the next, and so may open files. */
const HELD_MAX = 20;
const SUCCESS_MIN = 0.999;
const STALLED_OCTETS_MAX = 4096;
const P99_FACTOR = 2;
const P99_SLACK_MS = 5;

interface Attack {
  readonly kind: AttackOptions["kind"];
  readonly fault: string;
  /** When its connections must be gone. */
  readonly goneAfterSeconds: number;
}

const ATTACKS: readonly Attack[] = [
  { kind: "heads", fault: "heads that never end (slowloris)", goneAfterSeconds: HEADER_TIMEOUT_SECONDS },
  { kind: "idle", fault: "connections that say nothing", goneAfterSeconds: HEADER_TIMEOUT_SECONDS },
  { kind: "bodies", fault: "content at an octet a second", goneAfterSeconds: TIMEOUT_SECONDS },
  // What the kernel still moves into a client's buffer counts as taken: a second time then, each accurate to a second.
  { kind: "readers", fault: "downloads that are never read", goneAfterSeconds: 2 * TIMEOUT_SECONDS + 1 },
];

export const slowClients: Experiment = {
  name: "slow-clients",
  title: "2 000 slow or silent clients beside those that behave",
  async run(torture) {
    await using files = await createTortureSite();
    const options = {
      site: files.site,
      workers: 1,
      headerTimeoutSeconds: HEADER_TIMEOUT_SECONDS,
      timeoutSeconds: TIMEOUT_SECONDS,
      config: "min_send_rate = 10_000", // what the kernel goes on moving for readers is less
    };
    return await onBothServers("slow-clients", torture, options, (server) => attackAll(server, files, torture));
  },
};

async function attackAll(server: ServerUnderTorture, files: TortureSite, torture: Torture): Promise<Row[]> {
  const calm = await (async () => {
    // The first second of a server and of a generator is slower than the rest.
    await using warm = await startGoodClients(server, files);
    await Bun.sleep(700);
    await warm.stop();
    await using load = await startGoodClients(server, files);
    await Bun.sleep(torture.isShort ? 700 : 2000);
    return await load.stop();
  })();
  const attacks = torture.isShort ? ATTACKS.slice(0, 1) : ATTACKS;
  const rows: Row[] = [];
  for (const attack of attacks) rows.push(await attackOnce(server, files, torture, attack, calm));
  return rows;
}

function startGoodClients({ port }: ServerUnderTorture, files: TortureSite) {
  return startLoad({ port, clients: 16, targets: [files.small], connections: "keep-alive", ratePerSecond: 1000 });
}

async function attackOnce(
  server: ServerUnderTorture,
  files: TortureSite,
  { isShort }: Torture,
  attack: Attack,
  calm: LoadReport,
): Promise<Row> {
  const count = isShort ? 500 : 2000;
  const { kind, goneAfterSeconds } = attack;
  const target = kind === "readers" ? files.large.target : files.small.target;
  const [worker] = server.workerPids() as [number];
  const descriptorsBefore = descriptorCountOf(worker);
  const rssBefore = rssOctetsOf(worker);
  await using crowd = await startAttack({ port: server.port, kind, count, target });
  await using load = await startGoodClients(server, files);
  await Bun.sleep(500);
  const each = (rssOctetsOf(worker) - rssBefore) / count;
  await Bun.sleep(1000 * (goneAfterSeconds + TOLERANCE_SECONDS));
  const good = await load.stop();
  const held = Math.max(0, descriptorCountOf(worker) - descriptorsBefore);
  const crowded = await crowd.stop();
  const success = good.ok / Math.max(1, requestsOf(good));
  const isServed = success >= SUCCESS_MIN && good.p99Ms <= Math.max(P99_FACTOR * calm.p99Ms, calm.p99Ms + P99_SLACK_MS);
  const isGone = areGone(crowded, held, goneAfterSeconds);
  const isThrifty = kind !== "readers" || each <= STALLED_OCTETS_MAX;
  return {
    experiment: "slow-clients",
    server: server.name,
    fault: `${count} ${attack.fault}`,
    saw: `others: ${(100 * success).toFixed(2)} % of ${requestsOf(good)} ok, p99 ${formatMs(good.p99Ms)} (calm ${formatMs(calm.p99Ms)}); ${livesOf(crowded)}, ${held} still held; ${formatOctets(Math.max(0, each))} each`,
    criterion: `≥ 99.9 %, p99 ≤ 2x, gone after ${goneAfterSeconds} to ${goneAfterSeconds + 1} s${kind === "readers" ? ", ≤ 4 KiB each" : ""}`,
    verdict: failuresOf(calm) > 0 ? Verdict.Fail : judge(server.name, isServed && isGone && isThrifty),
  };
}

/** The server holds none of them any more. A client that reads nothing may learn of it late, or not at all. */
function areGone({ longestLifeMs }: AttackReport, held: number, seconds: number): boolean {
  return held <= HELD_MAX && longestLifeMs <= 1000 * (seconds + TOLERANCE_SECONDS);
}

function livesOf({ connected, ended, shortestLifeMs, longestLifeMs }: AttackReport): string {
  if (ended === 0) return `none of ${connected} attackers noticed an end`;
  return `${ended} of ${connected} attackers gone after ${formatMs(shortestLifeMs)} to ${formatMs(longestLifeMs)}`;
}
