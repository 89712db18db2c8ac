/** `saker ctl` and `saker upgrade` against a running server, from source. */
import { describe, expect, test } from "bun:test";
import { existsSync, statSync } from "node:fs";
import { until } from "../support/deadline.ts";
import { runSaker, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const server = useSaker({
  site: { "index.html": "home" },
  config: ({ folder }) => `pid_file = "${folder}/pid"\n[control]\nsocket = "${folder}/control"`,
});

const ctl = (...args: string[]) => runSaker(["ctl", ...args]);
const socketOf = () => server.saker.site.beside("control");
const ask = async (...args: string[]) => (await ctl(...args, "--socket", socketOf())).stdout.trim();

describe("the server is found", () => {
  test.each<[string, () => string[]]>([
    ["by its socket", () => ["--socket", socketOf()]],
    ["by its process", () => ["--pid", String(server.saker.pid)]],
    ["by its pid file", () => ["--pid-file", server.saker.site.beside("pid")]],
    ["by its configuration", () => ["--config", server.saker.configFile]],
    ["by a setting", () => ["--control-socket", socketOf()]],
  ])("%s", async (_what, args) => {
    const { stdout, exitCode } = await ctl("ping", ...args());
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining(`(pid ${server.saker.pid})`)]);
  });

  test.each<[string, string[], RegExp]>([
    ["no socket there", ["--socket", "/nowhere/control"], /there is no control socket \/nowhere\/control/],
    ["no such pid file", ["--pid-file", "/nowhere/pid"], /pid_file \/nowhere\/pid can't be read \(ENOENT\)/],
    ["a process without one", ["--pid", String(process.pid)], /process \d+ has no control socket/],
    ["no number", ["--pid", "x"], /--pid must be a positive number/],
    ["turned off", ["--no-control-enabled"], /the control socket is turned off/],
  ])("or not: %s", async (_what, args, line) => {
    const { exitCode, stderr } = await ctl("PING", ...args);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(line);
  });
});

test("it is a socket with mode 0600", () => {
  expect((statSync(socketOf()).mode & 0o7777).toString(8)).toBe("600");
});

test("statistics and health are those of the endpoints", async () => {
  const [stats, health] = [JSON.parse(await ask("stats")), JSON.parse(await ask("health"))];
  expect(Object.keys(stats)).toEqual(Object.keys(JSON.parse((await server.saker.get("/stats")).text) as object));
  expect(health).toMatchObject({ status: "healthy", workers: 1 });
});

test("purge: what was cached is read again", async () => {
  await until(async () => (await server.saker.get("/")).field("X-Cache") === "HIT", "it is cached");
  expect(await ask("PURGE")).toMatch(/^generation \d+ of the cache$/);
  await until(async () => (await server.saker.get("/")).field("X-Cache") === "MISS", "it is forgotten");
});

test("another number of workers, until the next reload", async () => {
  const [first] = server.saker.workerPids();
  expect(await ask("workers", "2")).toMatch(/^2 workers serve/);
  expect(server.saker.workerPids()).toContain(first!);
  const ready = JSON.parse(await ask("WORKERS")).filter(({ state }: { state: string }) => state === "ready");
  expect(ready.map(({ worker }: { worker: number }) => worker)).toEqual([0, 1]);
  expect(await ask("reload")).toMatch(/^1 worker serves/);
});

test("a reload that is refused says why", async () => {
  await server.saker.configure(`num_workers = "many"`);
  const { exitCode, stderr } = await ctl("reload", "--socket", socketOf());
  expect([exitCode, stderr]).toEqual([1, expect.stringMatching(/^saker: \S+\.toml:\d+:\d+: num_workers must be/)]);
  expect(await ask("ping")).toStartWith("saker");
});

test("an upgrade is answered by the new program, or refused", async () => {
  const upgrade = () => runSaker(["upgrade", "--socket", socketOf()]);
  expect(await upgrade()).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/can't take over: .*num_workers/),
  });
  await server.saker.configure(`[control]\nsocket = "${socketOf()}"`);
  const upgraded = { exitCode: 0, stdout: expect.stringMatching(/^upgraded from/) };
  expect(await Promise.all([upgrade(), upgrade()])).toMatchObject([upgraded, upgraded]);
  expect((await server.saker.get("/")).text).toBe("home");
});

test("the socket goes elsewhere by a reload, and with the server", async () => {
  const other = server.saker.site.beside("other");
  await server.saker.configure(`[control]\nsocket = "${other}"`);
  expect((await ctl("reload", "--socket", socketOf())).exitCode).toBe(0);
  await until(() => existsSync(other) && !existsSync(socketOf()), "it is there");
  await server.saker.configure(`[control]\nenabled = false`);
  expect((await ctl("reload", "--socket", other)).exitCode).toBe(0);
  await until(() => !existsSync(other), "there is none");
});

test("stop, through the default socket", async () => {
  await using saker = await startSaker({ site: server.saker.site });
  const path = `${saker.statsFile}.control`;
  expect(await ctl("stop", "--socket", path)).toMatchObject({ exitCode: 0, stdout: "stopping\n" });
  expect(await saker.exited).toBe(0);
  expect(existsSync(path)).toBe(false);
});
