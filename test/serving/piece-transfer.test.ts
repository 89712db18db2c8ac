/** Pieces of files and of memory on their way, by the kernel's way and by reading and writing. */
import { afterAll, describe, expect, test } from "bun:test";
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContentPart, PartsContent, type SharedFile } from "../../src/http/content.ts";
import { ExchangeRecord } from "../../src/serving/exchange-record.ts";
import { COPY_OCTETS, PieceTransfer } from "../../src/serving/piece-transfer.ts";
import { TransferResult, TURN_OCTETS } from "../../src/serving/transfer.ts";
import { REFUSED, Transmitter } from "../../src/socket/transmitter.ts";
import { Counter, SLOT_CELLS } from "../../src/stats/layout.ts";
import { Errno } from "../../src/sys/errno.ts";
import { readAt } from "../../src/sys/read-file.ts";
import { FakeLink } from "./support/fake-link.ts";
import { Octets, Offset } from "../../src/units.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-piece-transfer-"));
const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff));
writeFileSync(join(folder, "content"), content);
const fd = openSync(join(folder, "content"), "r");
afterAll(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

const HEAD = Buffer.from("head");
const whole = Buffer.concat([HEAD, content]);

/** A file that knows by how many it is used. */
class CountedFile implements SharedFile {
  uses = 0;

  constructor(readonly fd: number) {}

  retain(): void {
    this.uses++;
  }

  release(): void {
    this.uses--;
  }
}

/** A link whose kernel's way answers as scripted, the last answer again and again, and sends where that is positive. */
class FileLink extends FakeLink {
  override takesFiles = true;
  readonly received: Buffer[] = [];
  made = 0;
  private readonly transmitter: Transmitter;

  constructor(...answers: number[]) {
    super();
    const sendFile = (_socket: number, file: number, offset: Offset, octets: Octets): number => {
      const answer = Math.min(answers[Math.min(this.made++, answers.length - 1)]!, octets);
      const piece = Buffer.alloc(Math.max(answer, 0));
      if (answer > 0) this.write(piece, 0, readAt(file, piece, 0, Octets(answer), offset));
      return answer;
    };
    this.transmitter = new Transmitter(() => {}, { sendMore: () => expect.unreachable(), sendFile }, true);
  }

  override writeAhead(octets: Buffer, start: number, count: number): number {
    return this.write(octets, start, count);
  }

  override writeFile(file: number, offset: Offset, count: Octets): number {
    return this.transmitter.sendFile(1, file, offset, count);
  }
}

function transferOf(begin: (transfer: PieceTransfer) => void, octets: number) {
  const counters = new Float64Array(SLOT_CELLS);
  const transfer = new PieceTransfer(Buffer.alloc(COPY_OCTETS), counters);
  begin(transfer);
  const record = new ExchangeRecord();
  record.octetsLeft = octets;
  transfer.record = record;
  return { transfer, record, counters };
}

const file = new CountedFile(fd);

const fileTransfer = () =>
  transferOf(
    (transfer) => transfer.beginFile(file, Buffer.from(HEAD), HEAD.length, Offset(0), Octets(content.length)),
    whole.length,
  );

/** Pumps until nothing more is blocked or in turn. */
function pumpAll(transfer: PieceTransfer, link: FakeLink): TransferResult {
  for (;;) {
    const result = transfer.pump(link);
    if (result !== TransferResult.TurnOver) return result;
  }
}

describe("where sendfile is refused", () => {
  test.each([Errno.ENOSYS, Errno.EPERM, Errno.EOPNOTSUPP, Errno.EINVAL, Errno.EACCES])(
    "by errno %p, the whole file is read and written",
    (errno) => {
      const { transfer, record, counters } = fileTransfer();
      const link = new FileLink(-errno);
      expect(pumpAll(transfer, link)).toBe(TransferResult.Done);
      expect(link.octets.equals(whole)).toBe(true);
      expect(record.octetsLeft).toBe(0);
      expect(counters[Counter.SendfileOctets]).toBe(0);
    },
  );

  test("after a part of the file, the rest is", () => {
    const { transfer, record, counters } = fileTransfer();
    const link = new FileLink(100_000, -Errno.EOPNOTSUPP);
    expect(pumpAll(transfer, link)).toBe(TransferResult.Done);
    expect(link.octets.equals(whole)).toBe(true);
    expect(counters[Counter.SendfileOctets]).toBe(100_000);
    expect(record.octetsLeft).toBe(0);
  });

  test("to the process, the next file isn't tried that way", () => {
    const link = new FileLink(-Errno.ENOSYS);
    expect(pumpAll(fileTransfer().transfer, link)).toBe(TransferResult.Done);
    link.takesFiles = false; // as a link of this transmitter then says
    expect(pumpAll(fileTransfer().transfer, link)).toBe(TransferResult.Done);
    expect(link.made).toBe(1);
  });

  test("so is sending ahead, and the head is written", () => {
    const { transfer } = fileTransfer();
    const link = new FileLink(-Errno.EINVAL);
    link.writeAhead = () => REFUSED;
    expect(pumpAll(transfer, link)).toBe(TransferResult.Done);
    expect(link.octets.equals(whole)).toBe(true);
  });
});

test.each([
  [Errno.EPIPE, TransferResult.Gone],
  [Errno.ECONNRESET, TransferResult.Gone],
  [Errno.EIO, TransferResult.Failed],
])("errno %p ends the transfer", (errno, result) => {
  const { transfer, record } = fileTransfer();
  const link = new FileLink(-errno);
  expect(transfer.pump(link)).toBe(result);
  expect(link.octets.equals(HEAD)).toBe(true);
  expect(record.octetsLeft).toBe(content.length);
});

test("a client that is gone before the head", () => {
  const link = new FakeLink();
  link.leave();
  expect(fileTransfer().transfer.pump(link)).toBe(TransferResult.Gone);
});

describe("to a client that takes its time", () => {
  test.each([1, 3, 4, 5, 4097, 70_000])("%p octets at a time, everything arrives once and in order", (room) => {
    for (const link of [new FakeLink(), new FileLink(-Errno.EAGAIN)]) {
      const { transfer, record } = fileTransfer();
      // The first few short writes are what differs; then it hurries.
      for (let turn = 0; turn < 20; turn++) {
        link.room = room;
        const before = link.octets.length;
        const result = transfer.pump(link);
        expect(transfer.moved).toBe(link.octets.length - before);
        expect(record.octetsLeft).toBe(whole.length - link.octets.length);
        if (result === TransferResult.Done) break;
        expect(result).toBe(TransferResult.Blocked);
      }
      link.room = Number.POSITIVE_INFINITY;
      expect(pumpAll(transfer, link)).toBe(TransferResult.Done);
      expect(link.octets.equals(whole)).toBe(true);
    }
  });

  test("what is left of a head is kept, whatever becomes of the room it lay in", () => {
    const room = Buffer.from("head-of-another");
    const { transfer } = transferOf((one) => one.beginFile(file, room, 4, Offset(0), Octets(3)), 7);
    const link = new FakeLink();
    link.room = 2;
    expect(transfer.pump(link)).toBe(TransferResult.Blocked);
    room.fill("*");
    link.room = 100;
    expect(transfer.pump(link)).toBe(TransferResult.Done);
    expect(link.octets.equals(Buffer.concat([HEAD, content.subarray(0, 3)]))).toBe(true);
  });

  test("a full socket is offered a small piece, so that the loop reports when it isn't", () => {
    const { transfer } = fileTransfer();
    const link = new FileLink(1000, -Errno.EAGAIN);
    link.room = HEAD.length + 1000;
    link.writes = 0;
    expect(transfer.pump(link)).toBe(TransferResult.Blocked);
    expect(link.writes).toBe(3); // the head, the kernel's, and the offer
  });
});

describe("on a link that takes no files", () => {
  test("the head leaves with the first piece", () => {
    const { transfer } = fileTransfer();
    const link = new FakeLink();
    expect(transfer.pump(link)).toBe(TransferResult.Done);
    expect(link.octets.equals(whole)).toBe(true);
    expect(link.writes).toBe(Math.ceil(whole.length / COPY_OCTETS));
  });

  test.each([0, 1, HEAD.length - 1, HEAD.length, HEAD.length + 1, COPY_OCTETS - 1])(
    "what was taken isn't sent again, after %p octets",
    (room) => {
      const { record, transfer } = fileTransfer();
      const link = new FakeLink();
      link.room = room;
      expect(transfer.pump(link)).toBe(TransferResult.Blocked);
      expect(record.octetsLeft).toBe(whole.length - room);
      link.room = Number.POSITIVE_INFINITY;
      expect(transfer.pump(link)).toBe(TransferResult.Done);
      expect(link.octets.equals(whole)).toBe(true);
    },
  );
});

test("nobody gets more than a turn at a time", () => {
  const path = join(folder, "large");
  writeFileSync(path, Buffer.alloc(3 * TURN_OCTETS, "x"));
  const large = new CountedFile(openSync(path, "r"));
  const octets = Octets(3 * TURN_OCTETS - HEAD.length);
  const { transfer } = transferOf((one) => one.beginFile(large, HEAD, HEAD.length, Offset(0), octets), 3e6);
  const link = new FakeLink();
  const results = Array.from({ length: 3 }, () => transfer.pump(link));
  expect(results).toEqual([TransferResult.TurnOver, TransferResult.TurnOver, TransferResult.Done]);
  expect(link.octets.length).toBe(3 * TURN_OCTETS);
  closeSync(large.fd);
});

test.each([false, true])("a file that became shorter fails; by sendfile: %p", (takesFiles) => {
  const path = join(folder, "shrinking");
  writeFileSync(path, content);
  const shrinking = new CountedFile(openSync(path, "r+"));
  ftruncateSync(shrinking.fd, 1000);
  const { transfer } = transferOf(
    (one) => one.beginFile(shrinking, HEAD, HEAD.length, Offset(0), Octets(content.length)),
    1,
  );
  const link = takesFiles ? new FileLink(1000, 0) : new FakeLink();
  expect(pumpAll(transfer, link)).toBe(TransferResult.Failed);
  expect(link.octets.length).toBe(HEAD.length + 1000);
  closeSync(shrinking.fd);
});

describe("parts", () => {
  const parts: readonly ContentPart[] = [
    { lead: Buffer.from("[one]"), offset: Offset(0), octets: Octets(10) },
    { lead: Buffer.from("[two]"), offset: Offset(299_000), octets: Octets(1000) },
    { lead: Buffer.from("[three]"), offset: Offset(5), octets: Octets(100_000) },
  ];
  const closing = Buffer.from("[end]");
  const expected = Buffer.concat([
    HEAD,
    ...parts.flatMap(({ lead, offset, octets }) => [lead, content.subarray(offset, offset + octets)]),
    closing,
  ]);
  const octetCount = expected.length - HEAD.length;

  test.each<[what: string, memory: Buffer | null]>([
    ["a file", null],
    ["memory", content],
  ])("of %s, however they are taken", (_what, memory) => {
    for (const room of [1, 7, 5000, Number.POSITIVE_INFINITY]) {
      const of = new PartsContent(parts, closing, memory, memory === null ? file : null, octetCount);
      const { transfer, record } = transferOf((one) => one.beginParts(of, HEAD, HEAD.length), expected.length);
      const link = new FakeLink();
      for (let turn = 0; turn < 50; turn++) {
        link.room = room;
        if (transfer.pump(link) === TransferResult.Done) break;
      }
      link.room = Number.POSITIVE_INFINITY;
      if (record.octetsLeft > 0) expect(transfer.pump(link)).toBe(TransferResult.Done);
      expect(link.octets.equals(expected)).toBe(true);
      expect(record.octetsLeft).toBe(0);
    }
  });
});

test("a file is held until the end", () => {
  const { transfer } = fileTransfer();
  const before = file.uses;
  transfer.end();
  expect(file.uses).toBe(before - 1);
  expect(transfer.record).toBeNull();
  transfer.end();
  expect(file.uses).toBe(before - 1);
});
