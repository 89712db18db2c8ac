/** /health, /metrics and /stats: any worker answers for all, and what they tell is what clients counted, to the request. */
import { beforeAll, describe, expect, test } from "bun:test";
import { until } from "../support/deadline.ts";
import { type Metrics, parseMetrics } from "../support/metrics.ts";
import { PROMISED_METRICS } from "../support/promised-metrics.ts";
import { randomOctets } from "../support/octets.ts";
import { RawClient } from "../support/raw-client.ts";
import { requestOctets, type Saker, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

/** What /stats gives, as far as the tests look. */
interface Stats {
  master_pid: number;
  workers: number;
  workers_alive: number;
  total: StatsReading;
  worker: (StatsReading & { worker: number; pid: number; state: string })[];
}

interface StatsReading {
  requests: { total: number; in_flight: number; aborted: number; by_method: Record<string, number> };
  responses: { total: number; by_status: Record<string, number> };
  latency_ms: { p50: number; "p99.9": number };
  received_bytes: number;
  sent_bytes: number;
  cache: { hits: number; misses: number; hit_ratio: number };
}

const WORKERS = 3;
const SITE = { "index.html": "home", "a.txt": "a", "large.bin": randomOctets(2 << 20, 1) };

const statsOf = async (saker: Saker): Promise<Stats> => JSON.parse((await saker.get("/stats")).text) as Stats;

/** A mix of requests over many connections; returns what the client counted. Admin requests are part of it. */
async function makeTraffic(
  saker: Saker,
): Promise<{ requests: number; byStatus: Record<string, number>; sent: number }> {
  const byStatus: Record<string, number> = {};
  let requests = 0;
  let sent = 0;
  const rows: [octets: string, method: string][] = [
    [requestOctets("/"), "GET"],
    [requestOctets("/a.txt"), "GET"],
    [requestOctets("/a.txt", [], "HEAD"), "HEAD"],
    [requestOctets("/missing"), "GET"],
    [requestOctets("/large.bin", ["Range: bytes=5-10"]), "GET"],
    [requestOctets("/a.txt", ["If-None-Match: *"]), "GET"],
    [requestOctets("/a.txt", ["Content-Length: 2"], "POST") + "ab", "POST"],
    [requestOctets("/large.bin"), "GET"],
    [requestOctets("/health"), "GET"],
    ["BAD\r\n\r\n", "GET"],
  ];
  for (let connection = 0; connection < 30; connection++) {
    await using client = await saker.connect();
    await client.send(rows.map(([octets]) => octets).join(""));
    sent += rows.reduce((sum, [octets]) => sum + octets.length, 0);
    for (const [, method] of rows) {
      const { status } = await client.readResponse({ method });
      byStatus[status] = (byStatus[status] ?? 0) + 1;
      requests++;
    }
    await client.expectClose();
  }
  return { requests, byStatus, sent };
}

describe("several workers", () => {
  const server = useSaker({ config: `num_workers = ${WORKERS}`, site: SITE });

  test("/health is 200 and lists every worker", async () => {
    const response = await server.saker.get("/health");
    expect(response.status).toBe(200);
    expect(response.field("Content-Type")).toStartWith("application/json");
    expect(response.field("X-Priority")).toBe("high");
    const health = JSON.parse(response.text) as { status: string; uptime: number; workers: number; worker: unknown[] };
    expect(health).toMatchObject({ status: "healthy", workers: WORKERS, uptime: expect.any(Number) });
    expect(health.worker.length).toBe(WORKERS);
  });

  test("/metrics is what Prometheus reads, with every promised name", async () => {
    const response = await server.saker.get("/metrics");
    expect(response.field("Content-Type")).toMatch(/^text\/plain; version=0\.0\.4/);
    const metrics = parseMetrics(response.text);
    for (const [name, type] of PROMISED_METRICS) {
      expect([name, metrics.types.get(name)]).toEqual([name, type]);
      expect(metrics.helps.get(name)).toBeString();
    }
    expect(metrics.sum("saker_worker_up")).toBe(WORKERS);
    expect(metrics.value("saker_build_info")).toBe(1);
    const startedSeconds = metrics.value("process_start_time_seconds");
    expect(Math.abs(Date.now() / 1000 - startedSeconds)).toBeLessThan(600);
  });

  test("totals equal what clients counted, to the request", async () => {
    const before = await statsOf(server.saker);
    const traffic = await makeTraffic(server.saker);
    // Requests of this test's own that look at the statistics: /stats before, and one more for each look after it.
    let looks = 1;
    const after = await until(async () => {
      const stats = await statsOf(server.saker);
      looks++;
      return stats.total.requests.total === before.total.requests.total + traffic.requests + looks - 1 ? stats : null;
    }, `${traffic.requests} more requests than ${before.total.requests.total} are counted`);
    for (const [status, count] of Object.entries(traffic.byStatus)) {
      const own = status === "200" ? looks - 1 : 0;
      const difference =
        (after.total.responses.by_status[status] ?? 0) - (before.total.responses.by_status[status] ?? 0);
      expect([status, difference]).toEqual([status, count + own]);
    }
    expect(after.total.requests.aborted).toBe(before.total.requests.aborted);
    const received = after.total.received_bytes - before.total.received_bytes;
    expect(received).toBeGreaterThanOrEqual(traffic.sent);
    expect(received).toBeLessThan(traffic.sent + looks * 200);
    expect(after.total.latency_ms["p99.9"]).toBeGreaterThanOrEqual(after.total.latency_ms.p50);
    expect(after.total.latency_ms.p50).toBeGreaterThan(0);
  });

  test("the whole is the sum of the workers, and all of them had something to do", async () => {
    await makeTraffic(server.saker);
    const { total, worker } = await statsOf(server.saker);
    expect(worker.length).toBe(WORKERS);
    for (const field of ["received_bytes", "sent_bytes"] as const) {
      expect(worker.reduce((sum, each) => sum + each[field], 0)).toBe(total[field]);
    }
    expect(worker.reduce((sum, each) => sum + each.requests.total, 0)).toBe(total.requests.total);
    for (const each of worker) expect(each.requests.total).toBeGreaterThan(0);
  });

  test("/metrics agrees with itself", async () => {
    await makeTraffic(server.saker);
    const metrics = await server.saker.metrics();
    const responses = metrics.sum("http_responses_total");
    expect(metrics.value("http_request_duration_seconds_count")).toBe(responses);
    expect(metrics.value("http_request_duration_seconds_bucket", { le: "+Inf" })).toBe(responses);
    const buckets = metrics.matching("http_request_duration_seconds_bucket").map(({ value }) => value);
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
    // The request that asks is counted as a request, not yet as a response.
    expect(metrics.sum("http_requests_total")).toBe(responses + metrics.sum("http_requests_in_flight"));
  });

  test.each(["/health", "/metrics", "/stats"])("%s answers HEAD, and refuses other methods", async (endpoint) => {
    const ofHead = await server.saker.get(endpoint, [], "HEAD");
    expect([ofHead.status, ofHead.body.length]).toEqual([200, 0]);
    const ofPost = await server.saker.get(endpoint, ["Content-Length: 0"], "POST");
    expect(ofPost.status).toBe(405);
    expect(ofPost.field("Allow")).toContain("GET");
  });

  test.each(["/healthz", "/health/", "/metrics/x", "/Health", "/stats.json"])(
    "%s is not an endpoint",
    async (target) => {
      const response = await server.saker.get(target);
      expect(response.status).toBe(404);
      expect(response.has("X-Priority")).toBe(false);
    },
  );

  test("asking for other spellings of an endpoint doesn't change what it answers", async () => {
    for (const endpoint of ["/health", "/metrics", "/stats"]) {
      const encoded = `/%${endpoint.charCodeAt(1).toString(16)}${endpoint.slice(2)}`;
      for (const spelling of [`/${endpoint}`, `/.${endpoint}`, `/x/..${endpoint}`, encoded]) {
        // Often enough to meet every worker.
        for (let round = 0; round < 4 * WORKERS; round++) await server.saker.get(spelling);
      }
      for (let round = 0; round < 4 * WORKERS; round++) {
        expect((await server.saker.get(endpoint)).field("X-Priority")).toBe("high");
      }
    }
  });

  test("an endpoint with a query is still the endpoint", async () => {
    expect((await server.saker.get("/health?verbose")).field("X-Priority")).toBe("high");
  });
});

describe("counters survive", () => {
  const counts = (metrics: Metrics) => ({
    requests: metrics.sum("http_requests_total"),
    ok: metrics.sum("http_responses_total", { code: "200" }),
    accepted: metrics.sum("http_connections_accepted_total"),
    sent: metrics.sum("http_sent_bytes_total"),
    durations: metrics.value("http_request_duration_seconds_count"),
  });

  /** Traffic, then `disturb`, then the same counters: none may have gone back, and new traffic adds exactly itself. */
  async function expectNothingLost(saker: Saker, disturb: () => Promise<void>): Promise<void> {
    await makeTraffic(saker);
    const before = counts(await saker.metrics());
    await disturb();
    const between = counts(await saker.metrics());
    for (const [name, value] of Object.entries(before)) {
      expect([name, between[name as keyof typeof between]! >= value]).toEqual([name, true]);
    }
    // Only this test asks, so the growth is its own looks: the request before, and the one that tells.
    const traffic = await makeTraffic(saker);
    const after = await until(async () => {
      const now = counts(await saker.metrics());
      return now.requests > between.requests + traffic.requests ? now : null;
    }, "the traffic is counted");
    expect(after.requests).toBe(between.requests + traffic.requests + 1);
  }

  test("kill -9 of a worker", async () => {
    await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
    const restarts = () => saker.metrics().then((metrics) => metrics.sum("saker_worker_restarts_total"));
    await expectNothingLost(saker, async () => {
      const [victim, other] = saker.workerPids();
      process.kill(victim!, "SIGKILL");
      const settled = await saker.workersSettled(2, [victim!]);
      expect(settled).toContain(other!);
      await until(async () => (await saker.metrics()).sum("saker_worker_up") === 2, "both workers are up");
    });
    expect(await restarts()).toBe(1);
  });

  test("SIGHUP", async () => {
    await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
    await expectNothingLost(saker, async () => {
      const old = saker.workerPids();
      saker.signal("SIGHUP");
      await saker.workersSettled(2, old);
      await until(async () => (await saker.metrics()).sum("saker_worker_up") === 2, "both workers are up");
    });
  });
});

describe("who may see what", () => {
  test("admin_allow: others get 404 for /metrics and /stats, and /health without process ids", async () => {
    await using saker = await startSaker({ config: `admin_allow = ["192.0.2.0/24"]`, site: SITE });
    for (const endpoint of ["/metrics", "/stats"]) {
      expect((await saker.get(endpoint)).status).toBe(404);
      // Whatever the method: just like a path that names nothing.
      for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
        const [hidden, absent] = [await saker.get(endpoint, [], method), await saker.get("/nothing", [], method)];
        expect([hidden.status, hidden.text, hidden.has("X-Priority")]).toEqual([absent.status, absent.text, false]);
      }
      // What a client says of itself is no proof.
      for (const line of ["X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1", "X-Real-IP: 192.0.2.1"]) {
        expect((await saker.get(endpoint, [line])).status).toBe(404);
      }
    }
    const health = await saker.get("/health");
    expect(health.status).toBe(200);
    expect(health.text).not.toContain(String(saker.workerPids()[0]));
  });

  test.each([
    [["127.0.0.1"], 200],
    [["127.0.0.2"], 404],
    [["::1"], 404],
    [["10.0.0.0/8", "127.0.0.0/30"], 200],
    [["127.0.0.2/31"], 404],
    [[], 404],
  ])("admin_allow = %j: %d for 127.0.0.1", async (allow, status) => {
    await using saker = await startSaker({ config: `admin_allow = ${JSON.stringify(allow)}`, site: SITE });
    expect((await saker.get("/metrics")).status).toBe(status);
  });

  test("admin_prefix moves all three", async () => {
    await using saker = await startSaker({ config: `admin_prefix = "/_saker"`, site: { ...SITE, health: "a file" } });
    for (const endpoint of ["/health", "/metrics", "/stats"]) {
      expect((await saker.get(`/_saker${endpoint}`)).field("X-Priority")).toBe("high");
      expect((await saker.get(endpoint)).has("X-Priority")).toBe(false);
    }
    expect((await saker.get("/health")).text).toBe("a file");
  });
});

describe("admin_listen", () => {
  let adminPort = 0;
  const server = useSaker(() => {
    // A port that was free a moment ago; port 0 would have to be told by the server.
    const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    adminPort = probe.port;
    probe.stop(true);
    return { config: `num_workers = 2\nadmin_listen = "127.0.0.1:${adminPort}"`, site: { ...SITE, stats: "a file" } };
  });
  beforeAll(() => expect(adminPort).toBeGreaterThan(0));

  test.each(["/health", "/metrics", "/stats"])("%s is on the socket of its own", async (endpoint) => {
    await using client = await RawClient.connect(adminPort);
    for (let round = 0; round < 3; round++) {
      const response = await client.request(requestOctets(endpoint));
      expect([response.status, response.field("X-Priority")]).toEqual([200, "high"]);
    }
  });

  test("and no longer on the main one, where such a path is a file like any other", async () => {
    expect((await server.saker.get("/stats")).text).toBe("a file");
    for (const endpoint of ["/health", "/metrics"]) expect((await server.saker.get(endpoint)).status).toBe(404);
  });

  test("files are not served on the admin socket", async () => {
    await using client = await RawClient.connect(adminPort);
    for (const target of ["/", "/a.txt", "/missing"])
      expect((await client.request(requestOctets(target))).status).toBe(404);
    expect((await client.request(requestOctets("/health"))).status).toBe(200);
  });

  test("it survives a reload", async () => {
    const old = server.saker.workerPids();
    server.saker.signal("SIGHUP");
    await server.saker.workersSettled(2, old);
    await using client = await RawClient.connect(adminPort);
    expect((await client.request(requestOctets("/health"))).status).toBe(200);
  });
});

test("a page of the site that an endpoint hides is named once when the server starts", async () => {
  await using saker = await startSaker({ config: "num_workers = 2", site: { "index.html": "home", metrics: "mine" } });
  expect((await saker.get("/metrics")).text).not.toBe("mine");
  const line = /WARN the admin endpoint \/metrics hides \/metrics: set admin_prefix/g;
  await saker.printed(line);
  expect(await saker.stop()).toBe(0);
  expect((saker.stdout + saker.stderr).match(line)).toHaveLength(1);
});
