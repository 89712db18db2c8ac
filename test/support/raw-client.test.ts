/** The raw client against peers that behave in every way a server can. */
import { expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { until } from "./deadline.ts";
import { randomOctets } from "./octets.ts";
import { RawClient } from "./raw-client.ts";
import { ResponseError } from "./response.ts";

/** A peer that treats each connection as told; gone at the end of the scope. */
async function peer(treat: (socket: Socket) => void): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => sockets.delete(socket)); // The tests reset connections on purpose.
    treat(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as { port: number }).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const answers = (octets: string) => (socket: Socket) => void socket.once("data", () => socket.write(octets, "latin1"));

test("reads pipelined answers one by one, interim responses with the final one", async () => {
  await using server = await peer(
    answers(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 100 Continue\r\n\r\n" +
        "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nc\r\n0\r\n\r\n" +
        "HTTP/1.1 304 Not Modified\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    ),
  );
  await using client = await RawClient.connect(server.port);
  await client.send("x");
  const responses = await client.readResponses(4);
  expect(responses.map((response) => [response.status, response.text, response.interim.length])).toEqual([
    [200, "ab", 0],
    [404, "c", 1],
    [304, "", 0],
    [200, "", 0],
  ]);
});

test("an answer that trickles in octet by octet is the same answer", async () => {
  const octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  await using server = await peer(async (socket) => {
    socket.setNoDelay(true);
    for (const octet of octets) {
      socket.write(octet);
      await Bun.sleep(0);
    }
  });
  await using client = await RawClient.connect(server.port);
  expect((await client.readResponse()).text).toBe("hello");
});

test("tells an orderly close from a reset", async () => {
  await using closing = await peer((socket) => void socket.once("data", () => socket.end()));
  await using closed = await RawClient.connect(closing.port);
  await closed.send("x");
  await closed.expectClose();

  await using resetting = await peer((socket) => void socket.once("data", () => socket.resetAndDestroy()));
  await using reset = await RawClient.connect(resetting.port);
  await reset.send("x");
  await reset.readUntilClose();
  expect(reset.ending).toBe("reset");
});

test("octets before the close fail expectClose", async () => {
  await using server = await peer((socket) => void socket.end("surprise"));
  await using client = await RawClient.connect(server.port);
  await expect(client.expectClose()).rejects.toThrow("surprise");
});

test("a body cut short is an error, also when it goes to a sink", async () => {
  await using server = await peer((socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"));
  for (const sink of [undefined, () => {}]) {
    await using client = await RawClient.connect(server.port);
    await expect(client.readResponse({ sink })).rejects.toThrow(ResponseError);
  }
});

test("silence ends at the deadline", async () => {
  await using server = await peer(() => {});
  await using client = await RawClient.connect(server.port);
  await expect(client.readResponse({ deadlineMs: 20 })).rejects.toThrow("gave up waiting");
});

test("half-closing leaves the answer readable", async () => {
  await using server = await peer((socket) => {
    socket.on("data", () => {}).on("end", () => socket.end("HTTP/1.1 200 OK\r\n\r\nlate"));
  });
  await using client = await RawClient.connect(server.port);
  client.halfClose();
  expect((await client.readResponse()).text).toBe("late");
});

test("a paused client lets the peer meet a full buffer, and loses nothing", async () => {
  const octets = randomOctets(16 << 20);
  let isFull = false;
  await using server = await peer((socket) => {
    socket.once("data", () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${octets.length}\r\n\r\n`);
      isFull = !socket.write(octets);
    });
  });
  await using client = await RawClient.connect(server.port, { receiveBufferOctets: 16_384 });
  client.pause();
  await client.send("x");
  await until(() => isFull, "the peer has filled what the kernel takes");
  expect(client.octetsReceived).toBe(0);
  client.resume();
  const pieces: Uint8Array[] = [];
  await client.readResponse({ sink: (piece) => pieces.push(piece) });
  expect(Buffer.concat(pieces).equals(octets)).toBe(true);
});

test("sends more than the peer's buffer holds", async () => {
  let received = 0;
  await using server = await peer((socket) => {
    socket.on("data", (octets) => (received += octets.length));
    socket.on("end", () => socket.end(`HTTP/1.1 200 OK\r\n\r\n${received}`));
  });
  await using client = await RawClient.connect(server.port);
  await client.send(randomOctets(12 << 20));
  client.halfClose();
  expect((await client.readResponse()).text).toBe(String(12 << 20));
});
