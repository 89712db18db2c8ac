/**
 * Reload, upgrade, kill -9 and stop under load over TLS: clients of HTTP/1.1 that stay, those that come for each request, and
 * clients of HTTP/2, small files and downloads of 8 MiB among them.
 *
 * Criterion: 0 lost. A request of HTTP/2 that GOAWAY gives back is sent once more (RFC 9113 §8.7). Of a worker that is killed those in flight may
 *        be lost; of a server that has stopped nobody is answered any more, but nobody's answer is cut, and a request of HTTP/1.1 on a
 *        connection that was idle may meet its end.
 */
import { type Experiment, formatCount, formatMs, judge, type Row, takesPart, type Torture } from "../experiment.ts";
import { type Helper, startLoad } from "../load/drive.ts";
import { describeFailures, failuresOf, type LoadReport } from "../load/load-report.ts";
import { createCertificate } from "../secure-servers.ts";
import { isNginxInstalled, startNginx } from "../servers/nginx.ts";
import { secureTable, type SakerUnderTorture, startSakerUnderTorture } from "../servers/saker.ts";
import type { ServerUnderTorture, Surroundings } from "../servers/server-under-torture.ts";
import { createTortureSite, type TortureSite } from "../torture-site.ts";
import { Place } from "./upgrade.ts";

const CLIENTS = 8;
const INTERVAL_MS = 700;
const WORKERS = 2;

const LOADS = [
  { name: "HTTP/1.1, keep-alive", protocol: "https", connections: "keep-alive" },
  { name: "HTTP/1.1, connection per request", protocol: "https", connections: "per-request" },
  { name: "HTTP/2", protocol: "h2", connections: "keep-alive" },
] as const;

interface Fault {
  readonly name: string;
  /** The others are done to plain connections by other short forms. */
  readonly isInShort?: boolean;
  readonly criterion: string;
  /** Done to the server while it is under load. */
  commit(server: ServerUnderTorture, isShort: boolean): Promise<void>;
  isGood(report: LoadReport, load: (typeof LOADS)[number]): boolean;
}

const isUntouched = (report: LoadReport): boolean =>
  report.ok > 0 && failuresOf(report) === 0 && Object.keys(report.statuses).length === 0;

async function repeat(times: number, act: (time: number) => void | Promise<unknown>): Promise<void> {
  for (let time = 0; time < times; time++) {
    await act(time);
    await Bun.sleep(INTERVAL_MS);
  }
}

export const secureLossless: Experiment = {
  name: "secure-lossless",
  title: "reload, upgrade, kill -9 and stop under load over TLS, in HTTP/1.1 and HTTP/2",
  async run(torture) {
    await using files = await createTortureSite();
    await using made = await createCertificate();
    const { certificate } = made;
    const rows: Row[] = [];
    if (takesPart(torture, "saker")) {
      const place = new Place(torture.executable, files);
      const all = sakersFaults(place, certificate);
      for (const fault of torture.isShort ? all.filter(({ isInShort }) => isInShort) : all) {
        place.good();
        const options = { site: files.site, workers: WORKERS, certificate, config: "max_restarts = 100" };
        await using saker = await startSakerUnderTorture({ ...options, executable: place.path });
        rows.push(...(await commitUnderLoad(saker, files, fault, torture)));
      }
    }
    if (!takesPart(torture, "nginx") || !isNginxInstalled()) return rows;
    for (const fault of [reloaded(() => {}), KILLED, STOPPED]) {
      await using nginx = await startNginx({ root: files.root, workers: WORKERS, certificate });
      rows.push(...(await commitUnderLoad(nginx!, files, fault, torture)));
    }
    return rows;
  },
};

function reloaded(configure: (server: ServerUnderTorture, time: number) => void | Promise<void>): Fault {
  return {
    name: "reloads",
    isInShort: true,
    criterion: "0 lost",
    commit: (server, isShort) =>
      repeat(isShort ? 2 : 6, async (time) => {
        await configure(server, time);
        server.signal("SIGHUP");
      }),
    isGood: isUntouched,
  };
}

const KILLS = 4;

const KILLED: Fault = {
  name: "kill -9 of a worker",
  criterion: `≤ ${KILLS * CLIENTS} lost (in flight), 0 refused`,
  commit: (server, isShort) =>
    repeat(isShort ? 2 : KILLS, () => {
      const [victim] = server.workerPids(); // the oldest: each connection meets its turn
      if (victim !== undefined) process.kill(victim, "SIGKILL");
    }),
  isGood: (report) =>
    report.ok > 0 && failuresOf(report) <= KILLS * CLIENTS && report.refused + report.wrong + report.timedOut === 0,
};

const STOPPED: Fault = {
  name: "a stop",
  isInShort: true,
  criterion: `0 lost, then refused; HTTP/1.1 kept alive: ≤ ${CLIENTS} that meet a close on their way`,
  async commit(server) {
    await Bun.sleep(INTERVAL_MS);
    server.stopPolitely();
    await Promise.race([server.exited, Bun.sleep(15_000)]);
  },
  // HTTP/1.1 has no GOAWAY: a request may cross the end of an idle connection (RFC 9112 §9.5), where the client is slow to send it.
  isGood: ({ ok, handshakesCut, unanswered, cut, wrong, timedOut }, { protocol, connections }) =>
    ok > 0 &&
    handshakesCut + cut + wrong + timedOut === 0 &&
    unanswered <= (protocol === "https" && connections === "keep-alive" ? CLIENTS : 0),
};

function sakersFaults(place: Place, certificate: Surroundings["certificate"]): Fault[] {
  const configure = async (server: ServerUnderTorture, time: number): Promise<void> => {
    const top = `server_header = "reload-${time}"\nnum_workers = ${1 + (time % 3)}`;
    const table = secureTable(server.securePort, { certificate });
    await (server as SakerUnderTorture).saker.configure(`${top}\n${table}`);
  };
  const upgraded: Fault = {
    name: "upgrades",
    criterion: "0 lost",
    commit: (server, isShort) =>
      repeat(isShort ? 1 : 4, async () => {
        place.good();
        const { stdout, stderr } = await place.ask(server.pid);
        if (!stdout.startsWith("upgraded from")) throw new Error(`saker upgrade: ${stdout}${stderr}`);
      }),
    isGood: isUntouched,
  };
  return [reloaded(configure), upgraded, KILLED, STOPPED];
}

async function commitUnderLoad(
  server: ServerUnderTorture,
  files: TortureSite,
  fault: Fault,
  { isShort }: Torture,
): Promise<Row[]> {
  // A download among so many small ones that most of the time isn't spent in it.
  const targets = [...Array.from({ length: 5 }, () => files.mixed).flat(), files.large];
  await using stack = new AsyncDisposableStack();
  const loads: Helper<LoadReport>[] = [];
  for (const { protocol, connections } of LOADS) {
    const options = { port: server.securePort, clients: CLIENTS, targets, protocol, connections };
    loads.push(stack.use(await startLoad(options)));
  }
  await Bun.sleep(INTERVAL_MS);
  await fault.commit(server, isShort);
  const reports = await Promise.all(loads.map((load) => load.stop()));
  return reports.map((report, index): Row => {
    const { ok, retried, longestGapMs } = report;
    return {
      experiment: "secure-lossless",
      server: server.name,
      fault: `${fault.name}: ${LOADS[index]!.name}`,
      saw: `${formatCount(ok)} ok, ${describeFailures(report)}${retried > 0 ? `, ${retried} sent again after GOAWAY` : ""}; longest gap ${formatMs(longestGapMs)}`,
      criterion: fault.criterion,
      verdict: judge(server.name, fault.isGood(report, LOADS[index]!)),
    };
  });
}
