/**
 * A connected TCP pair on the loopback for tests of sending: small buffers, and a receiver that reads only when told.
 *
 * Out:   `sender` (use `sender.fd`), `receiver.read(octets)` resolving with exactly so many octets.
 * Keeps: closed by `await using`.
 */
import { ptr } from "bun:ffi";
import type { Socket } from "bun";
import { libc } from "../../src/sys/libc.ts";

const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;

/** Small enough that any test file overfills them; smaller ones make TCP wait for delayed acknowledgements. */
const BUFFER_OCTETS = 16 * 1024;

export type Loopback = AsyncDisposable & {
  sender: Socket;
  senderFd: number;
  receiver: Socket;
  receiverFd: number;
  /** Starts reading and resolves with the next `octets` received. */
  read(octets: number): Promise<Uint8Array>;
};

/** `socket.fd` exists; the types lack it. */
function descriptorOf(socket: Socket): number {
  return (socket as unknown as { fd: number }).fd;
}

function setBuffer(fd: number, which: "send" | "receive", octets: number): void {
  const cell = new Int32Array([octets]);
  libc!.setsockopt(fd, SOL_SOCKET, which === "send" ? SO_SNDBUF : SO_RCVBUF, ptr(cell), 4);
}

export async function openLoopback(): Promise<Loopback> {
  const accepted = Promise.withResolvers<Socket>();
  const received: Uint8Array[] = [];
  let wake = () => {};
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => accepted.resolve(socket),
      data() {},
    },
  });
  const receiver = await Bun.connect({
    hostname: "127.0.0.1",
    port: listener.port,
    socket: {
      open: (socket) => socket.pause(),
      data(_socket, data) {
        received.push(new Uint8Array(data));
        wake();
      },
    },
  });
  const sender = await accepted.promise;
  setBuffer(descriptorOf(sender), "send", BUFFER_OCTETS);
  setBuffer(descriptorOf(receiver), "receive", BUFFER_OCTETS);
  return {
    sender,
    senderFd: descriptorOf(sender),
    receiver,
    receiverFd: descriptorOf(receiver),
    async read(octets) {
      receiver.resume();
      const count = () => received.reduce((sum, piece) => sum + piece.byteLength, 0);
      while (count() < octets) await new Promise<void>((resolve) => (wake = resolve));
      return new Uint8Array(Buffer.concat(received.splice(0)));
    },
    async [Symbol.asyncDispose]() {
      receiver.terminate();
      sender.terminate();
      listener.stop(true);
    },
  };
}
