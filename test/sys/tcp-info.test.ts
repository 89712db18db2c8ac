/** The kernel's numbers about a connection, over a loopback pair. */
import { expect, test } from "bun:test";
import { Errno } from "../../src/sys/errno.ts";
import { libc } from "../../src/sys/libc.ts";
import { closeListenSocket, openListenSocket, PortSharing } from "../../src/sys/listen-socket.ts";
import { acknowledgedOctets, retransmittedSegments, waitingConnections } from "../../src/sys/tcp-info.ts";
import { sendMore } from "../../src/sys/transmit.ts";
import { until } from "../support/deadline.ts";
import { openLoopback } from "./loopback.ts";

const content = Buffer.alloc(1024, "x");

test.skipIf(libc === null)("acknowledgedOctets counts what the peer has got", async () => {
  await using pair = await openLoopback();
  expect(acknowledgedOctets(pair.senderFd)).toBeLessThanOrEqual(1); // some kernels count the SYN
  const before = acknowledgedOctets(pair.senderFd);
  expect(sendMore(pair.senderFd, content, 0, 1000)).toBe(1000);
  expect(sendMore(pair.senderFd, content, 1000, 24)).toBe(24);
  await pair.read(1024);
  expect(acknowledgedOctets(pair.senderFd) - before).toBe(1024);
  expect(acknowledgedOctets(-1)).toBe(-Errno.EBADF);
});

test.skipIf(libc === null)("retransmittedSegments is 0 on a healthy connection", async () => {
  await using pair = await openLoopback();
  expect(retransmittedSegments(pair.senderFd)).toBe(0);
  expect(retransmittedSegments(-1)).toBe(-Errno.EBADF);
});

test.skipIf(libc === null)("waitingConnections counts those that accept(2) would give", async () => {
  const { fd, port } = openListenSocket({ host: "127.0.0.1", port: 0, backlog: 8, sharing: PortSharing.Exclusive });
  expect(waitingConnections(fd)).toBe(0);
  const client = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
  client.write("."); // a connection is handed over with its first octet
  await until(() => waitingConnections(fd) === 1, "it waits");
  client.terminate();
  closeListenSocket(fd);
  expect(waitingConnections(-1)).toBe(-Errno.EBADF);
});

test.skipIf(libc !== null)("without FFI there is no answer", () => {
  const answers = [acknowledgedOctets(0), retransmittedSegments(0), waitingConnections(0)];
  expect(answers).toEqual(answers.map(() => -Errno.ENOSYS));
});
