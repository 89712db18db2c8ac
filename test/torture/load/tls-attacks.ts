/**
 * What hostile clients of TLS say before there is a connection: a row for each attack.
 *
 * In:    a ClientHello.
 * Out:   octets to be sent over TCP, at first and every second.
 */
import type { Dribble } from "./h2-attacks.ts";

/** The first flight of Bun's own client (RFC 8446 §4.1.2): caught by a listener that lets it say what it wants. */
export async function catchClientHello(): Promise<Buffer> {
  const caught = Promise.withResolvers<Buffer>();
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data(socket, octets) {
        caught.resolve(Buffer.from(octets));
        socket.terminate();
      },
    },
  });
  const client = Bun.connect({
    hostname: "127.0.0.1",
    port: listener.port,
    tls: { rejectUnauthorized: false },
    socket: { data() {}, error() {}, close() {} },
  });
  client.catch(() => {});
  const hello = await caught.promise;
  listener.stop(true);
  return hello;
}

export function tlsDribblesOf(hello: Buffer): Readonly<Record<string, Dribble>> {
  const garbage = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 73 + 5) & 0xff));
  return {
    /** Connected, and silent. */
    silent: { opening: Buffer.alloc(0) },
    /** A ClientHello, an octet a second. */
    "hello-dribble": {
      opening: hello.subarray(0, 6),
      trickle: (second) => hello.subarray(6 + second, 7 + second),
    },
    /** A whole ClientHello, and no answer to what the server says to it. */
    "half-open": { opening: hello },
    /** No TLS at all. */
    garbage: { opening: garbage },
    /** The record of a handshake, and nothing of one in it. */
    "garbage-record": { opening: Buffer.concat([Buffer.from([0x16, 3, 1, 1, 0]), garbage]) },
  };
}
