/** Clients that say nothing, too little, or don't read: let go in time, and no sooner. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { PATIENCE_MS, until } from "../support/deadline.ts";
import { randomOctets } from "../support/octets.ts";
import { requestOctets, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

setDefaultTimeout(PATIENCE_MS);

const LARGE = randomOctets(12 << 20, 1);

const server = useSaker({
  config: `header_timeout_seconds = 0.5
timeout_seconds = 1
keepalive_timeout_seconds = 1.5`,
  site: { "a.txt": "a", "large.bin": LARGE },
});

/** Ends with the connection: nothing or a 408 came before. */
async function expectTimeout(client: { readUntilClose(): Promise<Buffer> }): Promise<void> {
  const octets = (await client.readUntilClose()).toString("latin1");
  if (octets !== "") expect(octets).toMatch(/^HTTP\/1\.1 408 [^]*\r\nConnection: close\r\n/i);
}

const timeouts = async () => {
  const metrics = await server.saker.metrics();
  return metrics.sum("http_requests_rejected_total") + metrics.sum("http_responses_total", { code: "408" });
};

describe("the connection is closed", () => {
  test.concurrent("when nothing is ever sent", async () => {
    await using client = await server.saker.connect();
    await client.expectClose();
  });

  test.concurrent("when a head is not finished", async () => {
    await using client = await server.saker.connect();
    await client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    await expectTimeout(client);
  });

  test.concurrent("when a head comes octet by octet forever", async () => {
    await using client = await server.saker.connect();
    await client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    const trickle = setInterval(() => client.ending === "open" && client.sendCarelessly("A"), 50);
    try {
      await expectTimeout(client);
    } finally {
      clearInterval(trickle);
    }
  });

  test.concurrent("when the content stops coming", async () => {
    await using client = await server.saker.connect();
    await client.send(`POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc`);
    const octets = (await client.readUntilClose()).toString("latin1");
    expect(octets).toMatch(/^HTTP\/1\.1 4(05|08) /);
  });

  test.concurrent("when the content comes octet by octet forever", async () => {
    await using client = await server.saker.connect();
    await client.send("POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    const trickle = setInterval(() => client.ending === "open" && client.sendCarelessly("A"), 50);
    try {
      await expectTimeout(client);
    } finally {
      clearInterval(trickle);
    }
  });

  test.concurrent("when an idle connection is kept for too long", async () => {
    await using client = await server.saker.connect();
    expect((await client.request(requestOctets("/a.txt"))).text).toBe("a");
    await client.expectClose();
  });

  test.concurrent("without a word when only an empty line follows the last request (RFC 9112 §2.2)", async () => {
    await using client = await server.saker.connect();
    expect((await client.request(`${requestOctets("/a.txt")}\r`)).text).toBe("a");
    await client.send("\n");
    await client.expectClose();
  });

  test.concurrent("when the next request on a kept connection is not finished", async () => {
    await using client = await server.saker.connect();
    await client.request(requestOctets("/a.txt"));
    await client.send("GET /a");
    await expectTimeout(client);
  });

  test.concurrent("when the client doesn't read its answer", async () => {
    await using client = await server.saker.connect({ receiveBufferOctets: 16_384 });
    client.pause();
    await client.send(requestOctets("/large.bin"));
    // Seen from the server's side, since a client that doesn't read doesn't notice either.
    await until(async () => {
      const metrics = await server.saker.metrics();
      return metrics.sum("http_connections_active") <= 1;
    }, "only the asking connection is left");
    client.resume();
    await expect(client.readResponse()).rejects.toThrow();
  });
});

describe("the connection is kept", () => {
  test.concurrent("while requests come more often than keepalive_timeout_seconds", async () => {
    await using client = await server.saker.connect();
    for (let round = 0; round < 5; round++) {
      expect((await client.request(requestOctets("/a.txt"))).text).toBe("a");
      await Bun.sleep(600); // Longer than header_timeout_seconds, and all rounds together longer than the others.
    }
  });

  test.concurrent("while content keeps coming at min_receive_rate, however long it takes", async () => {
    await using client = await server.saker.connect();
    await client.send("POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 2400\r\n\r\n");
    for (let piece = 0; piece < 6; piece++) {
      await Bun.sleep(400);
      await client.send("x".repeat(400));
    }
    expect((await client.readResponse()).status).toBe(405);
    expect((await client.request(requestOctets("/a.txt"))).text).toBe("a");
  });

  test.concurrent("while the answer is read slowly but steadily", async () => {
    await using client = await server.saker.connect({ receiveBufferOctets: 65_536 });
    await client.send(requestOctets("/large.bin"));
    let next = 1 << 20;
    const response = await client.readResponse({
      sink: (_, offset) => {
        if (offset < next) return;
        next += 1 << 20;
        client.pause();
        setTimeout(() => client.resume(), 300);
      },
    });
    expect(response.status).toBe(200);
  });
});

test.concurrent(
  "a client that takes long for what the socket's buffer holds, but never stops, gets its whole answer",
  async () => {
    await using client = await server.saker.connect({ receiveBufferOctets: 65_536 });
    await client.send(requestOctets("/large.bin"));
    let pauses = 0;
    const response = await client.readResponse({
      sink: (_, offset) => {
        if (pauses === 40 || offset < pauses * 20_000) return;
        pauses++;
        client.pause();
        setTimeout(() => client.resume(), 100);
      },
    });
    expect(response.status).toBe(200);
  },
);

test.concurrent(
  "the last answer arrives whole, although its client begins to read it when we have stopped to linger",
  async () => {
    await using saker = await startSaker({ site: { "a.txt": "a", "medium.bin": LARGE.subarray(0, 1 << 20) } });
    await using client = await saker.connect({ receiveBufferOctets: 65_536 });
    client.pause();
    await client.send(requestOctets("/a.txt") + requestOctets("/medium.bin", ["Connection: close"]));
    await Bun.sleep(8000);
    client.resume();
    const [, response] = await client.readResponses(2);
    expect(response!.body.length).toBe(1 << 20);
    await client.expectClose();
  },
);

test.concurrent("a client that keeps its side open after the last answer is let go", async () => {
  await using saker = await startSaker({ site: { "a.txt": "a" } });
  await using client = await saker.connect();
  await client.send(requestOctets("/a.txt") + requestOctets("/a.txt", ["Connection: close"]));
  await client.readResponses(2);
  const isAlone = async () => (await saker.metrics()).value("http_connections_active") === 1;
  await until(isAlone, "the client is forgotten");
});

test.concurrent("content has its whole time from when its client has taken the answers before it", async () => {
  await using saker = await startSaker({
    config: "min_send_rate = 1000\ntimeout_seconds = 6",
    site: { "small.bin": LARGE.subarray(0, 60_000) },
  });
  await using client = await saker.connect({ receiveBufferOctets: 65_536 });
  await client.request(requestOctets("/small.bin"));
  client.pause();
  const count = 150; // more than the socket's buffer holds
  await client.send(
    `${requestOctets("/small.bin").repeat(count)}POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n`,
  );
  await Bun.sleep(4000);
  client.resume();
  await client.readResponses(count);
  await Bun.sleep(3200);
  await client.send("hello");
  expect((await client.readResponse()).status).toBe(405);
});

describe("min_send_rate", () => {
  const slow = useSaker({ config: "min_send_rate = 1_000_000\ntimeout_seconds = 1", site: { "large.bin": LARGE } });

  /** Reads the large file, with a pause after each `octets`. */
  async function readSlowly(octets: number, pauseMs: number): Promise<number> {
    await using client = await slow.saker.connect({ receiveBufferOctets: 65_536 });
    await client.send(requestOctets("/large.bin"));
    let next = octets;
    let received = 0;
    const response = client.readResponse({
      sink: (piece, offset) => {
        received = offset + piece.length;
        if (received < next) return;
        next += octets;
        client.pause();
        setTimeout(() => client.resume(), pauseMs);
      },
    });
    return await response.then(
      () => received,
      () => -received,
    );
  }

  test.concurrent("a client that takes less is let go, though it never stops", async () => {
    expect(await readSlowly(10_000, 300)).toBeLessThan(0);
    expect((await slow.saker.metrics()).value("saker_timeouts_total", { kind: "send_rate" })).toBe(1);
  });

  test.concurrent(
    "a client that takes more gets all of it",
    async () => expect(await readSlowly(1 << 20, 300)).toBe(LARGE.length),
    25_000,
  );
});

test.concurrent("what timed out is told by the statistics", async () => {
  await using client = await server.saker.connect();
  const before = await timeouts();
  await client.send("GET / HT");
  await expectTimeout(client);
  await until(async () => (await timeouts()) > before, "the timeout is counted");
});

test.concurrent("keepalive_timeout_seconds = 0 closes after each response", async () => {
  await using saker = await startSaker({ config: "keepalive_timeout_seconds = 0", site: { "a.txt": "a" } });
  await using client = await saker.connect();
  const response = await client.request(requestOctets("/a.txt"));
  expect([response.text, response.field("Connection")]).toEqual(["a", "close"]);
  await client.expectClose();
});
