/**
 * A rate limit while a million addresses ask: each once through a trusted proxy (X-Forwarded-For), and some thousands by a
 * connection of their own behind a balancer (PROXY protocol, v2). A few greedy clients ask all the time, a few polite ones below
 * their rate.
 *
 * Then one client opens thousands of connections, where it may have ten and there is room for some hundreds.
 *
 * Criterion: greedy clients get what their bucket gives, not more; polite ones and newcomers always get their answer; the
 *        worker's memory and the table stay as they are. No other client loses a connection.
 */
import { statSync } from "node:fs";
import { until } from "../../support/deadline.ts";
import { type Experiment, formatCount, judge, type Row } from "../experiment.ts";
import { skipped } from "../both-servers.ts";
import { StatusCounter } from "../load/status-counter.ts";
import { formatOctets, rssOctetsOf } from "../process-figures.ts";
import { startSakerUnderTorture } from "../servers/saker.ts";
import { createTortureSite, type TortureSite } from "../torture-site.ts";

const RATE = 10;
const BURST = 20;
const GREEDY = 8;
const POLITE = 8;
const GREEDY_PAUSE_MS = 10;
/** Twice a second; the rate allows ten. */
const POLITE_PAUSE_MS = 500;
const FLOOD_CONNECTIONS = 4;
const BATCH = 64;
const ROOM = 300;
const CROWD_WORKERS = 2;
const CONNECTIONS_PER_IP = 10;
const IDLE = 50;
const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

/** Pages of heaps come and go; a million remembered clients would be 16 MiB at the least. */
const GROWTH_OCTETS_MAX = 8 * 1024 * 1024;

export const manyClients: Experiment = {
  name: "many-clients",
  title: "a rate limit while a million addresses ask",
  async run({ executable, isShort }) {
    await using files = await createTortureSite();
    const config = `
proxy_protocol = true
trusted_proxies = ["127.0.0.1", "10.1.0.0/16"]
max_connections_per_ip = 64
[rate_limit]
requests_per_second = ${RATE}
burst = ${BURST}`;
    await using server = await startSakerUnderTorture({ site: files.site, executable, workers: 1, config });
    const [worker] = server.workerPids() as [number];
    const request = (address = ""): string =>
      `HEAD ${files.small.target} HTTP/1.1\r\nHost: a\r\n${address === "" ? "" : `X-Forwarded-For: ${address}\r\n`}\r\n`;
    const addresses = isShort ? 50_000 : 1_000_000;
    const connections = isShort ? 500 : 20_000;
    await flood(server.port, addresses / 10, 0x0b000000, request); // warms up the worker, with other addresses
    const table = `${server.saker.statsFile}.clients`;
    const [rssBefore, tableBefore] = [rssOctetsOf(worker), statSync(table).size];

    const stop = { isTime: false };
    const startedMs = performance.now();
    const regulars = Promise.all([
      ...Array.from({ length: GREEDY }, (_, index) =>
        keepAsking(server.port, `203.0.113.${index}`, request(), GREEDY_PAUSE_MS, stop),
      ),
      ...Array.from({ length: POLITE }, (_, index) =>
        keepAsking(server.port, `198.51.100.${index}`, request(), POLITE_PAUSE_MS, stop),
      ),
    ]);
    const proxied = await flood(server.port, addresses, 0x20000000, request);
    const balanced = await floodOfConnections(server.port, connections, request());
    stop.isTime = true;
    const counts = await regulars;
    const seconds = (performance.now() - startedMs) / 1000;
    const [growth, tableGrowth] = [rssOctetsOf(worker) - rssBefore, statSync(table).size - tableBefore];

    const [greedy, polite] = [counts.slice(0, GREEDY), counts.slice(GREEDY)];
    const shares = greedy.map(({ ok, due }) => ok / due);
    const [least, most] = [Math.min(...shares), Math.max(...shares)];
    const percent = (share: number): string => (100 * share).toFixed(1);
    const sumOf = (of: (count: Count) => number): number => greedy.reduce((sum, count) => sum + of(count), 0);
    const politeLost = polite.reduce((sum, { refused }) => sum + refused, 0);
    const politeOk = polite.reduce((sum, { ok }) => sum + ok, 0);
    const total = addresses + connections;
    const served = proxied + balanced;
    const rows: Row[] = [
      {
        experiment: "many-clients",
        server: "saker",
        fault: `${formatCount(total)} addresses, each once, in ${seconds.toFixed(1)} s`,
        saw: `${formatCount(served)} served, ${formatCount(total - served)} refused; worker ${formatOctets(rssBefore)} ${growth < 0 ? "−" : "+"} ${formatOctets(Math.abs(growth))}, table ${formatOctets(tableBefore)} + ${tableGrowth}`,
        criterion: `none refused; memory + ≤ ${formatOctets(GROWTH_OCTETS_MAX)}, table + 0`,
        verdict: judge("saker", served === total && tableGrowth === 0 && growth <= GROWTH_OCTETS_MAX),
      },
      {
        experiment: "many-clients",
        server: "saker",
        fault: `${GREEDY} greedy clients meanwhile, limited to ${RATE}/s and ${BURST} at once`,
        saw: `${sumOf(({ ok }) => ok)} served, ${percent(least)} to ${percent(most)} % of what was due to each; ${formatCount(sumOf(({ refused }) => refused))} refused`,
        criterion: "what is due, ± 5 %",
        verdict: judge("saker", least >= 0.95 && most <= 1.05),
      },
      {
        experiment: "many-clients",
        server: "saker",
        fault: `${POLITE} clients that stay below their rate meanwhile`,
        saw: `${politeOk} served, ${politeLost} refused`,
        criterion: "0 refused",
        verdict: judge("saker", politeLost === 0 && politeOk > 0),
      },
    ];
    rows.push(await crowdOfOne(files, executable, isShort ? 400 : 3000));
    return isShort ? rows : [...rows, skipped("many-clients", "nginx forgets by age: no like figure")];
  },
};

/** `due`: what the bucket gives in the time that the client asked. */
/** One client that opens far more connections than it may, and than there is room for; others have idle ones. */
async function crowdOfOne(files: TortureSite, executable: string, count: number): Promise<Row> {
  const config = `proxy_protocol = true\nmax_connections = ${ROOM}\nmax_connections_per_ip = ${CONNECTIONS_PER_IP}`;
  await using server = await startSakerUnderTorture({ site: files.site, executable, workers: CROWD_WORKERS, config });
  await using open = new AsyncDisposableStack();
  const connectAs = async (address: string, rest: string): Promise<StatusCounter> =>
    open.use(await StatusCounter.connect(server.port, named(address) + rest));
  const request = `HEAD ${files.small.target} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const idle = await Promise.all(Array.from({ length: IDLE }, (_, index) => connectAs(`198.51.100.${index}`, "")));
  await Promise.all(idle.map((client) => client.ask(request, 1)));
  const crowd: StatusCounter[] = [];
  for (let index = 0; index < count; index++) crowd.push(await connectAs("203.0.113.1", "GET /"));
  await until(() => crowd.filter(({ isOpen }) => isOpen).length <= CONNECTIONS_PER_IP, "the crowd is sent away");
  await Promise.all(idle.map((client) => client.ask(request, 1)));
  const kept = idle.filter((client) => client.countOf(200) === 2).length;
  const held = crowd.filter(({ isOpen }) => isOpen).length;
  return {
    experiment: "many-clients",
    server: "saker",
    fault: `${formatCount(count)} connections of one client, ${CONNECTIONS_PER_IP} allowed, ${CROWD_WORKERS} workers with room for ${ROOM} each`,
    saw: `it holds ${held}; ${kept} of ${IDLE} idle connections of others are still there`,
    criterion: `${CONNECTIONS_PER_IP} held, all others there`,
    verdict: judge("saker", held === CONNECTIONS_PER_IP && kept === IDLE),
  };
}

type Count = { readonly ok: number; readonly refused: number; readonly due: number };

function dotted(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

function named(address: string): string {
  return `PROXY TCP4 ${address} 192.0.2.1 4711 80\r\n`;
}

/** One request for each of `count` addresses, by way of a proxy's few connections; returns how many were served. */
async function flood(
  port: number,
  count: number,
  first: number,
  request: (address: string) => string,
): Promise<number> {
  let next = 0;
  const counts = await Promise.all(
    Array.from({ length: FLOOD_CONNECTIONS }, async (_, index) => {
      await using proxy = await StatusCounter.connect(port, named(`10.1.0.${index}`));
      while (next < count) {
        const batch = Math.min(BATCH, count - next);
        const start = first + next;
        next += batch;
        await proxy.ask(Array.from({ length: batch }, (_, at) => request(dotted(start + at))).join(""), batch);
      }
      return proxy.countOf(200);
    }),
  );
  return counts.reduce((sum, served) => sum + served, 0);
}

/** A connection, and a request on it, for each of `count` addresses that version 2 names. */
async function floodOfConnections(port: number, count: number, request: string): Promise<number> {
  let next = 0;
  let served = 0;
  await Promise.all(
    Array.from({ length: BATCH }, async () => {
      while (next < count) {
        const address = 0x30000000 + next++;
        const octets = [24, 16, 8, 0].map((shift) => String.fromCharCode((address >>> shift) & 255)).join("");
        await using client = await StatusCounter.connect(
          port,
          `${SIGNATURE}\x21\x11\0\x0c${octets}\xc0\0\x02\x01\x12\x67\0\x50`,
        );
        await client.ask(request, 1);
        served += client.countOf(200);
      }
    }),
  );
  return served;
}

/** One client that asks over and over. */
async function keepAsking(
  port: number,
  address: string,
  request: string,
  pauseMs: number,
  stop: { readonly isTime: boolean },
): Promise<Count> {
  await using client = await StatusCounter.connect(port, named(address));
  const startedMs = performance.now();
  let endedMs = startedMs;
  while (!stop.isTime) {
    await client.ask(request, 1);
    endedMs = performance.now();
    await Bun.sleep(pauseMs);
  }
  const due = BURST + (RATE * (endedMs - startedMs)) / 1000;
  return { ok: client.countOf(200), refused: client.countOf(429), due };
}
