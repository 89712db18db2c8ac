/**
 * Hostile clients of TLS: handshakes that don't go on, octets that are none, renegotiation, more connections than there may be.
 *
 * Criterion: well-behaved clients see 100 % success and a p99 within twice that of calm (or 10 ms more); whoever doesn't come to a connection
 *        is gone when the time for a head is over; renegotiation is refused; idle connections make room for new clients.
 */
import { until } from "../../support/deadline.ts";
import { type Experiment, judge, type Row, type Torture, Verdict } from "../experiment.ts";
import { startLoad, startSecureAttack } from "../load/drive.ts";
import { describeFailures, failuresOf, type LoadReport } from "../load/load-report.ts";
import { areServed, describeOthers, describeWorkers, seeCalm, startSecureLoad } from "../others.ts";
import { createCertificate, onSecureServers } from "../secure-servers.ts";
import { startSakerUnderTorture } from "../servers/saker.ts";
import type { ServerUnderTorture } from "../servers/server-under-torture.ts";
import { createTortureSite, type TortureSite } from "../torture-site.ts";
import { watchWorkers } from "../worker-watch.ts";
import { describeStops } from "./h2-slow-clients.ts";

const HEADER_TIMEOUT_SECONDS = 3;
/** The timer's own second, connections made one after the other, and what a busy machine takes. */
const TOLERANCE_SECONDS = 2;
/** Where the clock isn't to be judged. */
const TOLERANCE_SECONDS_SHORT = 20;
/** The others are watched for so long, also when all attackers are gone at once. */
const LOAD_MS_LEAST = 1000;
const GROWN_OCTETS_MAX = 96 * 1024 * 1024;
const CONNECTIONS_MAX = 200;
const RENEGOTIATIONS = 4;

interface Attack {
  readonly kind: string;
  readonly fault: string;
  readonly count: number;
  /** Without waiting for the time a head may take. */
  readonly endsAtOnce?: boolean;
}

const ATTACKS: readonly Attack[] = [
  { kind: "silent", fault: "connections that say nothing", count: 2000 },
  { kind: "hello-dribble", fault: "a ClientHello, an octet a second", count: 2000 },
  { kind: "half-open", fault: "handshakes that aren't gone on with", count: 2000 },
  { kind: "garbage", fault: "300 octets that are no TLS", count: 2000, endsAtOnce: true },
  { kind: "garbage-record", fault: "a record that holds no handshake", count: 2000, endsAtOnce: true },
];

export const tlsClients: Experiment = {
  name: "tls-clients",
  title: "handshakes that don't go on, garbage, renegotiation, too many connections",
  async run(torture) {
    await using files = await createTortureSite();
    const options = { site: files.site, workers: 1, headerTimeoutSeconds: HEADER_TIMEOUT_SECONDS, timeoutSeconds: 10 };
    const rows = await onSecureServers(torture, options, (server) => attackAll(server, files, torture));
    return torture.servers.length > 0 && !torture.servers.includes("saker")
      ? rows
      : [...rows, await idleCrowd(files, torture)];
  },
};

async function attackAll(server: ServerUnderTorture, files: TortureSite, torture: Torture): Promise<Row[]> {
  const calm = await seeCalm(server, files, torture.isShort ? 300 : 1500);
  const rows: Row[] = [];
  const attacks = torture.isShort ? ATTACKS.filter(({ endsAtOnce }) => endsAtOnce) : ATTACKS;
  for (const attack of attacks) rows.push(await attackOnce(server, files, torture, attack, calm));
  return [...rows, await renegotiate(server)];
}

async function attackOnce(
  server: ServerUnderTorture,
  files: TortureSite,
  { isShort }: Torture,
  { kind, fault, count }: Attack,
  calm: LoadReport,
): Promise<Row> {
  const wanted = isShort ? count / 10 : count;
  const workers = watchWorkers(server.workerPids);
  const [small, large] = [files.small.target, files.large.target];
  await using attack = await startSecureAttack({ port: server.securePort, kind, count: wanted, small, large });
  await using load = await startSecureLoad(server, files);
  const toleranceSeconds = isShort ? TOLERANCE_SECONDS_SHORT : TOLERANCE_SECONDS;
  const giveUpMs = performance.now() + 1000 * (HEADER_TIMEOUT_SECONDS + toleranceSeconds);
  await Bun.sleep(LOAD_MS_LEAST);
  let seen = await attack.look();
  while (seen.ended < seen.connected && performance.now() < giveUpMs) {
    await Bun.sleep(100);
    seen = await attack.look();
  }
  const good = await load.stop();
  const figures = workers.stop();
  const attacked = await attack.stop();
  const isBounded = figures.grownOctets <= GROWN_OCTETS_MAX && figures.areSame;
  return {
    experiment: "tls-clients",
    server: server.name,
    fault: `${wanted} ${fault}`,
    saw: `${describeOthers(good, calm)}; ${describeStops(attacked)}; ${describeWorkers(figures)}`,
    criterion: `100 %, p99 ≤ 2x, gone after ${HEADER_TIMEOUT_SECONDS} to ${HEADER_TIMEOUT_SECONDS + 1} s`,
    verdict: judge(server.name, areServed(good, calm, !isShort) && attacked.ended === attacked.connected && isBounded),
  };
}

/** A client of TLS 1.2 that asks for another handshake on a connection that is there: openssl does so when it reads an R. */
async function renegotiate({ name, securePort }: ServerUnderTorture): Promise<Row> {
  const row = { experiment: "tls-clients", server: name, fault: `${RENEGOTIATIONS} attempts to renegotiate` };
  const criterion = "refused: an alert or the end";
  if (Bun.which("openssl") === null) {
    return { ...row, saw: "openssl is not installed", criterion, verdict: Verdict.Skip };
  }
  const outcomes = await Promise.all(Array.from({ length: RENEGOTIATIONS }, () => renegotiateOnce(securePort)));
  const refused = outcomes.filter((outcome) => outcome.includes("refused")).length;
  return {
    ...row,
    saw: `${refused} of ${RENEGOTIATIONS} refused`,
    criterion,
    verdict: judge(name, refused === RENEGOTIATIONS),
  };
}

async function renegotiateOnce(port: number): Promise<"refused" | "renegotiated"> {
  const address = ["-connect", `127.0.0.1:${port}`, "-servername", "localhost"];
  await using client = Bun.spawn(["openssl", "s_client", "-tls1_2", "-legacy_renegotiation", ...address], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let said = "";
  const reading = [client.stdout, client.stderr].map(async (stream) => {
    for await (const piece of stream) said += new TextDecoder().decode(piece);
  });
  await until(() => said.includes("Verify return code"), "a connection of TLS 1.2");
  client.stdin.write("R\n");
  client.stdin.flush();
  await until(() => said.includes("RENEGOTIATING"), "openssl renegotiates");
  const begun = said.indexOf("RENEGOTIATING");
  // A server that goes along sends its certificate again; one that doesn't sends an alert or ends the connection, and openssl ends.
  await Promise.race([
    client.exited,
    until(() => /verify return|depth=0/.test(said.slice(begun)), "an answer").catch(() => {}),
  ]);
  const hasRenegotiated = /verify return|depth=0/.test(said.slice(begun));
  client.kill();
  await Promise.all(reading);
  return hasRenegotiated ? "renegotiated" : "refused";
}

/** As many idle connections of HTTP/2 as there may be: new clients come in all the same. */
async function idleCrowd(files: TortureSite, { executable }: Torture): Promise<Row> {
  await using made = await createCertificate();
  const config = `max_connections = ${CONNECTIONS_MAX}`;
  await using server = await startSakerUnderTorture({ site: files.site, executable, workers: 1, config, ...made });
  const [small, large] = [files.small.target, files.large.target];
  const attack = { port: server.securePort, kind: "answered", count: CONNECTIONS_MAX, small, large };
  await using crowd = await startSecureAttack(attack);
  // Only who has been answered is idle.
  await until(async () => (await crowd.look()).statuses["200"] === CONNECTIONS_MAX, "answers for all of the crowd");
  const load = { port: server.securePort, clients: 8, targets: [files.small], connections: "per-request" as const };
  await using https = await startLoad({ ...load, protocol: "https", ratePerSecond: 100 });
  await using h2 = await startLoad({ ...load, protocol: "h2", ratePerSecond: 100 });
  await Bun.sleep(1500);
  const reports = [await https.stop(), await h2.stop()];
  const crowded = await crowd.stop();
  const isServed = reports.every((report) => failuresOf(report) === 0 && Object.keys(report.statuses).length === 0);
  return {
    experiment: "tls-clients",
    server: "saker",
    fault: `${CONNECTIONS_MAX} idle connections of HTTP/2 at max_connections = ${CONNECTIONS_MAX}`,
    saw: `newcomers: ${reports.map((report) => `${report.ok} ok, ${describeFailures(report)}`).join(" / ")}; ${crowded.ended} idle ones made room`,
    criterion: "0 refused, 0 failed",
    verdict: judge("saker", isServed && reports.every(({ ok }) => ok > 0)),
  };
}
