/** IPv6: the loopback address alone, and every address of both families. */
import { describe, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { existsSync, readFileSync } from "node:fs";
import { until } from "../support/deadline.ts";
import { NOTHING_LOST, startLoad } from "../support/load.ts";
import { RawClient } from "../support/raw-client.ts";
import { requestOctets, runSaker, startSaker } from "../support/saker.ts";

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
const SITE = { "index.html": "home" };

/** Skipped where the machine has no ::1. */
describe.skipIf(!hasIpv6)("IPv6", () => {
  test("host = ::1 listens there and nowhere else", async () => {
    await using saker = await startSaker({ config: `host = "::1"\nnum_workers = 2`, site: SITE });
    expect(saker.url).toContain("[::1]");
    await using client = await RawClient.connect(saker.port, { host: "::1" });
    expect((await client.request(requestOctets("/"))).text).toBe("home");
    await expect(RawClient.connect(saker.port, { host: "127.0.0.1" })).rejects.toThrow();
  });

  test("host = :: listens on both families", async () => {
    await using saker = await startSaker({
      config: (site) => `host = "::"\nnum_workers = 2\naccess_log = ${JSON.stringify(site.beside("access.log"))}`,
      site: SITE,
    });
    for (const host of ["::1", "127.0.0.1"]) {
      await using client = await RawClient.connect(saker.port, { host });
      expect((await client.request(requestOctets("/"))).text).toBe("home");
      // The default allow-list knows loopback of both families, also where IPv4 comes through an IPv6 socket.
      expect((await client.request(requestOctets("/stats"))).status).toBe(200);
    }
    expect(await saker.stop()).toBe(0);
    const path = saker.site.beside("access.log");
    const addresses = existsSync(path)
      ? readFileSync(path, "utf8")
          .trim()
          .split("\n")
          .map((line) => line.split(" ")[0]!)
      : [];
    expect(new Set(addresses)).toEqual(new Set(["::1", "127.0.0.1"]));
  });

  test("both families are the default, on one port", async () => {
    await using saker = await startSaker({ omit: ["host"], config: "num_workers = 2", site: SITE });
    expect(saker.stderr).toMatch(/listening on http:\/\/localhost:\d+ \(2 workers, every IPv4 and IPv6 address\)/);
    for (const host of ["::1", "127.0.0.1"]) {
      await using client = await RawClient.connect(saker.port, { host });
      expect((await client.request(requestOctets("/"))).text).toBe("home");
    }
    const result = await runSaker(["health", "--port", String(saker.port)]);
    expect([result.exitCode, result.stderr]).toEqual([0, ""]);
  });

  test("host = localhost is both loopback addresses, on one port", async () => {
    await using saker = await startSaker({ config: `host = "localhost"\nnum_workers = 2`, site: SITE });
    await saker.printed(new RegExp(`listening on http://127\\.0\\.0\\.1:${saker.port} `));
    await saker.printed(new RegExp(`listening on http://\\[::1\\]:${saker.port} `));
    for (const host of ["::1", "127.0.0.1"]) {
      await using client = await RawClient.connect(saker.port, { host });
      expect((await client.request(requestOctets("/"))).text).toBe("home");
    }
    const result = await runSaker(["health", "--host", "localhost", "--port", String(saker.port)]);
    expect([result.exitCode, result.stderr]).toEqual([0, ""]);
  });

  test("an IPv4 client of the default address has its IPv4 address for every list and limit", async () => {
    const config = [
      `deny.addresses = ["127.0.0.2"]`,
      `trusted_proxies = ["127.0.0.1"]`,
      `admin_allow = ["198.51.100.0/24"]`,
      `access_log_format = "json"`,
    ].join("\n");
    await using saker = await startSaker({
      omit: ["host", "access_log"],
      config: (site) => `${config}\naccess_log = ${JSON.stringify(site.beside("access.log"))}`,
      site: SITE,
    });
    const forwarded = (address: string) => saker.get("/stats", [`X-Forwarded-For: ${address}`]);
    expect((await forwarded("198.51.100.7")).status).toBe(200);
    expect((await forwarded("::ffff:198.51.100.8")).status).toBe(200);
    expect((await forwarded("203.0.113.1")).status).toBe(404);
    expect((await forwarded("127.0.0.2")).status).toBe(403);
    expect(await saker.stop()).toBe(0);
    const log = readFileSync(saker.site.beside("access.log"), "utf8");
    for (const address of ["198.51.100.7", "198.51.100.8", "203.0.113.1"]) expect(log).toContain(`"${address}"`);
    expect(log).not.toContain("ffff:");
  });

  test("a reload from IPv4 to both families and back, on the same port, loses nobody", async () => {
    const settings = (host: string, port: number) => `host = "${host}"\nport = ${port}\nnum_workers = 2`;
    await using saker = await startSaker({ config: `host = "0.0.0.0"\nnum_workers = 2`, site: SITE });
    await using load = startLoad({
      port: saker.port,
      clients: 8,
      targets: { "/": "home" },
      lines: ["Connection: close"],
    });
    const six = () =>
      RawClient.connect(saker.port, { host: "::1" }).then(
        (client) => (client.close(), true),
        () => false,
      );
    for (const [host, hasSix] of [
      ["::", true],
      ["0.0.0.0", false],
    ] as const) {
      const workers = saker.workerPids();
      await saker.configure(settings(host, saker.port));
      saker.signal("SIGHUP");
      await saker.workersSettled(2, workers);
      await until(async () => (await six()) === hasSix, `IPv6 is ${hasSix ? "served" : "refused"}\n${saker.output}`);
    }
    const answered = load.report.answered;
    await until(() => load.report.answered > answered + 100, "the load goes on");
    expect(await load.stop()).toMatchObject(NOTHING_LOST);
  });

  test("admin_allow takes IPv6 ranges", async () => {
    await using saker = await startSaker({ config: `host = "::"\nadmin_allow = ["::1/128"]`, site: SITE });
    await using six = await RawClient.connect(saker.port, { host: "::1" });
    expect((await six.request(requestOctets("/stats"))).status).toBe(200);
    await using four = await RawClient.connect(saker.port, { host: "127.0.0.1" });
    expect((await four.request(requestOctets("/stats"))).status).toBe(404);
  });

  test("health finds the server there", async () => {
    await using saker = await startSaker({ config: `host = "::1"`, site: SITE });
    const result = await runSaker(["health", "--host", "::1", "--port", String(saker.port)]);
    expect([result.exitCode, result.stderr]).toEqual([0, ""]);
  });

  test.each([
    ["::1", "::1"],
    ["::", "::1"],
    ["::1", "::"],
    ["127.0.0.1", "::"],
    ["127.0.0.1", "localhost"],
    ["::1", "localhost"],
  ])("a port in use on %s is noticed for %s", async (theirs, ours) => {
    using other = Bun.listen({ hostname: theirs, port: 0, socket: { data() {} } });
    await using site = await startSaker({ site: SITE });
    const args = [site.site.root, "--host", ours, "--port", String(other.port)];
    const result = await runSaker(args);
    expect(result.exitCode).toBe(1);
    expect(result.stderr.trim()).toMatch(/^saker: cannot listen on \S+: port \d+ is in use by another program.*$/);
  });
});
