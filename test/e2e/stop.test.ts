/** SIGTERM and SIGINT: finish what is under way, close what is idle, leave nothing behind, exit 0. */
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { until, within } from "../support/deadline.ts";
import { NOTHING_LOST, startLoad } from "../support/load.ts";
import { firstDifference, randomOctets } from "../support/octets.ts";
import { isAlive } from "../support/processes.ts";
import { RawClient } from "../support/raw-client.ts";
import { requestOctets, startSaker } from "../support/saker.ts";

const LARGE = randomOctets(12 << 20, 1);
const SITE = { "index.html": "home", "large.bin": LARGE };

/** Whether the kernel refuses a connection; any other failure to connect is an error. */
async function isRefused(port: number): Promise<boolean> {
  try {
    (await RawClient.connect(port)).close();
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
    return true;
  }
}

describe.each(["SIGTERM", "SIGINT"] as const)("%s", (signal) => {
  test.concurrent("an idle server ends with 0 and leaves nothing behind", async () => {
    await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
    await using idle = await saker.connect();
    await idle.request(requestOctets("/"));
    const workers = saker.workerPids();
    expect(existsSync(saker.statsFile)).toBe(true);
    saker.signal(signal);
    await idle.expectClose();
    expect(await within(saker.exited, "the server to end")).toBe(0);
    for (const pid of workers) expect(isAlive(pid)).toBe(false);
    expect(existsSync(saker.statsFile)).toBe(false);
    await expect(RawClient.connect(saker.port)).rejects.toThrow();
  });

  test.concurrent("a slow download is completed byte for byte first", async () => {
    await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
    const clients = await Promise.all(Array.from({ length: 4 }, () => saker.connect({ receiveBufferOctets: 32_768 })));
    for (const client of clients) {
      await client.send(requestOctets("/large.bin"));
      await client.waitFor(1000);
      client.pause();
    }
    saker.signal(signal);
    // New connections are no longer taken while the old ones go on.
    await until(() => isRefused(saker.port), "nothing listens any more");
    expect(isAlive(saker.pid)).toBe(true);
    for (const client of clients) client.resume();
    for (const client of clients) {
      const response = await client.readResponse();
      expect(firstDifference(response.body, LARGE)).toBeNull();
      await client.expectClose();
    }
    expect(await within(saker.exited, "the server to end")).toBe(0);
  });
});

test.concurrent("pipelined requests that were read are answered before the end", async () => {
  await using saker = await startSaker({ site: SITE });
  await using client = await saker.connect({ receiveBufferOctets: 32_768 });
  await client.send(requestOctets("/large.bin") + requestOctets("/"));
  await client.waitFor(1000);
  client.pause();
  saker.signal("SIGTERM");
  await Bun.sleep(50);
  client.resume();
  expect(firstDifference((await client.readResponse()).body, LARGE)).toBeNull();
  expect((await client.readResponse()).text).toBe("home");
  await client.expectClose();
  client.close(); // the server lingers for a client that may still be sending
  expect(await within(saker.exited, "the server to end")).toBe(0);
});

test.concurrent("under load every request that was accepted is answered", async () => {
  await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
  await using load = startLoad({ port: saker.port, clients: 16, targets: { "/": "home" } });
  await until(() => load.report.answered > 300, "the load runs");
  saker.signal("SIGTERM");
  await until(() => load.report.refused > 0, "nothing listens any more");
  const report = await load.stop();
  expect({ ...report, refused: 0 }).toMatchObject(NOTHING_LOST);
  expect(await within(saker.exited, "the server to end")).toBe(0);
});

test.concurrent("clients that have connected and said nothing yet are answered, newcomers are refused", async () => {
  await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
  const early = await Promise.all(Array.from({ length: 20 }, () => saker.connect()));
  saker.signal("SIGTERM");
  // The early ones hold the workers until they speak, or have been silent for a second.
  await until(() => isRefused(saker.port), "nothing listens any more");
  expect(saker.workerPids().every(isAlive)).toBe(true);
  const answers = await Promise.all(early.map((client) => client.request(requestOctets("/"))));
  expect(answers.map(({ text }) => text)).toEqual(early.map(() => "home"));
  for (const client of early) {
    await client.expectClose();
    client.close();
  }
  expect(await within(saker.exited, "the server to end")).toBe(0);
});

test.concurrent("a client that never says anything is closed, and not reset", async () => {
  await using saker = await startSaker({ site: SITE });
  await using silent = await saker.connect();
  saker.signal("SIGTERM");
  await silent.expectClose();
  expect(await within(saker.exited, "the server to end")).toBe(0);
});

test.concurrent("every process of the group gets SIGTERM: clients that have connected are answered, too", async () => {
  await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
  const early = await Promise.all(Array.from({ length: 20 }, () => saker.connect()));
  for (const pid of [...saker.workerPids(), saker.pid]) process.kill(pid, "SIGTERM");
  await until(() => isRefused(saker.port), "nothing listens any more");
  const answers = await Promise.all(early.map((client) => client.request(requestOctets("/"))));
  expect(answers.map(({ text }) => text)).toEqual(early.map(() => "home"));
  for (const client of early) client.close();
  expect(await within(saker.exited, "the server to end")).toBe(0);
});

test.concurrent("a second signal ends it at once", async () => {
  await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
  await using client = await saker.connect({ receiveBufferOctets: 32_768 });
  client.pause();
  await client.send(requestOctets("/large.bin"));
  const workers = saker.workerPids();
  saker.signal("SIGTERM");
  await until(() => isRefused(saker.port), "nothing listens any more");
  expect(isAlive(saker.pid)).toBe(true);
  saker.signal("SIGTERM");
  await within(saker.exited, "the server to end");
  await until(() => workers.every((pid) => !isAlive(pid)), "every worker is gone");
  expect(existsSync(saker.statsFile)).toBe(false);
});

test.concurrent("shutdown_timeout_seconds bounds the wait for a client that doesn't read", async () => {
  await using saker = await startSaker({ config: "shutdown_timeout_seconds = 0.5", site: SITE });
  await using client = await saker.connect({ receiveBufferOctets: 32_768 });
  client.pause();
  await client.send(requestOctets("/large.bin"));
  const workers = saker.workerPids();
  expect(await saker.stop()).toBe(0);
  for (const pid of workers) expect(isAlive(pid)).toBe(false);
});

test.concurrent("a signal during the start is obeyed", async () => {
  await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
  // As early as a test can know that it runs: with its first line of output.
  expect(await saker.stop()).toBe(0);
  expect(saker.workerPids()).toEqual([]);
});

test.concurrent(
  "SIGTERM sent to every process of the group, as a container runtime or a terminal does, is one stop",
  async () => {
    await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
    await using client = await saker.connect({ receiveBufferOctets: 32_768 });
    await client.send(requestOctets("/large.bin"));
    await client.waitFor(1000);
    client.pause();
    for (const pid of [...saker.workerPids(), saker.pid]) process.kill(pid, "SIGTERM");
    client.resume();
    const response = await client.readResponse();
    expect(firstDifference(response.body, LARGE)).toBeNull();
    expect(await within(saker.exited, "the server to end")).toBe(0);
  },
);
