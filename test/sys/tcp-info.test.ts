/** The kernel's numbers about a connection, over a loopback pair. */
import { expect, test } from "bun:test";
import { Errno } from "../../src/sys/errno.ts";
import { libc } from "../../src/sys/libc.ts";
import { acknowledgedOctets, retransmittedSegments } from "../../src/sys/tcp-info.ts";
import { sendMore } from "../../src/sys/transmit.ts";
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

test.skipIf(libc !== null)("without FFI there is no answer", () => {
  expect([acknowledgedOctets(0), retransmittedSegments(0)]).toEqual([-Errno.ENOSYS, -Errno.ENOSYS]);
});
