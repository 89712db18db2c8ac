/** The compiled executable does what the sources do: serves, reloads, respawns, stops, refuses. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { until, within } from "../support/deadline.ts";
import { PROJECT, useExecutable } from "../support/executable.ts";
import { NOTHING_LOST, startLoad } from "../support/load.ts";
import { firstDifference, randomOctets } from "../support/octets.ts";
import { isAlive } from "../support/processes.ts";
import { requestOctets, runSaker, type SakerOptions, startSaker } from "../support/saker.ts";

const executable = useExecutable();
const LARGE = randomOctets(12 << 20, 1);
const SITE = { "index.html": "home", "large.bin": LARGE };

const start = (options: SakerOptions = {}) => startSaker({ site: SITE, executable: executable.path, ...options });

describe("commands", () => {
  test("version tells version, and a commit or that there is none", async () => {
    const { version } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as { version: string };
    const { exitCode, stdout } = await runSaker(["version"], { executable: executable.path });
    expect(exitCode).toBe(0);
    expect(stdout).toStartWith(`saker ${version} (`);
  });

  test("/metrics tells the same build", async () => {
    const [, version, commit] = /^saker (\S+) \(([^,]+),/.exec(
      (await runSaker(["version"], { executable: executable.path })).stdout,
    )!;
    await using saker = await start();
    const [info] = (await saker.metrics()).matching("saker_build_info");
    expect(info!.labels).toEqual({ version: version!, commit: commit! });
  });

  test.each([
    [["--help"], 0, /usage/i],
    [["help", "settings"], 0, /document_root/],
  ])("%p", async (args, exitCode, pattern) => {
    const result = await runSaker(args, { executable: executable.path });
    expect(result.exitCode).toBe(exitCode);
    expect(result.stdout).toMatch(pattern);
  });

  test.each([
    ["a missing folder", ["nowhere"], 1, /nowhere/],
    ["an unknown flag", ["--prot", "1"], 2, /--prot.*--port/],
    ["nothing to serve", ["--port", "0"], 1, /folder/],
  ])("%s is refused with one line", async (_, args, exitCode, pattern) => {
    const result = await runSaker(args, { executable: executable.path, cwd: "/" });
    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).toMatch(pattern);
    expect(result.stderr.trim().split("\n").length).toBe(1);
  });

  test("a port in use by another saker is refused", async () => {
    await using saker = await start();
    const args = [saker.site.root, "--host", "127.0.0.1", "--port", String(saker.port)];
    const result = await runSaker(args, { executable: executable.path });
    expect([result.exitCode, result.stderr.trim().split("\n").length]).toEqual([1, 1]);
    expect(result.stderr).toMatch(/in use/);
  });

  test("health asks a running server", async () => {
    await using saker = await start();
    const args = ["health", "--host", "127.0.0.1", "--port", String(saker.port)];
    expect((await runSaker(args, { executable: executable.path })).exitCode).toBe(0);
  });
});

test("serves small and large files, errors and admin endpoints over several workers", async () => {
  await using saker = await start({ config: "num_workers = 2" });
  expect(saker.workerPids().length).toBe(2);
  expect((await saker.get("/")).text).toBe("home");
  expect(firstDifference((await saker.get("/large.bin")).body, LARGE)).toBeNull();
  expect((await saker.get("/missing")).text).toContain("404");
  expect((await saker.get("/health")).status).toBe(200);
  expect((await saker.metrics()).sum("saker_worker_up")).toBe(2);
  expect((await saker.metrics()).sum("saker_sendfile_bytes_total")).toBeGreaterThan(0);
});

test("serves when it has neither PATH nor HOME, from any folder, standard input closed", async () => {
  await using saker = await start({ wrapper: ["env", "-i", "sh", "-c", 'cd / && exec "$@" <&-', "sh"] });
  expect((await saker.get("/")).text).toBe("home");
});

test("reloads under load without a failed request", async () => {
  await using saker = await start({ config: `num_workers = 2\nserver_header = "old"` });
  await using load = startLoad({ port: saker.port, clients: 8, targets: { "/": "home" } });
  await until(() => load.report.answered > 200, "the load runs");
  const old = saker.workerPids();
  await saker.configure(`num_workers = 2\nserver_header = "new"`);
  saker.signal("SIGHUP");
  await saker.workersSettled(2, old);
  expect((await saker.get("/")).field("Server")).toBe("new");
  const report = await load.stop();
  expect(report).toMatchObject(NOTHING_LOST);
});

test("replaces a killed worker", async () => {
  await using saker = await start({ config: "num_workers = 2" });
  const [victim] = saker.workerPids();
  process.kill(victim!, "SIGKILL");
  await saker.workersSettled(2, [victim!]);
  await until(async () => (await saker.metrics()).sum("saker_worker_up") === 2, "both workers are up");
  expect((await saker.metrics()).sum("saker_worker_restarts_total")).toBe(1);
});

test("SIGTERM completes a slow download, ends with 0, leaves nothing", async () => {
  await using saker = await start({ config: "num_workers = 2" });
  await using client = await saker.connect({ receiveBufferOctets: 16_384 });
  await client.send(requestOctets("/large.bin"));
  await client.waitFor(1000);
  client.pause();
  const workers = saker.workerPids();
  saker.signal("SIGTERM");
  client.resume();
  expect(firstDifference((await client.readResponse()).body, LARGE)).toBeNull();
  expect(await within(saker.exited, "the server to end")).toBe(0);
  for (const pid of workers) expect(isAlive(pid)).toBe(false);
  expect(existsSync(saker.statsFile)).toBe(false);
});

test("a killed master leaves no worker", async () => {
  await using saker = await start({ config: "num_workers = 2" });
  const workers = saker.workerPids();
  saker.signal("SIGKILL");
  await until(() => workers.every((pid) => !isAlive(pid)), "every worker is gone");
});

test("without FFI it serves the same", async () => {
  await using saker = await start({ env: { SAKER_NO_FFI: "1" }, config: "num_workers = 2" });
  for (let round = 0; round < 4; round++) {
    expect((await saker.get("/")).text).toBe("home");
    expect(firstDifference((await saker.get("/large.bin")).body, LARGE)).toBeNull();
  }
  expect(await saker.stop()).toBe(0);
});

test("compresses, and makes better what is asked for often, by starting itself", async () => {
  const words = LARGE.toString("hex", 0, 100_000).match(/.{8}/g)!;
  const page = words.map((word, index) => `<p>the word at ${index} is ${word}</p>`).join("\n");
  await using saker = await start({ site: { "page.html": page }, config: "[compression]\nupgrade_hits = 3" });
  const get = () => saker.get("/page.html", ["Accept-Encoding: br"]);
  const first = await get();
  const better = await until(
    async () => {
      const response = await get();
      return response.field("ETag") === first.field("ETag") ? null : response;
    },
    "a better variant",
    20_000,
  );
  expect(better.body.length).toBeLessThan(first.body.length);
  expect(brotliDecompressSync(better.body).toString()).toBe(page);
});
