import { afterAll, describe, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SharedFile } from "../../src/http/reply.ts";
import { Errno } from "../../src/sys/errno.ts";
import { readAt } from "../../src/sys/read-file.ts";
import { FileTransfer, TransferResult } from "../../src/worker/file-transfer.ts";
import { Transmitter } from "../../src/worker/transmitter.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-file-transfer-"));
const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff));
writeFileSync(join(folder, "content"), content);
const fd = openSync(join(folder, "content"), "r");
afterAll(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

/** A client that takes everything, by either way; the kernel's way answers as scripted, and sends where that is positive. */
function transferWith(...answers: number[]) {
  const received: Buffer[] = [];
  let made = 0;
  const sendFile = (_socket: number, file: number, offset: number, octets: number): number => {
    const answer = Math.min(answers[Math.min(made++, answers.length - 1)]!, octets);
    const piece = Buffer.alloc(Math.max(answer, 0));
    if (answer > 0) received.push(piece.subarray(0, readAt(file, piece, 0, answer, offset)));
    return answer;
  };
  const transmitter = new Transmitter(() => {}, { sendMore: () => expect.unreachable(), sendFile }, true);
  const write = (octets: Buffer, start: number, count: number): number => {
    received.push(Buffer.from(octets.subarray(start, start + count)));
    return count;
  };
  const transfer = new FileTransfer(transmitter);
  const file = { fd, retain() {}, release() {} } as unknown as SharedFile;
  const begin = () => transfer.begin(file, 0, content.length);
  begin();
  return {
    transfer,
    begin,
    pump: () => transfer.pump({ write }, 1),
    received: () => Buffer.concat(received),
    made: () => made,
  };
}

describe("where sendfile is refused", () => {
  test.each([Errno.ENOSYS, Errno.EPERM, Errno.EOPNOTSUPP, Errno.EINVAL, Errno.EACCES])(
    "by errno %p, the whole file is read and written",
    (errno) => {
      const { transfer, pump, received } = transferWith(-errno);
      expect(pump()).toBe(TransferResult.Done);
      expect(received().equals(content)).toBe(true);
      expect(transfer.copiedOctets).toBe(content.length);
    },
  );

  test("after a part of the file, the rest is", () => {
    const { transfer, pump, received } = transferWith(100_000, -Errno.EOPNOTSUPP);
    expect([pump(), pump()].at(-1)).toBe(TransferResult.Done);
    expect(received().equals(content)).toBe(true);
    expect(transfer.sendfileOctets).toBe(100_000);
    expect(transfer.octetsSent).toBe(content.length);
  });

  test("to the process, the next file isn't tried that way", () => {
    const { begin, pump, made } = transferWith(-Errno.ENOSYS);
    pump();
    begin();
    expect(pump()).toBe(TransferResult.Done);
    expect(made()).toBe(1);
  });
});

test.each([
  [Errno.EPIPE, TransferResult.Gone],
  [Errno.ECONNRESET, TransferResult.Gone],
  [Errno.EIO, TransferResult.Shrunk],
])("errno %p ends the transfer", (errno, result) => {
  const { transfer, pump } = transferWith(-errno);
  expect(pump()).toBe(result);
  expect(transfer.octetsSent).toBe(0);
});
