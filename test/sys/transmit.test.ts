import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Errno } from "../../src/sys/errno.ts";
import { libc } from "../../src/sys/libc.ts";
import {
  canTransmit,
  hasQueuedOctets,
  sendFile,
  sendMore,
  TRANSFER_OCTETS_MAX,
  unacknowledgedOctets,
} from "../../src/sys/transmit.ts";
import { openLoopback } from "./loopback.ts";
import { Octets, Offset } from "../../src/units.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-transmit-"));
const GIB = 2 ** 30;
let fileFd = -1;
let sparseFd = -1;
const content = new Uint8Array(300_000).map((_, index) => (index * 31 + (index >> 8)) & 0xff);

beforeAll(() => {
  fileFd = openSync(join(folder, "content"), "w+");
  writeSync(fileFd, content);
  sparseFd = openSync(join(folder, "sparse"), "w+");
  ftruncateSync(sparseFd, 9 * GIB);
  for (const [offset, text] of SPARSE_MARKS) writeSync(sparseFd, text, offset);
});

afterAll(() => {
  closeSync(fileFd);
  closeSync(sparseFd);
  rmSync(folder, { recursive: true });
});

/** Text at offsets around the 32-bit edges of off_t's two words. */
const SPARSE_MARKS: [number, string][] = [
  [2 * GIB - 4, "under2over"],
  [4 * GIB - 4, "under4over"],
  [4 * GIB + 12_345, "past4"],
  [8 * GIB + 7, "past8"],
];

describe.skipIf(libc === null)("sendMore", () => {
  test("sends the piece it was given and answers its octets", async () => {
    await using pair = await openLoopback();
    expect(sendMore(pair.senderFd, Buffer.from("xxhead:yy"), 2, 5)).toBe(5);
    pair.sender.write("rest");
    expect(Buffer.from(await pair.read(9)).toString()).toBe("head:rest");
  });

  test("takes part of it when the socket buffer fills, then answers -EAGAIN", async () => {
    await using pair = await openLoopback();
    let sent = 0;
    let taken: number;
    let partial = false;
    while ((taken = sendMore(pair.senderFd, content, sent, content.byteLength - sent)) > 0) {
      partial ||= taken < content.byteLength - sent;
      sent += taken;
    }
    expect(taken).toBe(-Errno.EAGAIN);
    expect(partial).toBe(true);
    expect(sent).toBeLessThan(content.byteLength);
    expect(Buffer.compare(await pair.read(sent), content.subarray(0, sent))).toBe(0);
  });

  test("answers 0 for no octets, even at the end of the buffer", () => {
    expect(sendMore(-1, content, content.byteLength, 0)).toBe(0);
  });

  test.each([
    ["a descriptor that isn't open", () => -1, -Errno.EBADF],
    ["a descriptor that isn't a socket", () => fileFd, -Errno.ENOTSOCK],
  ])("answers -errno for %s", (_what, fd, code) => {
    expect(sendMore(fd(), content, 0, 10)).toBe(code);
  });

  test("answers -EPIPE after the sending side was shut down, and the process lives", async () => {
    await using pair = await openLoopback();
    pair.sender.shutdown();
    expect(sendMore(pair.senderFd, content, 0, 10)).toBe(-Errno.EPIPE);
  });
});

test.skipIf(libc === null)("unacknowledgedOctets falls as the peer takes octets", async () => {
  await using pair = await openLoopback();
  expect(unacknowledgedOctets(pair.senderFd)).toBe(0);
  let sent = 0;
  for (let taken = 0; taken >= 0; taken = sendMore(pair.senderFd, content, sent, content.byteLength - sent))
    sent += taken;
  const full = unacknowledgedOctets(pair.senderFd);
  expect(full).toBeGreaterThan(0);
  expect(full).toBeLessThanOrEqual(sent);
  await pair.read(sent);
  expect(unacknowledgedOctets(pair.senderFd)).toBeLessThan(full);
  expect(unacknowledgedOctets(-1)).toBe(-Errno.EBADF);
});

describe.skipIf(libc === null)("hasQueuedOctets", () => {
  test("tells of octets that have not been read", async () => {
    await using pair = await openLoopback();
    expect(hasQueuedOctets(pair.receiverFd)).toBe(false);
    pair.sender.write("unread");
    expect(hasQueuedOctets(pair.receiverFd)).toBe(true);
    await pair.read(6);
    expect(hasQueuedOctets(pair.receiverFd)).toBe(false);
  });

  test("tells of octets that the peer has yet to acknowledge", async () => {
    await using pair = await openLoopback();
    let sent = 0;
    for (let taken = 0; taken >= 0; taken = sendMore(pair.senderFd, content, sent, content.byteLength - sent))
      sent += taken;
    expect(hasQueuedOctets(pair.senderFd)).toBe(true);
    await pair.read(sent);
    while (hasQueuedOctets(pair.senderFd)) await Bun.sleep(1); // an acknowledgement may be delayed
  });

  test("is on the safe side where it can't be known", () => {
    expect(hasQueuedOctets(-1)).toBe(true);
  });
});

describe.skipIf(libc === null)("sendFile", () => {
  test("sends from an offset without moving the file's position", async () => {
    await using pair = await openLoopback();
    expect(sendFile(pair.senderFd, fileFd, Offset(100), Octets(50))).toBe(50);
    expect(sendFile(pair.senderFd, fileFd, Offset(0), Octets(50))).toBe(50);
    const received = await pair.read(100);
    expect(Buffer.compare(received.subarray(0, 50), content.subarray(100, 150))).toBe(0);
    expect(Buffer.compare(received.subarray(50), content.subarray(0, 50))).toBe(0);
  });

  test("brings a file over in partial sends, continuing after -EAGAIN where it stopped", async () => {
    await using pair = await openLoopback();
    const pieces: Uint8Array[] = [];
    let sent = 0;
    let refusals = 0;
    while (sent < content.byteLength) {
      const before = sent;
      let taken: number;
      while ((taken = sendFile(pair.senderFd, fileFd, Offset(sent), Octets(content.byteLength - sent))) > 0)
        sent += taken;
      if (taken < 0) {
        expect(taken).toBe(-Errno.EAGAIN);
        refusals++;
      }
      if (sent > before) pieces.push(await pair.read(sent - before));
      else await new Promise((resolve) => setImmediate(resolve));
    }
    expect(refusals).toBeGreaterThan(0);
    expect(Buffer.compare(Buffer.concat(pieces), content)).toBe(0);
  });

  test.each(SPARSE_MARKS)("reads at offset %i", async (offset, text) => {
    await using pair = await openLoopback();
    expect(sendFile(pair.senderFd, sparseFd, Offset(offset), Octets(text.length))).toBe(text.length);
    expect(Buffer.from(await pair.read(text.length)).toString()).toBe(text);
  });

  test("keeps a request for more than the kernel's limit within it", () => {
    const sink = openSync("/dev/null", "w");
    expect(sendFile(sink, fileFd, Offset(0), Octets(TRANSFER_OCTETS_MAX + 2 * GIB))).toBe(content.byteLength);
    closeSync(sink);
  });

  test("answers 0 at and past the end of the file", async () => {
    await using pair = await openLoopback();
    expect(sendFile(pair.senderFd, fileFd, Offset(content.byteLength), Octets(10))).toBe(0);
    expect(sendFile(pair.senderFd, fileFd, Offset(5 * GIB), Octets(10))).toBe(0);
  });

  test("answers -EPIPE after the sending side was shut down, and the process lives", async () => {
    await using pair = await openLoopback();
    pair.sender.shutdown();
    expect(sendFile(pair.senderFd, fileFd, Offset(0), Octets(10))).toBe(-Errno.EPIPE);
  });

  test("answers -ECONNRESET or -EPIPE when the peer is gone", async () => {
    await using pair = await openLoopback();
    pair.receiver.terminate();
    let taken = 0;
    while (taken >= 0) {
      taken = sendFile(pair.senderFd, fileFd, Offset(0), Octets(10));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect([-Errno.ECONNRESET, -Errno.EPIPE, -Errno.EBADF]).toContain(taken);
  });

  test.each([
    ["a bad socket", () => -1, () => fileFd, -Errno.EBADF],
    ["a bad file", () => fileFd, () => -1, -Errno.EBADF],
  ])("answers -errno for %s", (_what, out, file, code) => {
    expect(sendFile(out(), file(), Offset(0), Octets(10))).toBe(code);
  });
});

test("canTransmit tells whether there is a library to call", () => {
  expect(canTransmit).toBe(libc !== null);
});
