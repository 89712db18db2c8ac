/** Bounds of a worker: connections, and slow requests under way and waiting. What doesn't fit is told so at once. */
import { describe, expect, test } from "bun:test";
import { until } from "../support/deadline.ts";
import { firstDifference, randomOctets } from "../support/octets.ts";
import { requestOctets, startSaker } from "../support/saker.ts";

describe("max_connections", () => {
  test("one more is refused with 503 and close; when one leaves, the next is welcome", async () => {
    await using saker = await startSaker({ config: "max_connections = 3", site: { "a.txt": "a" } });
    const held = await Promise.all([saker.connect(), saker.connect(), saker.connect()]);
    for (const client of held) expect((await client.request(requestOctets("/a.txt"))).text).toBe("a");
    // In the middle of a request: those that are idle would make room (room.test.ts).
    const [begin, finish] = [requestOctets("/a.txt").slice(0, 20), requestOctets("/a.txt").slice(20)];
    for (const client of held) await client.send(begin);
    await until(async () => {
      await using late = await saker.connect();
      return (await late.request(requestOctets("/a.txt"))).status === 503;
    }, "all three are busy");

    for (let round = 0; round < 5; round++) {
      await using refused = await saker.connect();
      await refused.send(requestOctets("/a.txt"));
      const response = await refused.readResponse();
      expect([response.status, response.field("Connection")]).toEqual([503, "close"]);
      expect(response.has("Retry-After")).toBe(true);
      await refused.expectClose();
    }
    // The clients that were there first don't notice.
    for (const client of held) {
      await client.send(finish);
      expect((await client.readResponse()).text).toBe("a");
      await client.send(begin);
    }

    held.pop()!.close();
    await until(async () => {
      await using client = await saker.connect();
      await client.send(requestOctets("/a.txt"));
      return (await client.readResponse()).status === 200;
    }, "there is room again");
    held.pop()!.close();
    const metrics = await until(async () => {
      const response = await saker.get("/metrics").catch(() => null);
      return response?.status === 200 ? response.text : null;
    }, "the statistics are answered");
    const rejected = /^http_requests_rejected_total\{reason="[^"]*conn[^"]*"\} (\d+)$/m.exec(metrics);
    expect(Number(rejected?.[1])).toBeGreaterThanOrEqual(5);
    held.pop()!.close();
  });
});

describe("the slow path", () => {
  const COUNT = 100;
  // So large that a thread reads them: what the kernel has of smaller ones is read at once, and no request has to wait.
  const content = (index: number) => randomOctets(150_000, index + 1);
  const site = Object.fromEntries(Array.from({ length: COUNT }, (_, index) => [`${index}.bin`, content(index)]));

  test("when slots and queue are full: 503 with Retry-After: 1, and the connection goes on", async () => {
    await using saker = await startSaker({ config: "threads_per_worker = 1\nqueue_size = 2", site });
    const clients = await Promise.all(Array.from({ length: COUNT }, () => saker.connect()));
    for (const [index, client] of clients.entries()) client.sendCarelessly(requestOctets(`/${index}.bin`));
    let served = 0;
    let refused = 0;
    for (const [index, client] of clients.entries()) {
      const response = await client.readResponse();
      if (response.status === 200) {
        served++;
        expect(firstDifference(response.body, content(index))).toBeNull();
      } else {
        refused++;
        expect(response.status).toBe(503);
        expect(response.field("Retry-After")).toBe("1");
        expect(response.field("Connection")).not.toBe("close");
      }
    }
    expect(served).toBeGreaterThanOrEqual(3);
    expect(refused).toBeGreaterThan(0);

    // Every one of them is served when it comes back as told.
    for (const [index, client] of clients.entries()) {
      await until(async () => {
        const response = await client.request(requestOctets(`/${index}.bin`));
        return response.status === 200 && firstDifference(response.body, content(index)) === null;
      }, `${index}.bin is served`);
      client.close();
    }
    const metrics = await saker.metrics();
    expect(metrics.sum("http_responses_total", { code: "503" })).toBe(refused);
    expect(metrics.matching("http_requests_rejected_total").some(({ value }) => value === refused)).toBe(true);
    // Logged at the first, and at every hundredth.
    const lines = saker.stderr.split("\n").filter((line) => /queue/i.test(line) && /\d{4}-\d\d-\d\d/.test(line));
    expect(lines.length).toBe(1 + Math.floor(refused / 100));
  });

  test("admin endpoints pass by the queue, cached files don't need it", async () => {
    await using saker = await startSaker({
      config: "threads_per_worker = 1\nqueue_size = 0",
      site: { ...site, "hot.txt": "hot" },
    });
    expect((await saker.get("/hot.txt")).text).toBe("hot");
    const clients = await Promise.all(Array.from({ length: 50 }, () => saker.connect()));
    await using hot = await saker.connect();
    await using admin = await saker.connect();
    for (const [index, client] of clients.entries()) client.sendCarelessly(requestOctets(`/${index}.bin`));
    hot.sendCarelessly(requestOctets("/hot.txt"));
    for (const endpoint of ["/health", "/metrics", "/stats"]) {
      const response = await admin.request(requestOctets(endpoint));
      expect([response.status, response.field("X-Priority")]).toEqual([200, "high"]);
    }
    expect((await hot.readResponse()).text).toBe("hot");
    const statuses = await Promise.all(clients.map(async (client) => (await client.readResponse()).status));
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    for (const client of clients) client.close();
  });

  test("a big enough queue refuses no request", async () => {
    await using saker = await startSaker({ config: `threads_per_worker = 1\nqueue_size = ${COUNT}`, site });
    const clients = await Promise.all(Array.from({ length: COUNT }, () => saker.connect()));
    for (const [index, client] of clients.entries()) client.sendCarelessly(requestOctets(`/${index}.bin`));
    for (const [index, client] of clients.entries()) {
      const response = await client.readResponse();
      expect(response.status).toBe(200);
      expect(firstDifference(response.body, content(index))).toBeNull();
      client.close();
    }
  });

  test("waiting clients that leave make room and do no harm", async () => {
    await using saker = await startSaker({ config: `threads_per_worker = 1\nqueue_size = ${COUNT}`, site });
    for (let round = 0; round < 3; round++) {
      const clients = await Promise.all(Array.from({ length: 30 }, () => saker.connect()));
      for (const [index, client] of clients.entries())
        client.sendCarelessly(requestOctets(`/${index + round * 30}.bin`));
      for (const client of clients) client.close();
    }
    expect((await saker.get(`/${COUNT - 1}.bin`)).status).toBe(200);
    await until(async () => {
      const metrics = await saker.metrics();
      // The one that asks is one of them.
      return metrics.value("http_connections_active") === 1 && metrics.value("http_requests_in_flight") === 1;
    }, "they are all forgotten");
    expect(saker.workerPids().length).toBe(1);
  });
});
