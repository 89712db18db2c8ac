/** `max_connections_per_ip` is a limit of the server, however many workers its connections are spread over. */
import { describe, expect, test } from "bun:test";
import { until } from "../support/deadline.ts";
import { randomOctets } from "../support/octets.ts";
import type { RawClient } from "../support/raw-client.ts";
import { requestOctets, type Saker, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const LIMIT = 4;
const WORKERS = 3;
const SITE = { "a.txt": "a", "large.bin": randomOctets(12 << 20, 1) };
const GET = requestOctets("/a.txt");

/** Connects as often as that at the same instant; returns those that were let in, each with its first answer read. */
async function enter(saker: Saker, count: number): Promise<RawClient[]> {
  const entered = await Promise.all(
    Array.from({ length: count }, async () => {
      const client = await saker.connect();
      client.sendCarelessly(GET);
      const { status } = await client.readResponse();
      if (status === 200) return client;
      expect(status).toBe(429);
      await client[Symbol.asyncDispose]();
      return null;
    }),
  );
  return entered.filter((client) => client !== null);
}

/** Goes on until so many are open, and holds that there are never more. */
async function enterUpTo(saker: Saker, open: RawClient[], count: number): Promise<void> {
  await until(async () => {
    open.push(...(await enter(saker, 2)));
    expect(open.length).toBeLessThanOrEqual(count);
    return open.length === count;
  }, `${count} connections are open`);
  expect((await enter(saker, 10)).length).toBe(0);
}

function leave(clients: readonly RawClient[]): void {
  for (const client of clients) client.close();
}

describe("over all workers", () => {
  const shared = useSaker({
    site: SITE,
    config: `num_workers = ${WORKERS}\nmax_connections_per_ip = ${LIMIT}\nmax_connections = 64`,
  });

  test("as many connections of a client are open as it says, and not one more", async () => {
    const open = await enter(shared.saker, 10);
    expect(open.length).toBe(LIMIT);
    leave(open.splice(1, 2));
    await enterUpTo(shared.saker, open, LIMIT);
    for (const client of open) expect((await client.request(GET)).status).toBe(200);
    leave(open);
  });

  test("those of a worker that is killed count no longer, those of the others do", async () => {
    const { saker } = shared;
    const open: RawClient[] = [];
    await enterUpTo(saker, open, LIMIT);
    for (const pid of saker.workerPids()) {
      if (open.length < LIMIT) break;
      process.kill(pid, "SIGKILL");
      await saker.workersSettled(WORKERS, [pid]);
      open.splice(0, Infinity, ...open.filter((client) => client.ending === "open"));
    }
    expect(open.length).toBeLessThan(LIMIT);
    await enterUpTo(saker, open, LIMIT);
    leave(open);
  });
});

test("after reloads: those of former workers count, a limit that is turned on or changed holds from then on", async () => {
  await using saker = await startSaker({ site: SITE });
  const reload = async (config: string, workers: number, old: readonly number[] = saker.workerPids()) => {
    await saker.configure(config);
    saker.signal("SIGHUP");
    await saker.printed(new RegExp(`reload: ${workers} workers? serves?`));
    return old;
  };
  await reload(`max_connections_per_ip = ${LIMIT}\nnum_workers = 2`, 2);
  const open: RawClient[] = [];
  await enterUpTo(saker, open, LIMIT);
  // Their worker lives until they have all of it.
  for (const client of open) {
    await client.send(requestOctets("/large.bin"));
    await client.waitFor(1000);
    client.pause();
  }

  await reload(`max_connections_per_ip = ${LIMIT - 1}\nnum_workers = 3`, 3);
  expect((await enter(saker, 10)).length).toBe(0);
  leave(open.splice(0, 2));
  await enterUpTo(saker, open, LIMIT - 1);
  leave(open);
});
