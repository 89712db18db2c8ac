import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { libc } from "../../src/sys/libc.ts";
import { closeListenSocket, type ListenSocket, openListenSocket, PortSharing } from "../../src/sys/listen-socket.ts";
import { steerConnections, stopSteering } from "../../src/sys/steer-connections.ts";

const SOCKETS = 4;
const CONNECTIONS = 60;

describe.skipIf(libc === null).each([
  ["claimed first", PortSharing.Claim],
  ["all shared", PortSharing.Share],
])("steerConnections over a group, %s", (_what, firstSharing) => {
  let sockets: ListenSocket[] = [];
  let accepted: number[] = [];
  let listeners: { stop(force?: boolean): void }[] = [];

  beforeEach(() => {
    const open = (port: number, sharing: PortSharing) =>
      openListenSocket({ host: "127.0.0.1", port, backlog: 128, sharing });
    const first = open(0, firstSharing);
    sockets = [first, ...Array.from({ length: SOCKETS - 1 }, () => open(first.port, PortSharing.Share))];
    accepted = sockets.map(() => 0);
    listeners = sockets.map((socket, place) => {
      const options = {
        fd: socket.fd,
        socket: {
          open(connection: { end(text: string): void }) {
            accepted[place]!++;
            connection.end("x");
          },
          data() {},
        },
      };
      return Bun.listen(options as unknown as Parameters<typeof Bun.listen>[0]);
    });
  });

  afterEach(() => listeners.forEach((listener) => listener.stop(true)));

  /** How many of the connections each place got. */
  async function spread(): Promise<number[]> {
    accepted.fill(0);
    const connections = Array.from({ length: CONNECTIONS }, () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const options = { hostname: "127.0.0.1", port: sockets[0]!.port };
      void Bun.connect({
        ...options,
        socket: {
          open: (socket) => void socket.write("x"), // else accept(2) is deferred for a second
          data() {},
          close: () => resolve(),
          end: (socket) => void socket.end(),
        },
      });
      return promise;
    });
    await Promise.all(connections);
    expect(accepted.reduce((sum, count) => sum + count, 0)).toBe(CONNECTIONS);
    return accepted.slice();
  }

  test.each([[[0]], [[3]], [[0, 1]], [[1, 3]], [[0, 2, 3]]])("connections reach %j and no other", async (places) => {
    expect(steerConnections(sockets[1]!.fd, places)).toBe(true);
    const counts = await spread();
    counts.forEach((count, place) => expect(count > 0).toBe(places.includes(place)));
  });

  test("the latest choice holds; stopping gives all of them their share again", async () => {
    steerConnections(sockets[0]!.fd, [2]);
    steerConnections(sockets[0]!.fd, [1]);
    expect(await spread()).toEqual([0, CONNECTIONS, 0, 0]);
    expect(stopSteering(sockets[0]!.fd)).toBe(true);
    expect((await spread()).every((count) => count > 0)).toBe(true);
  });
});

test("steerConnections refuses an empty choice and a descriptor that is no socket", () => {
  expect(steerConnections(0, [])).toBe(false);
  expect(steerConnections(-1, [0])).toBe(false);
  if (libc !== null) {
    const alone = openListenSocket({ host: "127.0.0.1", port: 0, backlog: 1, sharing: PortSharing.Exclusive });
    expect(steerConnections(alone.fd, [0])).toBe(false);
    closeListenSocket(alone.fd);
  }
});
