/**
 * Floods of HTTP/2: four connections at a time that send frames which cost them little, beside clients that behave.
 *
 * Criterion: well-behaved clients see 100 % success and a p99 within twice that of calm (or 10 ms more, as an attacker's own process
 *        takes a share of the same cores); the workers are the same, and no more than 32 MiB larger at any time; every attacker is
 *        gone, once ended ones aren't replaced any more.
 * Source: load/h2-attacks.ts names the attacks.
 */
import { type Experiment, formatCount, judge, type Row, type Torture } from "../experiment.ts";
import { type Helper, startSecureAttack } from "../load/drive.ts";
import type { SecureAttackReport } from "../load/attack-report.ts";
import { floodsOf } from "../load/h2-attacks.ts";
import type { LoadReport } from "../load/load-report.ts";
import { areServed, describeOthers, describeWorkers, seeCalm, startSecureLoad } from "../others.ts";
import { descriptorCountOf, formatOctets } from "../process-figures.ts";
import { onSecureServers } from "../secure-servers.ts";
import type { ServerUnderTorture } from "../servers/server-under-torture.ts";
import { createTortureSite, type TortureSite } from "../torture-site.ts";
import { watchWorkers } from "../worker-watch.ts";

const CONNECTIONS = 4;
const FLOOD_MS = 1500;
const GROWN_OCTETS_MAX = 32 * 1024 * 1024;
/** Files that may be open in the cache besides: fewer than there are attackers. */
const FILES_MAX = 2;
/** One of each family. */
const SHORT = ["rapid-reset", "reset-by-empty-window", "continuation", "ping", "hpack-bomb"];
/** For so long a server may wait for a client that it has told to go; longer where the clock isn't to be judged. */
const GOODBYE_MS_MAX = 8000;
const GOODBYE_MS_SHORT = 20_000;

/** What there was before the attacks. */
interface Calm extends LoadReport {
  readonly descriptors: number;
}

export const h2Floods: Experiment = {
  name: "h2-floods",
  title: "floods of HTTP/2 frames: resets, CONTINUATION, SETTINGS, PING, priorities, empty DATA, HPACK",
  async run(torture) {
    await using files = await createTortureSite();
    const options = { site: files.site, workers: 1, headerTimeoutSeconds: 5, timeoutSeconds: 10 };
    return await onSecureServers(torture, options, (server) => floodAll(server, files, torture));
  },
};

async function floodAll(server: ServerUnderTorture, files: TortureSite, torture: Torture): Promise<Row[]> {
  const descriptors = descriptorsOf(server.workerPids());
  const calm = await seeCalm(server, files, torture.isShort ? 300 : 1500);
  const all = Object.keys(floodsOf({ small: files.small.target, large: files.large.target }));
  const kinds = torture.isShort ? SHORT : all;
  const rows: Row[] = [];
  for (const kind of kinds) rows.push(await floodOnce(server, files, torture, kind, { ...calm, descriptors }));
  return rows;
}

async function floodOnce(
  server: ServerUnderTorture,
  files: TortureSite,
  { isShort }: Torture,
  kind: string,
  calm: Calm,
): Promise<Row> {
  const workers = watchWorkers(server.workerPids);
  await using load = await startSecureLoad(server, files);
  const [small, large] = [files.small.target, files.large.target];
  await using attack = await startSecureAttack({ port: server.securePort, kind, count: CONNECTIONS, small, large });
  await Bun.sleep(isShort ? 300 : FLOOD_MS);
  const good = await load.stop();
  const figures = workers.stop();
  const patienceMs = server.name !== "saker" ? 0 : isShort ? GOODBYE_MS_SHORT : GOODBYE_MS_MAX;
  const isGone = await areGone(attack, server, calm.descriptors, patienceMs);
  const held = Math.max(0, descriptorsOf(server.workerPids()) - calm.descriptors - FILES_MAX);
  const attacked = await attack.stop();
  const isBounded = figures.grownOctets <= GROWN_OCTETS_MAX && figures.areSame;
  return {
    experiment: "h2-floods",
    server: server.name,
    fault: kind,
    saw: `${describeOthers(good, calm)}; ${describeAttack(attacked)}, ${held} still held; ${describeWorkers(figures)}`,
    criterion: `100 %, p99 ≤ 2x, ≤ ${formatOctets(GROWN_OCTETS_MAX)} more, attackers gone`,
    verdict: judge(server.name, areServed(good, calm, !isShort) && isBounded && isGone),
  };
}

/** The server has ended each of them, or holds none any more: one that reads nothing doesn't notice its end. */
async function areGone(
  attack: Helper<SecureAttackReport>,
  { workerPids }: ServerUnderTorture,
  descriptorsBefore: number,
  patienceMs: number,
): Promise<boolean> {
  const giveUpMs = performance.now() + patienceMs;
  for (;;) {
    const { connected, ended } = await attack.cease();
    if (ended === connected || descriptorsOf(workerPids()) <= descriptorsBefore + FILES_MAX) return true;
    if (performance.now() > giveUpMs) return false;
    await Bun.sleep(100);
  }
}

function descriptorsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + descriptorCountOf(pid), 0);
}

const CODES: Readonly<Record<string, string>> = {
  0: "NO_ERROR",
  1: "PROTOCOL_ERROR",
  2: "INTERNAL_ERROR",
  3: "FLOW_CONTROL_ERROR",
  6: "FRAME_SIZE_ERROR",
  9: "COMPRESSION_ERROR",
  11: "ENHANCE_YOUR_CALM",
};

function describeAttack({
  connected,
  ended,
  through,
  sent,
  sentMost,
  goAways,
  resets,
  statuses,
}: SecureAttackReport): string {
  const told = Object.entries(goAways).map(([code, count]) => `${count}x ${CODES[code] ?? code}`);
  const answered = Object.entries(statuses).map(([status, count]) => `${formatCount(count)}x ${status}`);
  const parts = [
    `${ended} of ${connected} attackers ended`,
    ...(through > 0 ? [`${through} got through`] : []),
    `${formatCount(sent)} frames, at most ${formatCount(sentMost)} each`,
    ...(told.length > 0 ? [`GOAWAY ${told.join(", ")}`] : []),
    ...(resets > 0 ? [`${formatCount(resets)} RST_STREAM`] : []),
    ...(answered.length > 0 ? [answered.join(", ")] : []),
  ];
  return parts.join(", ");
}
