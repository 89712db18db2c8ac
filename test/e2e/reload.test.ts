/** SIGHUP: a new configuration without losing a request; a wrong one changes nothing. */
import { describe, expect, test } from "bun:test";
import { until } from "../support/deadline.ts";
import { NOTHING_LOST, startLoad } from "../support/load.ts";
import { firstDifference, randomOctets } from "../support/octets.ts";
import { isAlive } from "../support/processes.ts";
import { requestOctets, type Saker, startSaker } from "../support/saker.ts";

const LARGE = randomOctets(12 << 20, 1);
const MEDIUM = randomOctets(300_000, 2);
const SITE = { "index.html": "home", "medium.bin": MEDIUM, "large.bin": LARGE };

/** Reloads and waits until the old workers are gone and as many new ones serve. */
async function reload(saker: Saker, workers: number): Promise<void> {
  const old = saker.workerPids();
  saker.signal("SIGHUP");
  await saker.workersSettled(workers, old);
}

test("under load no request fails, over several reloads", async () => {
  await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
  await using load = startLoad({ port: saker.port, clients: 16, targets: { "/": "home", "/medium.bin": MEDIUM } });
  for (let round = 0; round < 3; round++) {
    const answered = load.report.answered;
    await until(() => load.report.answered > answered + 300, "the load runs");
    await reload(saker, 2);
  }
  const answered = load.report.answered;
  await until(() => load.report.answered > answered + 300, "the load goes on");
  const report = await load.stop();
  expect(report).toMatchObject(NOTHING_LOST);
});

test("connection per request under load: none is refused or reset", async () => {
  await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
  await using load = startLoad({
    port: saker.port,
    clients: 8,
    targets: { "/": "home" },
    lines: ["Connection: close"],
  });
  for (let round = 0; round < 2; round++) {
    const answered = load.report.answered;
    await until(() => load.report.answered > answered + 200, "the load runs");
    await reload(saker, 2);
  }
  const report = await load.stop();
  expect(report).toMatchObject(NOTHING_LOST);
});

test("new settings hold from then on; a response under way is finished under the old ones", async () => {
  await using saker = await startSaker({ config: `server_header = "old"`, site: SITE });
  await using slow = await saker.connect({ receiveBufferOctets: 16_384 });
  await slow.send(requestOctets("/large.bin"));
  await slow.waitFor(1000);
  slow.pause();

  await saker.configure(`server_header = "new"\nnum_workers = 2`);
  const [old] = saker.workerPids();
  saker.signal("SIGHUP");
  // Both answer for a moment: a client on its way to the old worker is still answered by it.
  await until(async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => saker.get("/")));
    return answers.every((response) => response.field("Server") === "new");
  }, "the new settings hold");

  // The old worker lives as long as its client needs it.
  expect(isAlive(old!)).toBe(true);
  slow.resume();
  const response = await slow.readResponse();
  expect(response.field("Server")).toBe("old");
  expect(firstDifference(response.body, LARGE)).toBeNull();
  slow.close();
  await until(() => !isAlive(old!), "the old worker is gone");
  expect((await saker.workersSettled(2, [old!])).length).toBe(2);
});

test.each([
  [1, 3],
  [3, 1],
])("from %d workers to %d", async (before, after) => {
  await using saker = await startSaker({ config: `num_workers = ${before}`, site: SITE });
  await using load = startLoad({ port: saker.port, clients: 8, targets: { "/": "home" } });
  await until(() => load.report.answered > 100, "the load runs");
  await saker.configure(`num_workers = ${after}`);
  await reload(saker, after);
  const answered = load.report.answered;
  await until(() => load.report.answered > answered + 200, "the load goes on");
  const report = await load.stop();
  expect(report).toMatchObject(NOTHING_LOST);
  await until(async () => {
    const health = JSON.parse((await saker.get("/health")).text) as { status: string; workers: number };
    return health.status === "healthy" && health.workers === after;
  }, `/health tells of ${after} workers`);
});

test("another document root", async () => {
  await using saker = await startSaker({ site: { ...SITE, "../other/index.html": "elsewhere" } });
  expect((await saker.get("/")).text).toBe("home");
  await saker.configure(`document_root = ${JSON.stringify(saker.site.beside("other"))}`);
  await reload(saker, 1);
  expect((await saker.get("/")).text).toBe("elsewhere");
});

describe("a broken reload keeps the old configuration and says why", () => {
  test.each([
    ["an unknown key", () => "sever_header = 1", /saker-.*\.toml:\d+:\d+: .*sever_header.*server_header/],
    ["bad syntax", () => "= =", /saker-.*\.toml:\d+:\d+/],
    ["a value out of range", () => "num_workers = 0", /num_workers/],
    ["a missing root", () => `document_root = "/no/such/folder"`, /\/no\/such\/folder/],
    ["a log that can't be opened", () => `access_log = "/no/such/folder/access.log"`, /access\.log/],
  ])("%s", async (_, config, pattern) => {
    await using saker = await startSaker({ config: `server_header = "old"`, site: SITE });
    await using load = startLoad({ port: saker.port, clients: 2, targets: { "/": "home" } });
    const before = saker.workerPids();
    await saker.configure(config());
    saker.signal("SIGHUP");
    await saker.printed(pattern);
    expect((await saker.get("/")).field("Server")).toBe("old");
    expect(saker.workerPids()).toEqual(before);

    // And a good one is taken after it.
    await saker.configure(`server_header = "new"`);
    saker.signal("SIGHUP");
    await until(async () => (await saker.get("/")).field("Server") === "new", "the new settings hold");
    const report = await load.stop();
    expect(report).toMatchObject(NOTHING_LOST);
  });
});

test("many SIGHUPs in a row end in one settled server", async () => {
  await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
  const first = saker.workerPids();
  await using load = startLoad({ port: saker.port, clients: 4, targets: { "/": "home" } });
  for (let round = 0; round < 6; round++) {
    saker.signal("SIGHUP");
    await Bun.sleep(20);
  }
  await saker.workersSettled(2, first);
  await until(async () => (await saker.get("/health")).status === 200, "it is healthy");
  const report = await load.stop();
  expect(report).toMatchObject(NOTHING_LOST);
});
