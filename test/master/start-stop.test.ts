import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { libc } from "../../src/sys/libc.ts";
import { until } from "../support/deadline.ts";
import { isAlive } from "../support/processes.ts";
import { MasterUnderTest } from "./master-under-test.ts";

describe("start", () => {
  test("prints where it listens, writes its files, serves from every worker", async () => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2 } });
    expect(master.stderr).toMatch(/^saker 0\.0\.0-test listening on http:\/\/127\.0\.0\.1:\d+ \(2 workers\)\n/m);
    expect(readFileSync(master.pidFile, "utf8")).toBe(`${master.pid}\n`);
    const seen = new Set<number>();
    await until(async () => seen.add((await master.get()).workerIndex).size === 2, "both workers answered");
    expect(master.workerPids()).toHaveLength(2);
  });

  test.skipIf(libc === null)("listens on :: for both versions of IP", async () => {
    await using master = await MasterUnderTest.start({ settings: { host: "::" } });
    const port = master.port;
    expect((await master.get("/", port, "127.0.0.1")).workerIndex).toBe(0);
    expect((await master.get("/", port, "::1")).workerIndex).toBe(0);
  });

  test("listens on every address of a name, on one port", async () => {
    await using master = await MasterUnderTest.start({ settings: { host: "localhost" } });
    for (const [, host] of master.stderr.matchAll(/listening on http:\/\/(\S+):\d+ /g)) {
      expect((await master.get("/", master.port, host!.replace(/[[\]]/g, ""))).workerIndex).toBe(0);
    }
  });

  test("opens a socket of its own for the admin endpoints", async () => {
    await using master = await MasterUnderTest.start({ settings: { admin_listen: "127.0.0.1:0", num_workers: 2 } });
    const [, port] = /admin: \S+ \S+ \S+ on http:\/\/127\.0\.0\.1:(\d+)/.exec(master.stderr)!;
    expect(Number(port)).not.toBe(master.port);
    expect((await master.get("/", Number(port))).generation).toBe(0);
  });

  test("replaces the statistics file of a dead master", async () => {
    await using dead = await MasterUnderTest.start();
    dead.signal("SIGKILL");
    await dead.ended();
    expect(existsSync(dead.statsFile)).toBe(true);
    await using master = await MasterUnderTest.start({ settings: { stats_file: dead.statsFile } });
    expect((await master.get()).workerIndex).toBe(0);
  });
});

describe("a start that fails", () => {
  /** Ends with code 1, one line that matches, and nothing left behind. */
  async function expectRefusal(master: MasterUnderTest, line: RegExp): Promise<void> {
    expect(await master.ended()).toBe(1);
    expect(master.stderr).toMatch(line);
    expect(master.stderr.trim().split("\n")).toHaveLength(1);
    expect(master.stdout).toBe("");
    expect(master.leftovers()).toEqual([]);
  }

  test("the port is in use by another program", async () => {
    using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    await using master = new MasterUnderTest({ settings: { port: taken.port } });
    await expectRefusal(master, /^saker: cannot listen on 127\.0\.0\.1:\d+: port \d+ is in use/);
  });

  test("the port is in use by another saker, which shares it among its workers", async () => {
    await using first = await MasterUnderTest.start({ settings: { num_workers: 2 } });
    await using master = new MasterUnderTest({ settings: { port: first.port, num_workers: 2 } });
    await expectRefusal(master, /^saker: cannot listen on 127\.0\.0\.1:\d+: port \d+ is in use/);
    expect((await first.get()).generation).toBe(0);
  });

  test("the admin port is in use", async () => {
    using taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    await using master = new MasterUnderTest({ settings: { admin_listen: `127.0.0.1:${taken.port}` } });
    await expectRefusal(master, /is in use/);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ["an address that isn't ours", { host: "192.0.2.1" }, /^saker: cannot listen on 192\.0\.2\.1:0: .*no such address/],
    ["a name without an address", { host: "no-such-host.invalid" }, /^saker: .*no-such-host\.invalid/],
    [
      "a document root that isn't there",
      { document_root: "/nowhere" },
      /^saker: document root \/nowhere does not exist/,
    ],
    ["a document root that is a file", { document_root: "/etc/hostname" }, /^saker: document root .* is not a folder/],
    [
      "a statistics file that can't be made",
      { stats_file: "/nowhere/stats" },
      /^saker: statistics file \/nowhere\/stats/,
    ],
    [
      "a pid file that can't be made",
      { pid_file: "/nowhere/pid" },
      /^saker: cannot write pid_file \/nowhere\/pid: ENOENT/,
    ],
    ["an error log that can't be opened", { error_log: "/nowhere/log" }, /^saker: cannot open the log \/nowhere\/log/],
    ["a worker that refuses", { server_header: "fatal", num_workers: 2 }, /^saker: the fake worker refuses$/m],
    [
      "a log on a descriptor that isn't open",
      { access_log: "/dev/fd/987" },
      /^saker: cannot open the log \/dev\/fd\/987: descriptor 987 is not open$/m,
    ],
    ["a worker that ends", { server_header: "die" }, /^saker: worker 0 ended before it was ready \(exit code 7\)$/m],
  ])("%s", async (_what, settings, line) => {
    await using master = new MasterUnderTest({ settings });
    await expectRefusal(master, line);
  });

  test("the statistics file belongs to a living master", async () => {
    await using first = await MasterUnderTest.start();
    await using master = new MasterUnderTest({ settings: { stats_file: first.statsFile } });
    await expectRefusal(master, new RegExp(`^saker: stats_file .* belongs to a running saker \\(pid ${first.pid}\\)`));
    expect(existsSync(first.statsFile)).toBe(true);
  });
});

describe("stop", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("%s ends it with code 0 and nothing left behind", async (signal) => {
    await using master = await MasterUnderTest.start({ settings: { num_workers: 2 } });
    const workers = master.workerPids();
    master.signal(signal);
    expect(await master.ended()).toBe(0);
    expect(master.leftovers()).toEqual([]);
    expect(workers.some(isAlive)).toBe(false);
    expect(master.stderr).not.toContain("ERROR");
  });

  test("requests in flight are answered, new connections refused", async () => {
    await using master = await MasterUnderTest.start();
    const gate = join(master.folder, "gate");
    const port = master.port;
    const held = master.get(`/hold?${gate}`);
    await master.inFlight(1);
    master.signal("SIGTERM");
    await until(
      () =>
        master.get("/", port).then(
          () => false,
          () => true,
        ),
      "new connections are refused",
    );
    writeFileSync(gate, "");
    expect((await held).header).toBe("first");
    expect(await master.ended()).toBe(0);
  });

  test("a worker that doesn't finish in time is killed", async () => {
    await using master = await MasterUnderTest.start({ settings: { shutdown_timeout_seconds: 0.2 } });
    const stuck = master.get("/hang").catch(() => "cut");
    await master.inFlight(1);
    master.signal("SIGTERM");
    expect(await master.ended()).toBe(0);
    expect(await stuck).toBe("cut");
    expect(master.stderr).toContain("did not finish within 0.2 s");
    expect(master.leftovers()).toEqual([]);
  });

  test("a second signal ends it at once", async () => {
    await using master = await MasterUnderTest.start({ settings: { shutdown_timeout_seconds: 3600 } });
    const held = master.get(`/hold?${join(master.folder, "never")}`).catch(() => "cut");
    await master.inFlight(1);
    master.signal("SIGTERM");
    await master.printed(/stopping/);
    master.signal("SIGINT");
    expect(await master.ended()).toBe(0);
    expect(await held).toBe("cut");
    expect(master.leftovers()).toEqual([]);
  });
});
