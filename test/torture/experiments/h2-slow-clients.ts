/**
 * Slow clients of HTTP/2: 500 at a time that ask, and then take or give next to nothing, beside clients that behave.
 *
 * Criterion: well-behaved clients see 100 % success and a p99 within twice that of calm (or 10 ms more); every slow one has been stopped
 *        when its time is over, by RST_STREAM, GOAWAY or a close; each costs less than 64 KiB meanwhile.
 * Source: load/h2-attacks.ts names what they do.
 */
import { type Experiment, formatMs, judge, type Row, type Torture } from "../experiment.ts";
import type { SecureAttackReport } from "../load/attack-report.ts";
import { startSecureAttack } from "../load/drive.ts";
import type { LoadReport } from "../load/load-report.ts";
import { areServed, describeOthers, describeWorkers, seeCalm, startSecureLoad } from "../others.ts";
import { formatOctets } from "../process-figures.ts";
import { onSecureServers } from "../secure-servers.ts";
import type { ServerUnderTorture } from "../servers/server-under-torture.ts";
import { createTortureSite, type TortureSite } from "../torture-site.ts";
import { watchWorkers } from "../worker-watch.ts";

const TIMEOUT_SECONDS = 3;
/** The timer's own second, connections made one after the other, and what a busy machine takes. */
const TOLERANCE_SECONDS = 2;
/** The others are watched for so long, also when all attackers are gone at once. */
const LOAD_MS_LEAST = 1000;
const OCTETS_MAX = 64 * 1024;

interface Slowness {
  readonly kind: string;
  readonly fault: string;
  readonly goneAfterSeconds: number;
}

const SLOWNESSES: readonly Slowness[] = [
  { kind: "no-preface", fault: "TLS, and nothing more", goneAfterSeconds: TIMEOUT_SECONDS },
  { kind: "half-preface", fault: "half a preface", goneAfterSeconds: TIMEOUT_SECONDS },
  { kind: "no-request", fault: "a preface, and no request", goneAfterSeconds: TIMEOUT_SECONDS },
  { kind: "head-dribble", fault: "a HEADERS frame, an octet a second", goneAfterSeconds: TIMEOUT_SECONDS },
  {
    kind: "continuation-dribble",
    fault: "CONTINUATION without end, a frame a second",
    goneAfterSeconds: TIMEOUT_SECONDS,
  },
  { kind: "data-dribble", fault: "DATA frames of an octet, one a second", goneAfterSeconds: TIMEOUT_SECONDS },
  { kind: "zero-window", fault: "a response without a window", goneAfterSeconds: TIMEOUT_SECONDS },
  // A first period may count as progress; the rate is judged over the next.
  { kind: "one-octet-window", fault: "a window of an octet a second", goneAfterSeconds: 2 * TIMEOUT_SECONDS + 1 },
];

export const h2SlowClients: Experiment = {
  name: "h2-slow-clients",
  title: "500 clients of HTTP/2 that dribble or don't read, beside those that behave",
  async run(torture) {
    await using files = await createTortureSite();
    const options = {
      site: files.site,
      workers: 1,
      headerTimeoutSeconds: TIMEOUT_SECONDS,
      timeoutSeconds: TIMEOUT_SECONDS,
      config: `keepalive_timeout_seconds = ${TIMEOUT_SECONDS}\nmin_send_rate = 10_000`,
    };
    return await onSecureServers(torture, options, (server) => slowAll(server, files, torture));
  },
};

async function slowAll(server: ServerUnderTorture, files: TortureSite, torture: Torture): Promise<Row[]> {
  const calm = await seeCalm(server, files, torture.isShort ? 300 : 1500);
  const rows: Row[] = [];
  for (const slowness of SLOWNESSES) rows.push(await slowOnce(server, files, torture, slowness, calm));
  return rows;
}

async function slowOnce(
  server: ServerUnderTorture,
  files: TortureSite,
  { isShort }: Torture,
  { kind, fault, goneAfterSeconds }: Slowness,
  calm: LoadReport,
): Promise<Row> {
  const count = isShort ? 50 : 500;
  const workers = watchWorkers(server.workerPids);
  const [small, large] = [files.small.target, files.large.target];
  await using attack = await startSecureAttack({ port: server.securePort, kind, count, small, large });
  await using load = await startSecureLoad(server, files);
  const patienceMs = 1000 * (goneAfterSeconds + TOLERANCE_SECONDS);
  const startedMs = performance.now();
  await Bun.sleep(LOAD_MS_LEAST);
  let seen = await attack.look();
  while (seen.stopped < seen.connected && performance.now() - startedMs < patienceMs) {
    await Bun.sleep(100);
    seen = await attack.look();
  }
  const good = await load.stop();
  const figures = workers.stop();
  const attacked = await attack.stop();
  const isGone = attacked.stopped === attacked.connected && attacked.connected === count;
  const isThrifty = figures.grownOctets <= count * OCTETS_MAX && figures.areSame;
  return {
    experiment: "h2-slow-clients",
    server: server.name,
    fault: `${count}: ${fault}`,
    saw: `${describeOthers(good, calm)}; ${describeStops(attacked)}; ${describeWorkers(figures)}`,
    criterion: `100 %, p99 ≤ 2x, stopped after ${goneAfterSeconds} to ${goneAfterSeconds + 1} s, ≤ ${formatOctets(OCTETS_MAX)} each`,
    verdict: judge(server.name, areServed(good, calm, !isShort) && isGone && isThrifty),
  };
}

export function describeStops(report: SecureAttackReport): string {
  const { connected, failed, stopped, ended, shortestLifeMs, longestLifeMs } = report;
  const refused = failed > 0 ? `, ${failed} refused` : "";
  if (stopped === 0) return `none of ${connected} stopped${refused}`;
  return `${stopped} of ${connected} stopped after ${formatMs(shortestLifeMs)} to ${formatMs(longestLifeMs)}, ${ended} of them closed${refused}`;
}
