/** IPv6: the loopback address alone, and every address of both families. */
import { describe, expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { existsSync, readFileSync } from "node:fs";
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
  ])("a port in use on %s is noticed for %s", async (theirs, ours) => {
    using other = Bun.listen({ hostname: theirs, port: 0, socket: { data() {} } });
    await using site = await startSaker({ site: SITE });
    const args = [site.site.root, "--host", ours, "--port", String(other.port)];
    const result = await runSaker(args);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/in use/);
  });
});
