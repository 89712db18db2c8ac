/** Who a client is, behind balancers and proxies, and how much of the server it may take: two workers, one set of limits. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../support/deadline.ts";
import { parseMetrics } from "../support/metrics.ts";
import type { RawClient } from "../support/raw-client.ts";
import { requestOctets, runSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const BURST = 5;
const CONNECTIONS = 4;
const WORKERS = 2;

const shared = useSaker({
  site: { "a.txt": "a" },
  config: (site) => `
num_workers = ${WORKERS}
access_log = ${JSON.stringify(join(site.folder, "access.log"))}
access_log_format = "json"
proxy_protocol = true
trusted_proxies = ["127.0.0.1", "10.1.0.0/16"]
max_connections_per_ip = ${CONNECTIONS}
[rate_limit]
requests_per_second = 0.01
burst = ${BURST}
allow = ["198.51.100.0/24"]
[deny]
addresses = ["203.0.113.66", "2001:db8:bad::/48"]
`,
});

const GET = requestOctets("/a.txt");

/** A line of version 1 that names a client. */
function named(address: string): string {
  const [family, ours] = address.includes(":") ? ["TCP6", "::1"] : ["TCP4", "192.0.2.1"];
  return `PROXY ${family} ${address} ${ours} 4711 80\r\n`;
}

async function connectAs(address: string): Promise<RawClient> {
  const client = await shared.saker.connect();
  await client.send(named(address));
  return client;
}

async function statusAs(address: string, lines: readonly string[] = []): Promise<number> {
  await using client = await connectAs(address);
  return (await client.request(requestOctets("/a.txt", lines))).status;
}

/** From an address that no limit is about, and that may see everything. */
async function rejected(reason: string): Promise<number> {
  await using client = await connectAs("10.7.7.7");
  const response = await client.request(requestOctets("/metrics"));
  return parseMetrics(response.text).value("http_requests_rejected_total", { reason });
}

/** Who ought to be in the log for a target; the log is written once a second, so the last test looks it all up. */
const expectedClients = new Map<string, string[]>();

describe("rate_limit", () => {
  test("is one bucket for all workers: as many requests as it holds, then 429 on a connection that stays", async () => {
    const statuses: number[] = [];
    // Few at a time: more are over max_connections_per_ip, which is 429 too.
    for (let round = 0; round < 8; round++) {
      statuses.push(...(await Promise.all([statusAs("203.0.113.1"), statusAs("203.0.113.1")])));
    }
    expect(statuses.filter((status) => status === 200).length).toBe(BURST);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));

    await using client = await until(async () => {
      const candidate = await connectAs("203.0.113.1");
      const response = await candidate.request(GET);
      return response.status === 429 && !response.has("Connection") ? candidate : (candidate.close(), null);
    }, "a connection that is let in");
    const again = await client.request(GET);
    expect(again.status).toBe(429);
    expect(Number(again.field("Retry-After"))).toBeGreaterThan(90);
    expect(Number(again.field("Retry-After"))).toBeLessThanOrEqual(100);
    expect(again.body.length).toBe(0);
    expect((await client.request(requestOctets("/a.txt", ["Content-Length: 3"], "POST") + "abc")).status).toBe(429);
    expect((await client.request(requestOctets("/a.txt", [], "HEAD"))).status).toBe(429);
    const pipelined = GET.repeat(3);
    await client.send(pipelined);
    for (const { status } of await client.readResponses(3)) expect(status).toBe(429);
    expect(await rejected("rate_limit")).toBeGreaterThanOrEqual(7);
  });

  test("counts 64 bits of IPv6 as one client, and the next 64 as another", async () => {
    await using one = await connectAs("2001:db8:1:1::1");
    for (let request = 0; request < BURST - 1; request++) expect((await one.request(GET)).status).toBe(200);
    expect(await statusAs("2001:db8:1:1:ffff::9")).toBe(200);
    expect(await statusAs("2001:db8:1:1:abcd::")).toBe(429);
    expect(await statusAs("2001:db8:1:2::1")).toBe(200);
  });

  test("exempts clients in its allow list, and the endpoints for clients that may see them", async () => {
    await using client = await connectAs("198.51.100.9");
    for (let request = 0; request < 3 * BURST; request++) expect((await client.request(GET)).status).toBe(200);
    await using admin = await connectAs("10.9.9.9");
    for (let request = 0; request < BURST; request++) expect((await admin.request(GET)).status).toBe(200);
    expect((await admin.request(GET)).status).toBe(429);
    for (const path of ["/health", "/metrics", "/stats"]) {
      expect((await admin.request(requestOctets(path))).status).toBe(200);
    }
    await using stranger = await connectAs("203.0.113.2");
    for (let request = 0; request < BURST; request++) await stranger.request(requestOctets("/health"));
    expect((await stranger.request(requestOctets("/health"))).status).toBe(429);
  });
});

test("max_connections_per_ip: one more gets 429 and a close; when one leaves, the next is welcome", async () => {
  const open = await Promise.all(
    Array.from({ length: WORKERS * CONNECTIONS + 1 }, async () => {
      const client = await connectAs("192.0.2.77");
      return { client, response: await client.request(GET) };
    }),
  );
  const refused = open.filter(({ response }) => response.has("Connection"));
  expect(refused.length).toBe((WORKERS - 1) * CONNECTIONS + 1);
  for (const { client, response } of refused) {
    expect([response.status, response.field("Retry-After"), response.field("Connection")]).toEqual([429, "1", "close"]);
    await client.expectClose();
  }
  for (const { client } of open) client.close();
  await until(async () => {
    await using client = await connectAs("192.0.2.77");
    return !(await client.request(GET)).has("Connection");
  }, "there is room again");
  expect(await rejected("max_connections_per_ip")).toBeGreaterThanOrEqual(refused.length);
});

describe("deny", () => {
  test.each(["203.0.113.66", "2001:db8:bad::1"])("%s is not answered at all", async (address) => {
    await using client = await connectAs(address);
    client.sendCarelessly(GET);
    expect((await client.readUntilClose()).length).toBe(0);
    expect(await rejected("deny")).toBeGreaterThan(0);
  });

  test("a denied client behind a trusted proxy gets 403, and the next one its file", async () => {
    await using proxy = await connectAs("10.1.0.1");
    const denied = await proxy.request(requestOctets("/a.txt", ["X-Forwarded-For: 203.0.113.66"]));
    expect([denied.status, denied.has("Connection")]).toEqual([403, false]);
    expect((await proxy.request(requestOctets("/a.txt", ["X-Forwarded-For: 203.0.113.65"]))).status).toBe(200);
  });
});

describe("trusted_proxies", () => {
  test.each<[lines: string[], client: string]>([
    [["X-Forwarded-For: 203.0.113.10"], "203.0.113.10"],
    [["X-Forwarded-For: 9.9.9.9, 203.0.113.11, 10.1.2.3"], "203.0.113.11"],
    [["X-Forwarded-For: 9.9.9.9", "X-Forwarded-For: 203.0.113.12"], "203.0.113.12"],
    [['Forwarded: for=1.1.1.1, for="[2001:db8:7::1]:80";proto=https'], "2001:db8:7::1"],
    [["Forwarded: for=1.1.1.1", "X-Forwarded-For: 203.0.113.13"], "203.0.113.13"],
    [["X-Forwarded-For: 10.1.9.9, 10.1.9.8"], "10.1.9.9"],
    [["X-Forwarded-For: 203.0.113.14, unknown"], "10.1.0.1"],
    [["Forwarded: for=_hidden"], "10.1.0.1"],
    [[`X-Forwarded-For: ${",".repeat(10_000)}`], "10.1.0.1"],
    [[], "10.1.0.1"],
  ])("row %#", async (lines, expected) => {
    const target = `/a.txt?${Bun.hash(lines.join()).toString(36)}`;
    await using proxy = await connectAs("10.1.0.1");
    await proxy.request(requestOctets(target, lines));
    expectedClients.set(target, [expected]);
  });

  test("one connection of a proxy carries many clients, each with its own bucket and line", async () => {
    await using proxy = await connectAs("10.1.0.2");
    const clients = Array.from({ length: 4 * BURST }, (_, index) => `203.0.113.${100 + (index % 2)}`);
    await proxy.send(clients.map((client) => requestOctets("/a.txt?many", [`X-Forwarded-For: ${client}`])).join(""));
    const statuses = (await proxy.readResponses(clients.length)).map(({ status }) => status);
    expect(statuses).toEqual(clients.map((_, index) => (index < 2 * BURST ? 200 : 429)));
    expectedClients.set("/a.txt?many", clients);
  });

  test("the fields of untrusted peers are ignored", async () => {
    await using client = await connectAs("203.0.113.20");
    await client.request(requestOctets("/a.txt?self", ["X-Forwarded-For: 9.9.9.9", "Forwarded: for=9.9.9.9"]));
    expectedClients.set("/a.txt?self", ["203.0.113.20"]);
    expect((await client.request(requestOctets("/metrics", ["X-Forwarded-For: 10.7.7.7"]))).status).toBe(404);
  });

  test("the client that a proxy names is the one that asks for the endpoints", async () => {
    await using proxy = await connectAs("10.1.0.3");
    expect((await proxy.request(requestOctets("/stats", ["X-Forwarded-For: 203.0.113.21"]))).status).toBe(404);
    expect((await proxy.request(requestOctets("/stats", ["X-Forwarded-For: 10.7.7.7"]))).status).toBe(200);
  });

  test("what can't be understood is the proxy's", async () => {
    await using proxy = await connectAs("10.1.0.4");
    await proxy.request(requestOctets("/a.txt", ["X-Forwarded-For: 203.0.113.22"]));
    await proxy.request(requestOctets("/a.txt?bad", ["X-Forwarded-For: 203.0.113.22", "Content-Length: x"]));
    expectedClients.set("/a.txt?bad", ["10.1.0.4"]);
  });
});

describe("proxy_protocol", () => {
  const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
  const V2 = `${SIGNATURE}\x21\x11\0\x10\xc6\x33\x64\x05\xc0\x00\x02\x01\x12\x34\0\x50\x04\0\x01x`;

  test("version 2 with a TLV, split at every octet, the request right behind it", async () => {
    const octets = V2 + requestOctets("/a.txt?v2");
    const splits = Array.from({ length: octets.length - 1 }, (_, index) => index + 1);
    await Promise.all(
      splits.map(async (split) => {
        await using client = await shared.saker.connect();
        await client.send(octets.slice(0, split));
        await Bun.sleep(split % 7);
        await client.send(octets.slice(split));
        expect((await client.readResponse()).text).toBe("a");
      }),
    );
    expectedClients.set(
      "/a.txt?v2",
      splits.map(() => "198.51.100.5"),
    );
  });

  test.each([
    ["a request alone", GET],
    ["a header with an invalid address", "PROXY TCP4 1.2.3 192.0.2.1 1 2\r\n"],
    ["octets of TLS", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"],
  ])("%s ends the connection without an answer", async (_, octets) => {
    const before = await rejected("proxy_protocol");
    await using client = await shared.saker.connect();
    client.sendCarelessly(octets);
    expect((await client.readUntilClose()).length).toBe(0);
    expect(await rejected("proxy_protocol")).toBe(before + 1);
  });

  test("saker health says that it speaks for itself", async () => {
    const { configFile, port } = shared.saker;
    const { stdout, exitCode } = await runSaker(["health", "--config", configFile, "--port", String(port)]);
    expect([stdout.split(":")[0], exitCode]).toEqual(["healthy", 0]);
  });
});

test("the access log names the clients", async () => {
  const path = join(shared.saker.site.folder, "access.log");
  const logged = (target: string): string[] => {
    const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
    const records = lines.map(
      (line) => JSON.parse(line) as { readonly target: string | null; readonly client: string },
    );
    return records.filter((record) => record.target === target).map(({ client }) => client);
  };
  expect(expectedClients.size).toBe(14);
  for (const [target, clients] of expectedClients) {
    await until(() => logged(target).length >= clients.length, `${clients.length} lines about ${target}`);
    expect([target, logged(target)]).toEqual([target, clients]);
  }
});
