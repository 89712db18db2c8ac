/** Persistent connections: keep-alive of both versions, pipelining, requests in pieces, half-closed clients. */
import { describe, expect, test } from "bun:test";
import { firstDifference, randomOctets } from "../support/octets.ts";
import { requestOctets, startSaker } from "../support/saker.ts";
import { useSaker } from "../support/use-saker.ts";

const MEDIUM = randomOctets(100_000, 1);
const LARGE = randomOctets(2 << 20, 2);

const server = useSaker({
  site: { "index.html": "home", "a.txt": "a", "b.txt": "bb", "medium.bin": MEDIUM, "large.bin": LARGE },
});

const request = (version: string, target: string, ...lines: string[]) =>
  [`GET ${target} HTTP/${version}`, ...lines, "", ""].join("\r\n");

describe("persistence (RFC 9112 §9.3)", () => {
  test.each([
    ["1.1 says nothing", "1.1", ["Host: a"], true],
    ["1.1 says keep-alive", "1.1", ["Host: a", "Connection: keep-alive"], true],
    ["1.1 says close", "1.1", ["Host: a", "Connection: close"], false],
    ["1.1 says CLOSE", "1.1", ["Host: a", "Connection: CLOSE"], false],
    ["1.1 says close among others", "1.1", ["Host: a", "Connection: foo, close ,bar"], false],
    ["1.1 says close in a second line", "1.1", ["Host: a", "Connection: keep-alive", "Connection: close"], false],
    ["1.1 says closed, which is nothing", "1.1", ["Host: a", "Connection: closed"], true],
    ["1.0 says nothing", "1.0", [], false],
    ["1.0 says keep-alive", "1.0", ["Connection: keep-alive"], true],
    ["1.0 says Keep-Alive", "1.0", ["Connection: Keep-Alive"], true],
    ["1.0 says close", "1.0", ["Connection: close"], false],
    ["1.0 says both", "1.0", ["Connection: keep-alive, close"], false],
  ])("%s", async (_, version, lines, persists) => {
    for (const target of ["/a.txt", "/missing", "/large.bin"]) {
      await using client = await server.saker.connect();
      const response = await client.request(request(version, target, ...lines));
      expect(response.head.minorVersion).toBe(1);
      const option = response.field("Connection")?.toLowerCase();
      if (!persists) {
        expect(option).toBe("close");
        await client.expectClose();
        continue;
      }
      if (version === "1.0") expect(option).toBe("keep-alive");
      else expect(option).not.toBe("close");
      expect((await client.request(request(version, "/b.txt", ...lines))).text).toBe("bb");
    }
  });

  test("HTTP/1.0 needs no Host", async () => {
    await using client = await server.saker.connect();
    expect((await client.request(request("1.0", "/a.txt"))).text).toBe("a");
  });

  test("a thousand requests on one connection", async () => {
    await using client = await server.saker.connect();
    for (let index = 0; index < 1000; index++) {
      const response = await client.request(requestOctets(index % 2 === 0 ? "/a.txt" : "/b.txt"));
      expect(response.text).toBe(index % 2 === 0 ? "a" : "bb");
    }
  });

  test("what follows a request with close is not answered", async () => {
    await using client = await server.saker.connect();
    await client.send(requestOctets("/a.txt", ["Connection: close"]) + requestOctets("/b.txt"));
    expect((await client.readResponse()).text).toBe("a");
    await client.expectClose();
  });

  test("keepalive_requests ends the connection after that many, and says so", async () => {
    await using saker = await startSaker({ config: "keepalive_requests = 3", site: { "a.txt": "a" } });
    for (const pipelined of [false, true]) {
      await using client = await saker.connect();
      if (pipelined) await client.send(requestOctets("/a.txt").repeat(5));
      for (let index = 1; index <= 3; index++) {
        if (!pipelined) await client.send(requestOctets("/a.txt"));
        const response = await client.readResponse();
        expect([response.text, response.field("Connection")]).toEqual(["a", index === 3 ? "close" : null]);
      }
      await client.expectClose();
    }
  });
});

test("the last answer reaches a client that has sent more requests meanwhile (RFC 9112 §9.6)", async () => {
  const content = randomOctets(8 << 20, 3);
  await using saker = await startSaker({
    config: "keepalive_requests = 2",
    site: { "a.txt": "a", "large.bin": content },
  });
  await using client = await saker.connect({ receiveBufferOctets: 65_536 });
  await client.send(requestOctets("/a.txt") + requestOctets("/large.bin"));
  await client.waitFor(1000);
  client.pause();
  // In two pieces: the server stops to read when the first has come, so the second stays in the kernel.
  await client.send(requestOctets("/a.txt"));
  await saker.get("/a.txt");
  await client.send(requestOctets("/a.txt").repeat(1000));
  client.resume();
  expect((await client.readResponse()).text).toBe("a");
  expect(firstDifference((await client.readResponse()).body, content)).toBeNull();
  await client.expectClose();
});

test.each([
  ["that was asked for", ["Connection: close"], 1],
  ["that was not", [], 2],
])("octets that come behind a close %s don't cut off what the client has yet to take", async (_, lines, requests) => {
  await using saker = await startSaker({
    config: "keepalive_requests = 2",
    site: { "a.txt": "a", "medium.bin": MEDIUM },
  });
  await using client = await saker.connect({ receiveBufferOctets: 16_384 });
  for (let index = 0; index < requests; index++) {
    if (index > 0) await saker.get("/a.txt"); // each request is read by itself
    await client.send(requestOctets("/medium.bin", lines));
    await client.waitFor(1000 * (index + 1));
    client.pause();
  }
  await saker.get("/a.txt");
  await client.send(requestOctets("/a.txt"));
  client.resume();
  for (let index = 0; index < requests; index++) {
    expect(firstDifference((await client.readResponse()).body, MEDIUM)).toBeNull();
  }
  await client.expectClose();
});

describe("pipelining (RFC 9112 §9.3.2)", () => {
  const MIXED = [
    ["/a.txt", 200, Buffer.from("a")],
    ["/large.bin", 200, LARGE],
    ["/missing", 404, null],
    ["/b.txt", 200, Buffer.from("bb")],
    ["/", 200, Buffer.from("home")],
    ["/medium.bin", 200, MEDIUM],
    ["/%", 400, null],
    ["/../x", 400, null],
    ["/health", 200, null],
    ["/a.txt", 200, Buffer.from("a")],
  ] as const;

  test("hits, misses, errors, admin answers and large files come in the order they were asked for", async () => {
    for (const receiveBufferOctets of [undefined, 16_384]) {
      await using client = await server.saker.connect({ receiveBufferOctets });
      await client.send(
        MIXED.map(([target]) => requestOctets(target))
          .join("")
          .repeat(3),
      );
      for (const [target, status, content] of [...MIXED, ...MIXED, ...MIXED]) {
        const response = await client.readResponse();
        expect([target, response.status]).toEqual([target, status]);
        if (content) expect(firstDifference(response.body, content)).toBeNull();
      }
    }
  });

  test("GET, HEAD, conditional and partial requests mixed", async () => {
    await using client = await server.saker.connect();
    const tag = (await client.request(requestOctets("/a.txt"))).field("ETag");
    await client.send(
      requestOctets("/b.txt", [], "HEAD") +
        requestOctets("/a.txt", [`If-None-Match: ${tag}`]) +
        requestOctets("/b.txt", ["Range: bytes=1-1"]) +
        requestOctets("/large.bin", [], "HEAD") +
        requestOctets("/large.bin", ["Range: bytes=-10"]) +
        requestOctets("/a.txt"),
    );
    const methods = ["HEAD", "GET", "GET", "HEAD", "GET", "GET"];
    const responses = await client.readResponses(6, methods);
    expect(responses.map(({ status }) => status)).toEqual([200, 304, 206, 200, 206, 200]);
    expect(firstDifference(responses[4]!.body, LARGE.subarray(-10))).toBeNull();
    expect(responses[5]!.text).toBe("a");
  });

  test("five thousand requests in one go", async () => {
    await using client = await server.saker.connect();
    const sending = client.send(requestOctets("/a.txt").repeat(5000));
    for (let index = 0; index < 5000; index++) expect((await client.readResponse()).status).toBe(200);
    await sending;
  });

  test("a client that sends for long and reads late gets every answer", async () => {
    await using client = await server.saker.connect({ receiveBufferOctets: 16_384 });
    client.pause();
    const count = 200;
    const sending = client.send(requestOctets("/medium.bin").repeat(count));
    // 20 MB of answers don't fit into any socket: the server has to stop and go on later.
    await Promise.race([sending, Bun.sleep(100)]);
    client.resume();
    for (let index = 0; index < count; index++) {
      const response = await client.readResponse();
      expect(firstDifference(response.body, MEDIUM)).toBeNull();
    }
    await sending;
  });

  test("a malformed request after good ones: the good ones are answered first, then 400 and close", async () => {
    await using client = await server.saker.connect();
    await client.send(requestOctets("/large.bin") + requestOctets("/a.txt") + "BAD\r\n\r\n" + requestOctets("/b.txt"));
    expect(firstDifference((await client.readResponse()).body, LARGE)).toBeNull();
    expect((await client.readResponse()).text).toBe("a");
    expect((await client.readResponse()).status).toBe(400);
    await client.expectClose();
  });
});

describe("requests in pieces", () => {
  const OCTETS =
    "POST /a.txt HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nbody\r\n0\r\nTrailer: z\r\n\r\n" +
    "GET /b.txt?q HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nUser-Agent: split/1.0\r\n\r\nxyz" +
    requestOctets("/a.txt");

  test("split at every octet", async () => {
    for (let split = 1; split < OCTETS.length; split += 1) {
      await using client = await server.saker.connect();
      await client.send(OCTETS.slice(0, split));
      // An answer to another client that came later: the first piece has been read by then.
      await server.saker.get("/a.txt");
      await client.send(OCTETS.slice(split));
      const responses = await client.readResponses(3);
      expect(responses.map(({ status, text }) => (status === 200 ? text : status))).toEqual([405, "bb", "a"]);
    }
  });

  test.each([1, 2, 3, 7, 64])("in pieces of %d octets", async (pieceOctets) => {
    await using client = await server.saker.connect();
    const sending = client.sendInPieces(OCTETS.repeat(3), pieceOctets);
    const responses = await client.readResponses(9);
    expect(responses.map(({ status }) => status)).toEqual([405, 200, 200, 405, 200, 200, 405, 200, 200]);
    await sending;
  });
});

test("a client that resets the connection between its pipelined requests is no error of ours", async () => {
  await using saker = await startSaker({ site: { "a.txt": "a" } });
  await saker.get("/a.txt");
  for (let round = 0; round < 100; round++) {
    await using client = await saker.connect();
    const requests = Array.from({ length: 50 }, (_, index) => `/missing-${round}-${index}`);
    await client.send(requests.map((target) => requestOctets("/a.txt") + requestOctets(target)).join(""));
    await client.readResponse();
    client.close();
  }
  expect((await saker.get("/a.txt")).text).toBe("a");
  expect(saker.stderr).not.toMatch(/WARN|ERROR/);
});

describe("half-closed clients", () => {
  test.each(["/a.txt", "/missing", "/large.bin", "/health"])(
    "%s is answered after the client's FIN",
    async (target) => {
      await using client = await server.saker.connect();
      await client.send(requestOctets(target));
      client.halfClose();
      const response = await client.readResponse();
      expect(response.status).toBe(target === "/missing" ? 404 : 200);
      if (target === "/large.bin") expect(firstDifference(response.body, LARGE)).toBeNull();
      await client.expectClose();
    },
  );

  test("everything pipelined before the FIN is answered", async () => {
    await using client = await server.saker.connect({ receiveBufferOctets: 16_384 });
    await client.send([..."ab"].map((name) => requestOctets(`/${name}.txt`) + requestOctets("/large.bin")).join(""));
    client.halfClose();
    const responses = await client.readResponses(4);
    expect(responses.map(({ body }) => body.length)).toEqual([1, LARGE.length, 2, LARGE.length]);
    await client.expectClose();
  });

  test.each([
    "",
    "GET",
    requestOctets("/a.txt").slice(0, -2),
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nxx",
  ])("a FIN after %j ends the connection", async (octets) => {
    await using client = await server.saker.connect();
    if (octets) await client.send(octets);
    client.halfClose();
    const answer = (await client.readUntilClose()).toString("latin1");
    if (answer !== "") expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  });
});
