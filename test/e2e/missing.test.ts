/** What a worker doesn't find when it takes a dead one's place is no reason to end: others have served with these settings. */
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { until } from "../support/deadline.ts";
import { requestOctets, type Saker, startSaker } from "../support/saker.ts";

const SITE = { "index.html": "home", "../other/index.html": "other" };

/** Kills all workers and waits for as many others. */
async function replaceWorkers(saker: Saker): Promise<void> {
  const pids = saker.workerPids();
  for (const pid of pids) process.kill(pid, "SIGKILL");
  await saker.workersSettled(pids.length, pids);
  const health = async () => (await saker.get("/health").catch(() => null))?.status;
  await until(async () => (await health()) === 200, "all workers serve again");
}

test("document roots: a worker answers without them, and new ones serve them when they are back", async () => {
  await using saker = await startSaker({
    site: SITE,
    config: ({ folder }) => `max_restarts = 2
      num_workers = 2
      [[virtual_host]]
      names = ["other.example"]
      root = "${folder}/other"`,
  });
  const { site } = saker;
  const other = async () => {
    await using client = await saker.connect();
    return await client.request("GET / HTTP/1.1\r\nHost: other.example\r\n\r\n");
  };
  for (const name of ["root", "other"]) renameSync(site.beside(name), site.beside(`${name}.away`));
  await replaceWorkers(saker);
  expect((await saker.get("/")).status).toBe(404);
  expect((await other()).status).toBe(404);
  await saker.printed(/WARN .*root, .*other missing: worker \d answers without/);
  expect(saker.stderr.match(/missing: worker/g)).toHaveLength(1);
  // A reload says what is wrong and changes nothing, as ever.
  saker.signal("SIGHUP");
  await saker.printed(/reload refused.*root does not exist/);
  for (const name of ["root", "other"]) renameSync(site.beside(`${name}.away`), site.beside(name));
  await until(
    async () => (await saker.get("/")).text === "home" && (await other()).text === "other",
    "both are served",
  );
  await saker.printed(/is there again: new workers serve it/);
  expect(saker.stderr).not.toContain("died: exit code");
});

test("log files and the statistics' name", async () => {
  await using saker = await startSaker({
    site: SITE,
    config: ({ folder }) => `max_restarts = 1
      access_log = "${folder}/log/access.log"
      error_log = "${folder}/log/error.log"`,
    omit: ["access_log"],
    wrapper: ["sh", "-c", `mkdir log; exec "$@"`, "sh"],
  });
  const { site } = saker;
  await saker.get("/before");
  const before = (await saker.metrics()).sum("http_responses_total");
  rmSync(site.beside("log"), { recursive: true });
  rmSync(saker.statsFile);
  await replaceWorkers(saker);
  await using client = await saker.connect();
  expect((await client.request(requestOctets("/"))).text).toBe("home");
  expect((await saker.metrics()).sum("http_responses_total")).toBeGreaterThan(before);
  await saker.printed(/cannot open the log .*access\.log: ENOENT/);
  // Back again: the next reload opens them.
  mkdirSync(site.beside("log"));
  saker.signal("SIGHUP");
  await until(() => existsSync(site.beside("log/access.log")), "the access log is written again");
  expect(await saker.stop()).toBe(0);
});
