/** Who makes room at max_connections, and what holds when descriptors run short. */
import { describe, expect, test } from "bun:test";
import { until } from "../support/deadline.ts";
import { descriptorsOf } from "../support/processes.ts";
import { type Saker, requestOctets, startSaker } from "../support/saker.ts";

const GET = requestOctets("/a.txt");
const SITE = { "a.txt": "a" };

/** User + system time of a process so far, in clock ticks. */
async function ticksOf(pid: number): Promise<number> {
  const stat = await Bun.file(`/proc/${pid}/stat`).text();
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

async function connectAndAsk(saker: Saker) {
  const client = await saker.connect();
  expect((await client.request(GET)).text).toBe("a");
  return client;
}

describe("at max_connections", () => {
  test("the connection that has been idle for longest makes room, and the others stay", async () => {
    await using saker = await startSaker({ config: "max_connections = 3", site: SITE });
    const [first, second, third] = [await connectAndAsk(saker), await connectAndAsk(saker), await connectAndAsk(saker)];
    await using fourth = await connectAndAsk(saker);
    await first.expectClose();
    for (const client of [second, third, fourth]) expect((await client.request(GET)).text).toBe("a");
    const metrics = await saker.metrics(); // takes one more place
    expect(metrics.value("http_connections_displaced_total")).toBe(2);
    expect(metrics.value("http_requests_rejected_total", { reason: "max_connections" })).toBe(0);
    for (const client of [second, third]) client.close();
  });

  test("one that has asked again meanwhile is not the longest idle any more", async () => {
    await using saker = await startSaker({ config: "max_connections = 2", site: SITE });
    await using first = await connectAndAsk(saker);
    await using second = await connectAndAsk(saker);
    // The order is kept to the second of the server's clock, which can't be seen from here: two of ours are enough.
    for (let time = 0; time < 8; time++) {
      expect((await first.request(GET)).text).toBe("a");
      await Bun.sleep(250);
    }
    await using third = await connectAndAsk(saker);
    await second.expectClose();
    expect((await first.request(GET)).text).toBe("a");
    expect((await third.request(GET)).text).toBe("a");
  });

  test("connections in the middle of a request never make room: 503, Retry-After, close", async () => {
    await using saker = await startSaker({ config: "max_connections = 2", site: SITE });
    await using one = await saker.connect();
    await using two = await saker.connect();
    for (const client of [one, two]) await client.send("GET /a.txt HTTP/1.1\r\n");
    await until(async () => {
      await using refused = await saker.connect();
      await refused.send(GET);
      const response = await refused.readResponse();
      if (response.status === 200) return false; // the two halves have not arrived yet
      expect([response.status, response.field("Connection")]).toEqual([503, "close"]);
      expect(response.has("Retry-After")).toBe(true);
      await refused.expectClose();
      return true;
    }, "the server is full");
    for (const client of [one, two]) {
      await client.send("Host: test.example\r\n\r\n");
      expect((await client.readResponse()).text).toBe("a");
    }
  });
});

describe("with few descriptors", () => {
  const FEW = 256;
  const wrapper = ["sh", "-c", `ulimit -n ${FEW}; exec "$@"`, "sh"];

  test("max_connections is lowered at the start, and a line says so", async () => {
    await using saker = await startSaker({ site: SITE, wrapper });
    await saker.printed(/may open only 256 descriptors: max_connections is 64 instead of 16384/);
  });

  test("more clients than descriptors: no crash, no spinning, and room again by itself", async () => {
    await using saker = await startSaker({ site: SITE, wrapper });
    const [worker] = saker.workerPids() as [number];
    // In the middle of a request, so that none of them can be asked to make room.
    const crowd = await Promise.all(Array.from({ length: 2 * FEW }, () => saker.connect()));
    for (const client of crowd) client.sendCarelessly("GET /a.txt HTTP/1.1\r\n");
    await until(
      () => crowd.filter(({ unread }) => unread.includes("503")).length > FEW,
      "most of them are told that the server is full",
    );
    expect(descriptorsOf(worker).length).toBeLessThan(FEW);
    const before = await ticksOf(worker);
    await Bun.sleep(1000); // what is measured is the server's work during a second without any
    expect((await ticksOf(worker)) - before).toBeLessThan(50);
    for (const client of crowd) client.close();
    await until(async () => (await saker.get("/a.txt").catch(() => null))?.status === 200, "there is room again");
    expect(saker.workerPids()).toEqual([worker]);
  });
});
