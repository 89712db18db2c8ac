/** Workers that die, hang or can't run; a master that dies. No connection is refused, nothing is left behind. */
import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { until } from "../support/deadline.ts";
import { startLoad } from "../support/load.ts";
import { randomOctets } from "../support/octets.ts";
import { isAlive } from "../support/processes.ts";
import { requestOctets, spawnSaker, startSaker } from "../support/saker.ts";

const LARGE = randomOctets(4 << 20, 1);
const SITE = { "index.html": "home", "large.bin": LARGE };
const TARGETS = { "/": "home", "/large.bin": LARGE };

describe("a worker dies under load", () => {
  test.each([1, 2])("with %d workers: no connection is refused, and what was on others goes on", async (workers) => {
    await using saker = await startSaker({ config: `num_workers = ${workers}`, site: SITE });
    await using load = startLoad({ port: saker.port, clients: 12, targets: { "/": "home" } });
    for (let round = 0; round < 2; round++) {
      const answered = load.report.answered;
      await until(() => load.report.answered > answered + 200, "the load runs");
      const pids = saker.workerPids();
      process.kill(pids[round % pids.length]!, "SIGKILL");
      await saker.workersSettled(workers, [pids[round % pids.length]!]);
    }
    const answered = load.report.answered;
    await until(() => load.report.answered > answered + 200, "the load goes on");
    const report = await load.stop();
    expect(report.refused).toBe(0);
    // Only those whose connection died with its worker, each at most once per kill.
    expect(report.turnedAway + report.unanswered + report.broken.length).toBeLessThanOrEqual(12 * 2);
    // And the master told what it was doing.
    await saker.printed(/worker 0.*(SIGKILL|killed|signal)/i);
    expect(saker.stderr + saker.stdout).toMatch(/GET \//);
  });

  test("a connection that waits in the backlog is answered by the successor", async () => {
    await using saker = await startSaker({ config: "num_workers = 1", site: SITE });
    const [victim] = saker.workerPids();
    process.kill(victim!, "SIGSTOP");
    await using client = await saker.connect();
    await client.send(requestOctets("/"));
    process.kill(victim!, "SIGKILL");
    expect((await client.readResponse()).text).toBe("home");
  });
});

test.concurrent(
  "a worker that gets SIGTERM from outside finishes what is in flight, and another one serves at once",
  async () => {
    await using saker = await startSaker({ config: "num_workers = 1", site: SITE });
    const [leaving] = saker.workerPids();
    await using slow = await saker.connect({ receiveBufferOctets: 65_536 });
    await slow.send(requestOctets("/large.bin"));
    await slow.waitFor(1000);
    slow.pause();
    process.kill(leaving!, "SIGTERM");
    await until(() => saker.workerPids().length === 2, "there is another worker");
    await using client = await saker.connect();
    expect((await client.request(requestOctets("/"))).text).toBe("home");
    expect(isAlive(leaving!)).toBe(true);
    slow.resume();
    expect(Buffer.compare((await slow.readResponse()).body, LARGE)).toBe(0);
    // Either might ask for something else, and the second may have come to the worker that leaves.
    slow.close();
    client.close();
    await saker.workersSettled(1, [leaving!]);
    expect(saker.stderr + saker.stdout).not.toContain("died");
  },
);

describe("a worker hangs", () => {
  test.concurrent("it is killed and replaced, and clients that waited for it are answered", async () => {
    await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
    const [victim, other] = saker.workerPids();
    process.kill(victim!, "SIGSTOP");
    const clients = await Promise.all(Array.from({ length: 8 }, () => saker.connect()));
    for (const client of clients) client.sendCarelessly(requestOctets("/"));
    const responses = await Promise.all(clients.map((client) => client.readResponse().catch(() => null)));
    // Connections the hung worker had not accepted yet are its successor's.
    expect(responses.map((response) => response?.text)).toEqual(Array.from({ length: 8 }, () => "home"));
    await until(() => !isAlive(victim!), "the hung worker is ended");
    expect(await saker.workersSettled(2, [victim!])).toContain(other!);
    await saker.printed(/heartbeat|hung|unresponsive|no sign of life/i);
    for (const client of clients) client.close();
  });

  test.concurrent("/health is 200 when it has been replaced", async () => {
    await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
    const [victim] = saker.workerPids();
    process.kill(victim!, "SIGSTOP");
    await until(() => !isAlive(victim!), "the hung worker is ended");
    await until(async () => (await saker.get("/health")).status === 200, "it has been replaced");
    expect(saker.workerPids().length).toBe(2);
  });
});

describe("a worker can't live", () => {
  test.concurrent("more deaths than max_restarts end the server with one clear error", async () => {
    await using saker = await startSaker({
      config: "num_workers = 1\nmax_restarts = 3\nrestart_window_seconds = 60",
      site: SITE,
    });
    const seen = new Set<number>();
    const ending = saker.exited;
    let hasEnded = false;
    void ending.then(() => (hasEnded = true));
    await until(
      () => {
        for (const pid of saker.workerPids()) {
          if (seen.has(pid)) continue;
          seen.add(pid);
          process.kill(pid, "SIGKILL");
        }
        return hasEnded;
      },
      () => `the server gives up\n${saker.output}`,
      20_000,
    );
    expect(await ending).toBe(1);
    expect(seen.size).toBe(4);
    expect(saker.stderr).toMatch(/restart/i);
    for (const pid of seen) expect(isAlive(pid)).toBe(false);
    expect(existsSync(saker.statsFile)).toBe(false);
  });
});

describe("the master is killed", () => {
  test.concurrent.each(["SIGKILL", "SIGSEGV"] as const)("%s leaves no worker behind", async (signal) => {
    await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
    await using idle = await saker.connect();
    await idle.request(requestOctets("/"));
    const workers = saker.workerPids();
    expect(workers.length).toBe(2);
    saker.signal(signal);
    await until(() => workers.every((pid) => !isAlive(pid)), "every worker is gone");
    // The port is free for the next one at once.
    await using next = await startSaker({ site: saker.site, config: `port = ${saker.port}` });
    expect((await next.get("/")).text).toBe("home");
  });

  test.concurrent(
    "what it left is no obstacle for the next one: port, statistics, pid file, control socket",
    async () => {
      const files = (folder: string) => `stats_file = "${folder}/stats"\npid_file = "${folder}/pid"`;
      await using saker = await startSaker({ config: ({ folder }) => files(folder), site: SITE });
      const workers = saker.workerPids();
      for (const pid of workers) process.kill(pid, "SIGSTOP");
      saker.signal("SIGKILL");
      expect(existsSync(saker.site.beside("stats.control"))).toBe(true);
      const config = `${files(saker.site.folder)}\nport = ${saker.port}`;
      await using next = await spawnSaker({ site: saker.site, config });
      // The port is its workers' until they have let go of it.
      await next.printed(/workers of a master that was killed still hold the port/);
      for (const pid of workers) process.kill(pid, "SIGCONT");
      await next.printed(/listening on/);
      next.port = saker.port;
      expect((await next.metrics()).sum("http_responses_total")).toBe(0);
      expect(await next.stop()).toBe(0);
      expect(next.stderr).not.toMatch(/WARN (?!.*hold the port)|ERROR/);
      for (const name of ["stats", "pid", "stats.control"]) expect(existsSync(saker.site.beside(name))).toBe(false);
    },
  );

  test.concurrent("a response that is under way is still finished", async () => {
    await using saker = await startSaker({
      config: "num_workers = 1",
      site: { "large.bin": randomOctets(12 << 20, 2) },
    });
    await using client = await saker.connect({ receiveBufferOctets: 32_768 });
    await client.send(requestOctets("/large.bin"));
    await client.waitFor(1000);
    client.pause();
    const [worker] = saker.workerPids();
    saker.signal("SIGKILL");
    client.resume();
    const response = await client.readResponse();
    expect(Buffer.compare(response.body, randomOctets(12 << 20, 2))).toBe(0);
    await until(() => !isAlive(worker!), "the worker is gone");
  });
});

test("under load of large files a killed worker never makes a wrong answer", async () => {
  await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
  await using load = startLoad({ port: saker.port, clients: 6, targets: TARGETS });
  await until(() => load.report.answered > 30, "the load runs");
  const [victim] = saker.workerPids();
  process.kill(victim!, "SIGKILL");
  await saker.workersSettled(2, [victim!]);
  const answered = load.report.answered;
  await until(() => load.report.answered > answered + 30, "the load goes on");
  const report = await load.stop();
  expect(report.refused).toBe(0);
  for (const what of report.broken) expect(what).toMatch(/ResponseError: (reset|closed)/);
});
