/** Content that is made while it is sent, to clients that take any number of octets at a time. */
import { describe, expect, test } from "bun:test";
import { type ContentSource, SourceEnd } from "../../src/http/content.ts";
import type { FieldLine } from "../../src/http/response-head.ts";
import { ExchangeRecord } from "../../src/serving/exchange-record.ts";
import { SourceTransfer } from "../../src/serving/source-transfer.ts";
import { TransferResult, TURN_OCTETS } from "../../src/serving/transfer.ts";
import { FakeLink } from "./support/fake-link.ts";

/** Gives pieces, `null` for "none now", or what ends it. */
class Pieces implements ContentSource {
  onReady: (() => void) | null = null;
  stops = 0;
  reads = 0;

  constructor(
    readonly octetCount: number,
    private readonly pieces: (string | null | SourceEnd)[],
    readonly trailers: readonly FieldLine[] = [],
  ) {}

  read(target: Buffer, start: number, end: number): number {
    this.reads++;
    const piece = this.pieces.shift();
    if (piece === undefined) return SourceEnd.Done;
    if (piece === null) return 0;
    if (typeof piece === "number") return piece;
    const written = target.write(piece, start, end - start, "latin1");
    if (written < piece.length) this.pieces.unshift(piece.slice(written));
    return written;
  }

  stop(): void {
    this.stops++;
  }
}

function transferOf(source: Pieces, isChunked: boolean, roomOctets = 64) {
  const transfer = new SourceTransfer(source, Buffer.from("head "), isChunked, Buffer.alloc(roomOctets), () => {});
  const record = new ExchangeRecord();
  record.octetsLeft = Number.POSITIVE_INFINITY;
  transfer.record = record;
  return { transfer, record };
}

const TRAILERS: readonly FieldLine[] = [["Check", "sum"]];

describe("whatever the client takes at a time, it gets every octet once and in order", () => {
  test.each<[what: string, isChunked: boolean, octetCount: number, expected: string]>([
    ["as it is", false, 9, "head abcdefghi"],
    ["in chunks", true, -1, "head 3\r\nabc\r\n5\r\ndefgh\r\n1\r\ni\r\n0\r\nCheck: sum\r\n\r\n"],
  ])("%s", (_what, isChunked, octetCount, expected) => {
    for (let room = 1; room <= expected.length; room++) {
      const source = new Pieces(octetCount, ["abc", "defgh", "i"], TRAILERS);
      const { transfer, record } = transferOf(source, isChunked);
      const link = new FakeLink();
      let result: TransferResult;
      do {
        link.room = room;
        const before = link.octets.length;
        result = transfer.pump(link);
        expect(transfer.moved).toBe(link.octets.length - before);
        expect(record.octetsLeft <= 0).toBe(result === TransferResult.Done);
      } while (result === TransferResult.Blocked);
      expect(result).toBe(TransferResult.Done);
      expect(link.octets.toString("latin1")).toBe(expected);
      expect(record.contentOctets).toBe(9);
      expect(source.stops).toBe(1);
    }
  });
});

test("nothing is read while something is left to send", () => {
  const source = new Pieces(-1, ["abc", "def"]);
  const { transfer } = transferOf(source, true);
  const link = new FakeLink();
  link.room = 0;
  for (let turn = 0; turn < 3; turn++) expect(transfer.pump(link)).toBe(TransferResult.Blocked);
  expect(source.reads).toBe(0);
  link.room = 7; // the head, and a part of the first chunk
  for (let turn = 0; turn < 3; turn++) expect(transfer.pump(link)).toBe(TransferResult.Blocked);
  expect(source.reads).toBe(1);
});

test("what is left of a piece outlives the room it was put together in", () => {
  const room = Buffer.alloc(64);
  const transfer = new SourceTransfer(new Pieces(-1, ["abcdef"]), Buffer.from("head "), true, room, () => {});
  const link = new FakeLink();
  link.room = 9;
  expect(transfer.pump(link)).toBe(TransferResult.Blocked);
  room.fill("*");
  link.room = 100;
  transfer.pump(link);
  expect(link.octets.toString("latin1")).toBe("head 6\r\nabcdef\r\n0\r\n\r\n");
});

test("a piece is no larger than the room, its frame included", () => {
  const { transfer } = transferOf(new Pieces(-1, ["x".repeat(300)]), true, 64);
  const link = new FakeLink();
  expect(transfer.pump(link)).toBe(TransferResult.Done);
  const text = link.octets.toString("latin1").slice("head ".length);
  const chunks = [...text.matchAll(/([0-9a-f]+)\r\n(x*)\r\n/g)];
  expect(chunks.every(([, size, data]) => Number.parseInt(size!, 16) === data!.length)).toBe(true);
  expect(chunks.map(([, , data]) => data).join("")).toBe("x".repeat(300));
  expect(text).toEndWith("\r\n0\r\n\r\n");
});

test("a source that waits has sent its head, and goes on when it is asked again", () => {
  const source = new Pieces(4, [null, "ab", null, "cd"]);
  const { transfer, record } = transferOf(source, false);
  const link = new FakeLink();
  expect(transfer.pump(link)).toBe(TransferResult.Waiting);
  expect(link.take()).toBe("head ");
  expect(record.octetsLeft).toBeGreaterThan(0);
  expect(transfer.pump(link)).toBe(TransferResult.Waiting);
  expect(link.take()).toBe("ab");
  expect(transfer.pump(link)).toBe(TransferResult.Done);
  expect(link.take()).toBe("cd");
});

test("others get their turn", () => {
  const source = new Pieces(-1, ["x".repeat(3 * TURN_OCTETS)]);
  const { transfer } = transferOf(source, true, 1 << 16);
  const link = new FakeLink();
  const results = Array.from({ length: 3 }, () => transfer.pump(link));
  expect(results.slice(0, 2)).toEqual([TransferResult.TurnOver, TransferResult.TurnOver]);
});

describe("fails", () => {
  test.each([
    ["with its source", new Pieces(-1, ["ab", SourceEnd.Failed]), true],
    ["when there is less than promised", new Pieces(4, ["abc"]), false],
    ["when there is more than promised", new Pieces(2, ["abc"]), false],
  ])("%s, and sends nothing that ends it", (_what, source, isChunked) => {
    const { transfer } = transferOf(source, isChunked);
    const link = new FakeLink();
    expect(transfer.pump(link)).toBe(TransferResult.Failed);
    expect(link.octets.toString("latin1")).not.toContain("0\r\n\r\n");
    transfer.end();
    transfer.end();
    expect([source.stops, source.onReady]).toEqual([1, null]);
  });

  test("when the client is gone", () => {
    const { transfer } = transferOf(new Pieces(-1, ["ab"]), true);
    const link = new FakeLink();
    link.leave();
    expect(transfer.pump(link)).toBe(TransferResult.Gone);
  });
});
