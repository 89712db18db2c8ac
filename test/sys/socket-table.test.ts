/** The kernel's table of sockets, asked for those that are known to be in it. */
import { expect, test } from "bun:test";
import { libc } from "../../src/sys/libc.ts";
import { closeListenSocket, openListenSocket, PortSharing } from "../../src/sys/listen-socket.ts";
import { HANDSHAKE_STATE, localPortsOf } from "../../src/sys/socket-table.ts";
import { until } from "../support/deadline.ts";

const LISTEN_STATE = 10;

test.skipIf(libc === null).each([
  ["127.0.0.1", 4],
  ["::1", 6],
] as const)("sockets on %s", async (host, version) => {
  const { fd, port } = openListenSocket({ host, port: 0, backlog: 1024, sharing: PortSharing.Claim });
  expect(localPortsOf(version, LISTEN_STATE)).toContain(port);
  expect(localPortsOf(version, HANDSHAKE_STATE)).not.toContain(port);
  // More than fit into one answer of the kernel: they are silent, so they are not handed over yet.
  const count = 200;
  const connect = () => Bun.connect({ hostname: host, port, socket: { data() {} } });
  const clients = await Promise.all(Array.from({ length: count }, connect));
  const begun = () => localPortsOf(version, HANDSHAKE_STATE)!.filter((one) => one === port).length;
  await until(
    () => begun() === count,
    () => `${count} handshakes have begun, not ${begun()}`,
  );
  for (const client of clients) client.terminate();
  closeListenSocket(fd);
  expect(localPortsOf(version, LISTEN_STATE)).not.toContain(port);
});

test.skipIf(libc !== null)("without FFI there is no answer", () => {
  expect(localPortsOf(4, LISTEN_STATE)).toBeNull();
});
