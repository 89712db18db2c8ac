import { describe, expect, test } from "bun:test";
import { AddressError } from "../../src/address/address-list.ts";
import { type AdminOptions, createAdmin } from "../../src/admin/admin.ts";
import { SlotState } from "../../src/stats/layout.ts";
import { openSegment } from "../../src/stats/segment.ts";
import { parseMetrics } from "../support/metrics.ts";
import { serve, TemporarySegment } from "../stats/temporary-segment.ts";

const LOCAL = "127.0.0.1";
const STRANGER = "203.0.113.9";

/** Asks an application with one worker, which is ready. */
async function ask(
  method: string,
  target: string,
  { peer = LOCAL, ...options }: Partial<AdminOptions> & { peer?: string } = {},
): Promise<Response> {
  using temporary = new TemporarySegment();
  temporary.ready();
  const admin = createAdmin({ segment: temporary.segment, version: "1.2.3", ...options });
  return admin.fetch(new Request(`http://localhost${target}`, { method }), peer);
}

describe("who gets what", () => {
  test.each([
    // method, target, peer, status
    ["GET", "/health", LOCAL, 200],
    ["GET", "/health", STRANGER, 200],
    ["GET", "/health", "", 200],
    ["HEAD", "/health", STRANGER, 200],
    ["GET", "/health?verbose", STRANGER, 200],
    ["POST", "/health", STRANGER, 405],
    ["DELETE", "/health", LOCAL, 405],
    ["OPTIONS", "/health", LOCAL, 405],
    ["GET", "/metrics", LOCAL, 200],
    ["GET", "/metrics?name[]=x", LOCAL, 200],
    ["HEAD", "/metrics", "::1", 200],
    ["GET", "/metrics", "::ffff:10.0.0.1", 200],
    ["PUT", "/metrics", LOCAL, 405],
    ["GET", "/metrics", STRANGER, 404],
    ["HEAD", "/metrics", STRANGER, 404],
    ["POST", "/metrics", STRANGER, 404],
    ["GET", "/metrics", "", 404],
    ["GET", "/metrics", "not an address", 404],
    ["GET", "/stats", "fd00::1", 200],
    ["GET", "/stats", "::ffff:203.0.113.9", 404],
    ["PATCH", "/stats", STRANGER, 404],
    ["PATCH", "/stats", LOCAL, 405],
    ["GET", "/", LOCAL, 404],
    ["GET", "/health/", LOCAL, 404],
    ["GET", "/Health", LOCAL, 404],
    ["GET", "/stats/x", LOCAL, 404],
    ["POST", "/nothing", STRANGER, 404],
  ])("%s %s from %p: %p", async (method, target, peer, status) => {
    const response = await ask(method, target, { peer });
    const content = await response.text();
    expect(response.status).toBe(status);
    expect(response.headers.get("X-Priority")).toBe("high");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(response.headers.get("Content-Type")).toBeString();
    expect(response.headers.get("Allow")).toBe(status === 405 ? "GET, HEAD" : null);
    if (method === "HEAD") expect(content).toBe("");
    else expect(response.headers.get("Content-Length")).toBe(String(Buffer.byteLength(content)));
  });

  test("HEAD has the fields of GET, Content-Length too", async () => {
    using temporary = new TemporarySegment();
    temporary.ready().heartbeat(Date.now() + 1e6); // in the future: its age stays 0
    const admin = createAdmin({ segment: temporary.segment, version: "1.2.3" });
    for (const path of ["/health", "/metrics", "/stats"]) {
      const [get, head] = await Promise.all(
        ["GET", "HEAD"].map((method) => admin.fetch(new Request(`http://localhost${path}`, { method }), LOCAL)),
      );
      expect(head!.status).toBe(get!.status);
      expect([...head!.headers]).toEqual([...get!.headers]);
    }
  });

  test("a 404 tells a stranger no more than a path that does not exist", async () => {
    const [hidden, missing] = [await ask("GET", "/stats", { peer: STRANGER }), await ask("GET", "/nothing")];
    expect([...hidden.headers]).toEqual([...missing.headers]);
    expect(await hidden.text()).toBe(await missing.text());
  });
});

describe("allow-list", () => {
  test.each([
    [["203.0.113.0/24"], STRANGER, 200],
    [["203.0.113.0/24"], "::ffff:203.0.113.9", 200],
    [["203.0.113.0/24"], LOCAL, 404],
    [[], LOCAL, 404],
    [["::/0"], LOCAL, 404],
    [["0.0.0.0/0"], "2001:db8::1", 404],
    [["0.0.0.0/0", "::/0"], "2001:db8::1", 200],
  ])("%p and %s: %p", async (allow, peer, status) => {
    for (const path of ["/metrics", "/stats"]) expect((await ask("GET", path, { allow, peer })).status).toBe(status);
    expect((await ask("GET", "/health", { allow, peer })).status).toBe(200);
  });

  test("a bad entry is an error at once", () => {
    using temporary = new TemporarySegment();
    const create = () => createAdmin({ segment: temporary.segment, version: "1", allow: ["10.0.0.0/40"] });
    expect(create).toThrow(AddressError);
  });

  test("pids are in /health only for the allow-list", async () => {
    expect(await (await ask("GET", "/health")).json()).toMatchObject({ worker: [{ pid: process.pid }] });
    expect(await (await ask("GET", "/health", { peer: STRANGER })).text()).not.toContain("pid");
  });
});

describe("prefix", () => {
  test.each([
    ["/_saker", "/_saker/health", 200],
    ["/_saker/", "/_saker/stats", 200],
    ["/a/b.c~d", "/a/b.c~d/metrics", 200],
    ["/_saker", "/health", 404],
    ["/_saker", "/_saker", 404],
    ["/_saker", "/_saker/", 404],
    ["/a.b", "/axb/health", 404],
    ["", "/_saker/health", 404],
  ])("%p: %s gets %p", async (prefix, target, status) => {
    using temporary = new TemporarySegment();
    temporary.ready();
    const admin = createAdmin({ segment: temporary.segment, version: "1", prefix });
    expect(admin.matches(target)).toBe(status === 200);
    expect((await admin.fetch(new Request(`http://localhost${target}`), LOCAL)).status).toBe(status);
  });
});

describe("/health", () => {
  test("is 200 and healthy, or 503 and degraded, as workers come and go", async () => {
    using temporary = new TemporarySegment();
    const admin = createAdmin({ segment: temporary.segment, version: "1.2.3" });
    const check = async (): Promise<[number, string]> => {
      const response = await admin.fetch(new Request("http://localhost/health"), STRANGER);
      expect(response.headers.get("Content-Type")).toBe("application/json");
      return [response.status, ((await response.json()) as { status: string }).status];
    };
    expect(await check()).toEqual([503, "degraded"]);
    const slot = temporary.ready();
    expect(await check()).toEqual([200, "healthy"]);
    slot.heartbeat(Date.now() - 6000);
    expect(await check()).toEqual([503, "degraded"]);
    slot.heartbeat();
    expect(await check()).toEqual([200, "healthy"]);
    slot.state = SlotState.Draining;
    expect(await check()).toEqual([503, "degraded"]);
  });
});

describe("/metrics", () => {
  test("is Prometheus text 0.0.4, and a scrape ends the interval for all workers", async () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    const workers = [temporary.segment, openSegment(temporary.path)].map((segment) =>
      createAdmin({ segment, version: "1.2.3" }),
    );
    const scrape = async (worker: number): Promise<number> => {
      const response = await workers[worker]!.fetch(new Request("http://localhost/metrics"), LOCAL);
      expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
      return parseMetrics(await response.text()).value("http_response_time_milliseconds_since_last");
    };
    serve(slot, "/", 200, 3000);
    expect(await scrape(0)).toBe(3);
    serve(slot, "/", 200, 5000);
    expect(await scrape(1)).toBe(5);
    expect(await scrape(0)).toBe(0);
  });

  test("is not ended by /stats or /health", async () => {
    using temporary = new TemporarySegment();
    serve(temporary.ready(), "/", 200, 3000);
    const admin = createAdmin({ segment: temporary.segment, version: "1.2.3" });
    for (const path of ["/stats", "/health", "/stats"])
      await admin.fetch(new Request(`http://localhost${path}`), LOCAL);
    const text = await (await admin.fetch(new Request("http://localhost/metrics"), LOCAL)).text();
    expect(parseMetrics(text).value("http_response_time_milliseconds_since_last")).toBe(3);
  });
});

test("an exception is a bare 500: the details go to the log and not to the client", async () => {
  using temporary = new TemporarySegment();
  temporary.ready();
  const errors: Error[] = [];
  const { segment } = temporary;
  const admin = createAdmin({ segment, version: "1", onError: (error) => errors.push(error) });
  Object.defineProperty(segment, "base", {
    get: () => {
      throw new Error("secret of ours");
    },
  });
  const response = await admin.fetch(new Request("http://localhost/stats"), LOCAL);
  expect([response.status, response.headers.get("X-Priority")]).toEqual([500, "high"]);
  expect(await response.text()).toBe("500 Internal Server Error\n");
  expect(errors.map((error) => error.message)).toEqual(["secret of ours"]);
});
