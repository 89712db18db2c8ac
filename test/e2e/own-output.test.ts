/** Logs on the server's own output by its names in the file system, whatever is behind it: pipes, sockets, files, links. */
import { describe, expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { until } from "../support/deadline.ts";
import { requestOctets, runSaker, type Saker, type SakerOptions, spawnSaker, startSaker } from "../support/saker.ts";
import type { Site } from "../support/site.ts";

const SITE = { "index.html": "home" };
const CONFINED = ["auto", "false"] as const;

const toml = (value: string): string => (value === "false" ? value : JSON.stringify(value));

function optionsOf(access: string, confine: string, wrapper?: readonly string[]): SakerOptions {
  const config = `access_log = ${JSON.stringify(access)}\nerror_log = "/dev/stderr"\nconfine = ${toml(confine)}\n`;
  return { site: SITE, config, wrapper };
}

/** One line before the logs are reopened, one after, one by the worker that replaces a killed one. */
async function logsThroughout(saker: Saker, logged: () => string): Promise<void> {
  const linesOf = (path: string) =>
    logged()
      .split("\n")
      .filter((line) => line.includes(`"GET ${path} HTTP/1.1" 200`));
  const shows = (path: string) =>
    until(
      () => linesOf(path).length === 1,
      () => `${path} is logged\n${saker.output}`,
    );
  await saker.get("/?first");
  await shows("/?first");
  saker.signal("SIGUSR2");
  await saker.printed(/log files reopened/);
  await saker.get("/?second");
  await shows("/?second");
  const [killed] = saker.workerPids();
  process.kill(killed!, "SIGKILL");
  await saker.workersSettled(1, [killed!]);
  await saker.get("/?third");
  await shows("/?third");
  saker.signal("SIGHUP");
  await saker.printed(/serves the new configuration/);
  await saker.get("/?fourth");
  await shows("/?fourth");
  expect(await saker.stop()).toBe(0);
}

describe.each(CONFINED)("with confine = %s", (confine) => {
  test.concurrent.each(["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])("a pipe, by the name %s", async (name) => {
    await using saker = await startSaker(optionsOf(name, confine));
    await logsThroughout(saker, () => saker.stdout);
  });

  test.concurrent("a pipe, by a link in a log's place", async () => {
    const config = (site: Site) => {
      symlinkSync("/dev/stdout", site.beside("access.log"));
      return `access_log = ${JSON.stringify(site.beside("access.log"))}\nconfine = ${toml(confine)}\n`;
    };
    await using saker = await startSaker({ site: SITE, config });
    await logsThroughout(saker, () => saker.stdout);
  });

  test.concurrent("another descriptor than the standard ones", async () => {
    const wrapper = ["sh", "-c", `exec "$@" 7>&1 1>&2`, "sh"];
    await using saker = await startSaker(optionsOf("/dev/fd/7", confine, wrapper));
    await logsThroughout(saker, () => saker.stdout);
    expect(saker.stdout).not.toContain("listening on");
  });

  const hasBash = Bun.which("bash") !== null;
  test.concurrent.skipIf(!hasBash)(`a socket${hasBash ? "" : " (skipped: no bash to make one)"}`, async () => {
    let logged = "";
    const data = (_socket: Bun.Socket, octets: Buffer): void => void (logged += octets.toString());
    using journal = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data } });
    const wrapper = ["bash", "-c", `exec "$@" >/dev/tcp/127.0.0.1/${journal.port}`, "bash"];
    await using saker = await startSaker(optionsOf("/dev/stdout", confine, wrapper));
    await logsThroughout(saker, () => logged);
  });
});

test.concurrent("standard output holds nothing but the access log, whatever happens meanwhile", async () => {
  const config = 'access_log = "-"\naccess_log_format = "json"\n';
  await using saker = await startSaker({ site: SITE, config, omit: ["access_log"] });
  await saker.get("/?first");
  await until(
    () => saker.stdout.includes("?first"),
    () => `the first request is logged\n${saker.output}`,
  );
  await saker.configure(`${config}host = "127.0.0.2"\n`); // another address is announced as the first one was
  saker.signal("SIGHUP");
  await saker.printed(/serves the new configuration/);
  saker.signal("SIGUSR1");
  saker.signal("SIGUSR2");
  await saker.printed(/log files reopened/);
  const [killed] = saker.workerPids();
  process.kill(killed!, "SIGKILL");
  await saker.workersSettled(1, [killed!]);
  saker.port = Number((await saker.printed(/listening on http:\/\/127\.0\.0\.2:(\d+) /))[1]);
  await using client = await saker.connect({ host: "127.0.0.2" });
  await client.request(requestOctets("/?last"));
  expect(await saker.stop()).toBe(0);
  const lines = saker.stdout.trimEnd().split("\n");
  expect(lines.map((line) => (JSON.parse(line) as { target: string }).target)).toEqual(["/?first", "/?last"]);
});

test.concurrent("a descriptor that isn't open ends the start with one line", async () => {
  await using saker = await spawnSaker(optionsOf("/dev/fd/987", "auto"));
  expect(await saker.exited).toBe(1);
  expect(saker.stderr).toBe("saker: cannot open the log /dev/fd/987: descriptor 987 is not open\n");
});

test.concurrent.each(["check", "doctor"])("%s takes a log on its output for what it is", async (command) => {
  const of = (log: string) => runSaker([command, ".", "--no-config", "--access-log", log]);
  const good = await of("/dev/fd/1");
  expect(good.stderr).toBe("");
  expect(good.exitCode).toBe(0);
  const bad = await of("/dev/fd/987");
  expect(`${bad.stdout}${bad.stderr}`).toContain("/dev/fd/987 is descriptor 987, which is not open");
  expect(bad.exitCode).toBe(1);
});
