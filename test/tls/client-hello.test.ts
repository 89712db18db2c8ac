/** The first message of a client's handshake, as real clients send it. */
import { describe, expect, test } from "bun:test";
import { connect } from "node:tls";
import { readClientHello } from "../../src/tls/client-hello.ts";

/** What a client sends first. */
async function helloOf(options: object): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>();
  const pieces: Buffer[] = [];
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, octets) {
        pieces.push(Buffer.from(octets));
        if (readClientHello(Buffer.concat(pieces)) === "incomplete") return;
        resolve(Buffer.concat(pieces));
        socket.end();
      },
    },
  });
  const client = connect({ host: "127.0.0.1", port: listener.port, rejectUnauthorized: false, ...options });
  client.on("error", () => {});
  try {
    return await promise;
  } finally {
    client.destroy();
    listener.stop(true);
  }
}

const NAMED = await helloOf({ servername: "a.example", ALPNProtocols: ["acme-tls/1"] });
const BROWSER = await helloOf({ servername: "b.example", ALPNProtocols: ["h2", "http/1.1"] });
const BARE = await helloOf({});

describe("a whole message", () => {
  test("names a host, and offers protocols", () => {
    expect(readClientHello(NAMED)).toEqual({ serverName: "a.example", protocols: ["acme-tls/1"] });
    expect(readClientHello(BROWSER)).toEqual({ serverName: "b.example", protocols: ["h2", "http/1.1"] });
  });

  test("does neither", () => {
    expect(readClientHello(BARE)).toEqual({ serverName: null, protocols: [] });
  });

  test("over several records is the same", () => {
    const message = NAMED.subarray(5);
    const records = [message.subarray(0, 3), message.subarray(3, 90), message.subarray(90)].map((piece) =>
      Buffer.concat([Buffer.of(22, 3, 1, piece.length >> 8, piece.length & 255), piece]),
    );
    expect(readClientHello(Buffer.concat(records))).toEqual({ serverName: "a.example", protocols: ["acme-tls/1"] });
  });

  test("what follows it isn't read", () => {
    expect(readClientHello(Buffer.concat([NAMED, Buffer.alloc(40, 255)]))).toEqual(readClientHello(NAMED));
  });
});

describe("anything else", () => {
  test("cut off anywhere, it is incomplete", () => {
    for (let end = 0; end < NAMED.length; end++) expect(readClientHello(NAMED.subarray(0, end))).toBe("incomplete");
  });

  test("no handshake is other, and so is another message", () => {
    expect(readClientHello(Buffer.from("GET / HTTP/1.1\r\n"))).toBe("other");
    const finished = Buffer.from(NAMED);
    finished[5] = 20;
    expect(readClientHello(finished)).toBe("other");
  });

  test("lengths that lead astray make it other, or change what is offered, and nothing worse", () => {
    for (let index = 5; index < NAMED.length; index++) {
      for (const octet of [0, 1, 127, 255]) {
        const changed = Buffer.from(NAMED);
        changed[index] = octet;
        const outcome = readClientHello(changed);
        if (typeof outcome === "string") expect(["other", "incomplete"]).toContain(outcome);
        else expect(Array.isArray(outcome.protocols)).toBe(true);
      }
    }
  });

  test("a message that would be too long isn't waited for", () => {
    expect(readClientHello(Buffer.of(22, 3, 1, 64, 0, 1, 1, 0, 0))).toBe("other");
  });
});
