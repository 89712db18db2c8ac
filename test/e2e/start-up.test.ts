/** The command line: what starts, what it says, and what is refused with one line, the right code and nothing left behind. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT } from "../support/executable.ts";
import { processesWithEnvironment } from "../support/processes.ts";
import { runSaker, spawnSaker, startSaker, temporaryStatsFile } from "../support/saker.ts";
import { createSite, type Site } from "../support/site.ts";
import { asNobody } from "../support/unprivileged.ts";
import { useSaker } from "../support/use-saker.ts";

/** An error is told within this time. */

const VERSION = (JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as { version: string }).version;

let site: Site;

beforeAll(async () => {
  site = await createSite({
    "index.html": "home",
    "../file.txt": "not a folder",
    "../closed": { folder: true },
    "../unknown-key.toml": 'host = "127.0.0.1"\n\ndocument_rot = "x"\n',
    "../wrong-type.toml": "# a comment\nport = true\n",
    "../bad-value.toml": "port = 8080\n  num_workers = 0\n",
    "../bad-choice.toml": 'access_log_format = "comined"\n',
    "../bad-syntax.toml": 'host = "127.0.0.1"\nport = = 80\n',
    "../twice.toml": "port = 1\nport = 2\n",
    "../unknown-table.toml": "[complession]\nlevel = 1\n",
    "../good.toml": 'document_root = "root"\nport = 0\n',
  });
  chmodSync(site.beside("closed"), 0o000);
});

afterAll(() => site[Symbol.asyncDispose]());

describe("what starts", () => {
  test("`saker DIR` serves DIR and says what, where and by how many workers", async () => {
    await using saker = await startSaker({ site, config: "num_workers = 2", args: [site.root] });
    expect((await saker.get("/")).text).toBe("home");
    expect(saker.stderr).toContain(site.root);
    expect(saker.stderr).toContain(`http://127.0.0.1:${saker.port}`);
    expect(saker.stderr).toMatch(/2 workers/);
    expect(saker.stderr).toMatch(/dotfiles/i);
    expect(saker.stderr).toMatch(/symlinks|symbolic links/i);
    expect(saker.stderr.split("\n").filter((line) => /WARN|ERROR/.test(line))).toEqual([]);
  });

  test("flags win over variables, variables over the file", async () => {
    const config = 'server_header = "file"\nkeepalive_requests = 5\nindex = ["none"]';
    await using saker = await startSaker({
      site,
      config,
      env: { SAKER_SERVER_HEADER: "variable", SAKER_INDEX: "index.html" },
      args: ["--server-header", "flag"],
    });
    const response = await saker.get("/");
    expect([response.text, response.field("Server")]).toEqual(["home", "flag"]);
  });

  test("pid_file holds the master's process id while it runs", async () => {
    const pidFile = site.beside("saker.pid");
    await using saker = await startSaker({ site, config: `pid_file = ${JSON.stringify(pidFile)}` });
    expect(readFileSync(pidFile, "utf8").trim()).toBe(String(saker.pid));
    // A second server would take it away from the first one.
    const { exitCode, stderr } = await runSaker([site.root, "--port=0", `--pid-file=${pidFile}`]);
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining(`running (pid ${saker.pid}); give this one another`),
    ]);
    expect(readFileSync(pidFile, "utf8").trim()).toBe(String(saker.pid));
    expect(await saker.stop()).toBe(0);
    expect(existsSync(pidFile)).toBe(false);
  });

  test("without stats_file it chooses one, and removes it at the end", async () => {
    await using saker = await startSaker({ site, omit: ["stats_file"] });
    const maps = readFileSync(`/proc/${saker.pid}/maps`, "latin1");
    const chosen = /\S*saker\S*\.stats\b/.exec(maps)![0];
    expect(existsSync(chosen)).toBe(true);
    expect(await saker.stop()).toBe(0);
    expect(existsSync(chosen)).toBe(false);
  });

  test.each(["version", "--version", "-V"])("%s prints the version", async (argument) => {
    const { exitCode, stdout, stderr } = await runSaker([argument]);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(VERSION);
    expect(stdout.trim().split("\n").length).toBe(1);
  });

  test.each(["--help", "-h", "help", "serve --help", "check --help", "health --help"])("%s explains", async (line) => {
    const { exitCode, stdout, stderr } = await runSaker(line.split(" "));
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/usage/i);
  });

  test("check finds a good configuration good, and binds nothing", async () => {
    const { exitCode, stderr } = await runSaker(["check", "--config", site.beside("good.toml")]);
    expect([exitCode, stderr]).toEqual([0, ""]);
  });

  test("check finds a bad one bad, with the same line as serve", async () => {
    const config = ["--config", site.beside("unknown-key.toml")];
    const [check, serve] = await Promise.all([runSaker(["check", ...config]), runSaker(["serve", ...config])]);
    expect([check.exitCode, serve.exitCode]).toEqual([2, 2]);
    expect(check.stderr).toBe(serve.stderr);
  });
});

describe("health", () => {
  const server = useSaker();

  test("is 0 for a server that is well", async () => {
    const result = await runSaker(["health", "--host", "127.0.0.1", "--port", String(server.saker.port)]);
    expect([result.exitCode, result.stderr]).toEqual([0, ""]);
  });

  test("is 1 where nothing listens", async () => {
    await using gone = await startSaker();
    await gone.stop();
    const result = await runSaker(["health", "--host", "127.0.0.1", "--port", String(gone.port)]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr.trim().split("\n").length).toBe(1);
  });
});

/** Runs a start that must fail, and checks that it leaves nothing: no process, no statistics, no pid file. */
async function expectRefusal(
  args: string[],
  exitCode: number,
  pattern: RegExp,
  options: Parameters<typeof runSaker>[1] = {},
) {
  const statsFile = temporaryStatsFile();
  const pidFile = site.beside(`refused-${crypto.randomUUID()}.pid`);
  const own = [
    ...(args.includes("--stats-file") ? [] : ["--stats-file", statsFile]),
    ...(args.includes("--pid-file") ? [] : ["--pid-file", pidFile]),
  ];
  const marker = crypto.randomUUID();
  const result = await runSaker([...args, ...own], {
    cwd: site.folder,
    ...options,
    env: { ...options.env, TEST_MARKER: marker },
  });
  expect(result.stderr).toMatch(pattern);
  expect(result.stderr.trim().split("\n").length).toBe(1);
  expect(result.exitCode).toBe(exitCode);
  expect(existsSync(statsFile)).toBe(false);
  expect(existsSync(pidFile)).toBe(false);
  expect(processesWithEnvironment(marker)).toEqual([]);
}

describe("what was asked for is wrong: exit code 2", () => {
  test.each([
    ["an unknown key", "unknown-key.toml", /unknown-key\.toml:3:1: .*document_rot.*document_root/],
    ["a wrong type", "wrong-type.toml", /wrong-type\.toml:2:\d+: .*port.*true/],
    ["a value out of range", "bad-value.toml", /bad-value\.toml:2:\d+: .*num_workers/],
    ["no such choice", "bad-choice.toml", /bad-choice\.toml:1:\d+: .*access_log_format.*combined/],
    ["bad syntax", "bad-syntax.toml", /bad-syntax\.toml:2:\d+: /],
    ["a key given twice", "twice.toml", /twice\.toml:2:\d+: .*port/],
    ["an unknown table", "unknown-table.toml", /unknown-table\.toml:1:\d+: .*complession/],
  ])("%s in the file", (_, file, pattern) => expectRefusal(["--config", site.beside(file)], 2, pattern));

  test.each([
    ["an unknown flag", ["--prot", "80"], /--prot.*--port/],
    ["a bad value", ["--port", "abc"], /--port.*abc/],
    ["a port out of range", ["--port", "65536"], /--port.*65536/],
    ["a flag without its value", ["--port"], /--port/],
    ["no workers", ["--workers", "0"], /--workers.*0/],
  ])("%s on the command line", (_, args, pattern) => expectRefusal([site.root, ...args], 2, pattern));

  test.each([
    ["a bad value", { SAKER_PORT: "abc" }, /SAKER_PORT.*abc/],
    ["an unknown name", { SAKER_PROT: "80" }, /SAKER_PROT.*SAKER_PORT/],
  ])("%s in a variable", (_, env, pattern) => expectRefusal([site.root, "--port", "0"], 2, pattern, { env }));
});

describe("something is in the way: exit code 1", () => {
  const base = () => [site.root, "--host", "127.0.0.1", "--port", "0"];

  test("no such configuration file", () => expectRefusal(["--config", "nowhere.toml"], 1, /nowhere\.toml/));
  test("no such folder", () => expectRefusal(["nowhere", "--port", "0"], 1, /nowhere/));
  test("no such document root", () => expectRefusal(["--document-root", "nowhere", "--port", "0"], 1, /nowhere/));
  test("a file for a folder", () => expectRefusal(["file.txt", "--port", "0"], 1, /file\.txt.*(file|folder)/));
  test("a variable of an upgrade that is none", () =>
    expectRefusal(base(), 1, /SAKER_HAND_OVER .*unset it/, { env: { SAKER_HAND_OVER: "99" } }));
  test("an address of another machine", () =>
    expectRefusal([site.root, "--host", "192.0.2.1", "--port", "0"], 1, /192\.0\.2\.1/));
  test("a log in no folder", () => expectRefusal([...base(), "--access-log", "no/such/access.log"], 1, /access\.log/));
  test("an error log that is a folder", () => expectRefusal([...base(), "--error-log", site.root], 1, /root/));
  test("a pid file in no folder", () => expectRefusal([...base(), "--pid-file", "no/such/pid"], 1, /no\/such\/pid/));
  test("a stats file in no folder", () =>
    expectRefusal([...base(), "--stats-file", "no/such/stats"], 1, /no\/such\/stats/));
  test("no such user", () => expectRefusal([...base(), "--user", "no-such-user-here"], 1, /no-such-user-here/));

  test.skipIf(asNobody() === null)("a root that can't be read", () =>
    expectRefusal([site.beside("closed"), "--port", "0"], 1, /closed/, { wrapper: asNobody()! }),
  );

  describe("the port is in use", () => {
    test.each([
      ["by another program, on the same address", "127.0.0.1", "127.0.0.1"],
      ["by another program, on every address", "0.0.0.0", "127.0.0.1"],
      ["by another program, on one address of all", "127.0.0.1", "0.0.0.0"],
    ])("%s", async (_, theirs, ours) => {
      using other = Bun.listen({ hostname: theirs, port: 0, socket: { data() {} } });
      await expectRefusal(
        [site.root, "--host", ours, "--port", String(other.port)],
        1,
        new RegExp(`${other.port}.*in use`),
      );
    });

    test("by another saker, which doesn't notice", async () => {
      await using saker = await startSaker({ site, config: "num_workers = 2" });
      for (const host of ["127.0.0.1", "0.0.0.0"]) {
        await expectRefusal(
          [site.root, "--host", host, "--port", String(saker.port)],
          1,
          new RegExp(`${saker.port}.*in use`),
        );
      }
      for (let round = 0; round < 20; round++) expect((await saker.get("/")).text).toBe("home");
    });

    test("by the admin endpoints' own address", async () => {
      using other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
      const args = [...base(), "--admin-listen", `127.0.0.1:${other.port}`];
      await expectRefusal(args, 1, new RegExp(`${other.port}.*in use`));
    });
  });

  test("a port that was in use is free again once its server has stopped", async () => {
    await using first = await startSaker({ site });
    await first.stop();
    await using second = await startSaker({ site, config: `port = ${first.port}` });
    expect(second.port).toBe(first.port);
  });
});

test("a pid file of a server that died is no obstacle, and a folder of an odd name is served", async () => {
  const folder = site.beside("with space & 'quotes'");
  mkdirSync(folder);
  writeFileSync(join(folder, "index.html"), "odd");
  const pidFile = site.beside("stale.pid");
  writeFileSync(pidFile, "999999999\n");
  await using saker = await startSaker({ site, config: `pid_file = ${JSON.stringify(pidFile)}`, args: [folder] });
  expect((await saker.get("/")).text).toBe("odd");
});

test("standard output on a full disk is no reason not to serve", async () => {
  await using saker = await spawnSaker({ wrapper: ["sh", "-c", `exec "$@" > /dev/full`, "sh"] });
  await saker.printed(/INFO workers/);
  saker.signal("SIGHUP");
  await saker.printed(/1 worker serves the new configuration/);
  expect(await saker.stop()).toBe(0);
});

test("a root with nothing to show for / is told to the operator, and to nobody else", async () => {
  await using saker = await startSaker({ site: { "a.txt": "a" } });
  await saker.printed(/INFO there is no index\.html in .*, and directory_listing is off: \/ is answered with 404/);
  const page = await saker.get("/", ["Accept: text/html"]);
  expect(page.status).toBe(404);
  expect(page.text).not.toMatch(/listing|<a /);
});
