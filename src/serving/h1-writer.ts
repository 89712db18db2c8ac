/**
 * The writing side of an HTTP/1.1 connection: replies in, octets out. Nothing else writes to a client.
 *
 *   octets             go to the outbox; several replies in a row leave in one write
 *   a small file piece is read behind its head and leaves in one write
 *   everything else    is a transfer: a file, its pieces, a source (transfer.ts)
 *
 * What the client doesn't take at once stays as `unsent` pieces or a `transfer`, until `resume` has sent it.
 *
 * Keeps: replies leave in the order they are given; only octets may follow others in the outbox, everything else is given when
 *        it is empty. The outbox is empty at the end of every event, so no client ever gets another's octets. A client that
 *        reads slowly costs references and two numbers.
 */
import { assert } from "../assert.ts";
import {
  type Content,
  ContentKind,
  type FileContent,
  type NoContent,
  type OctetsContent,
  type PartsContent,
  type SourceContent,
} from "../http/content.ts";
import type { EncodedHead } from "../http/response-head.ts";
import { CacheOutcome, type Reply } from "../http/reply.ts";
import type { Link } from "../socket/link.ts";
import { FlushResult, type Outbox, type Unsent } from "../socket/outbox.ts";
import { Counter } from "../stats/layout.ts";
import { readAt } from "../sys/read-file.ts";
import type { Clock } from "./clock.ts";
import type { ExchangeRecord, ExchangeRecords } from "./exchange-record.ts";
import { PieceTransfer } from "./piece-transfer.ts";
import { type H1Life, Step } from "./h1-life.ts";
import type { Ending } from "./h1-framing-line.ts";
import type { HeadRoom } from "./head-room.ts";
import { SourceTransfer } from "./source-transfer.ts";
import { type Transfer, TransferResult } from "./transfer.ts";
import type { UnfinishedExchanges } from "./unfinished.ts";

/** A piece of a file up to this size is cheaper to read and write with its head than to send by itself. */
export const SMALL_FILE_OCTETS_MAX: number = 16 * 1024;

const NONE: readonly ExchangeRecord[] = [];

export interface H1WriterParts {
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly records: ExchangeRecords;
  readonly unfinished: UnfinishedExchanges;
  readonly headRoom: HeadRoom;
  /** Where pieces of files and sources are read to on their way. */
  readonly pieceRoom: Buffer;
  /** Of this worker's statistics. */
  readonly counters: Float64Array;
}

/** Whose writer it is. */
export interface H1WriterOwner {
  /** It has sent for long enough: it goes on when others have had their turns. */
  awaitTurn(): void;
  /** The client is gone, or there is no other way to tell it that something went wrong. */
  abort(): void;
  /** The source of the current reply has more, or has come to its end. */
  sourceReady(): void;
}

export class H1Writer {
  private unsent: Unsent | null = null;
  /** The exchanges whose responses end in `unsent`. */
  private unfinished: readonly ExchangeRecord[] = NONE;
  private transfer: Transfer | null = null;
  /** Made with the first file, and used for all. */
  private pieces: PieceTransfer | null = null;
  constructor(
    private readonly parts: H1WriterParts,
    private readonly link: Link,
    private readonly life: H1Life,
    private readonly owner: H1WriterOwner,
  ) {}

  /** Whether a reply with this content may be added to what the outbox holds; if not, flush first. Null: not known yet. */
  mayFollow(content: Content | null): boolean {
    const { outbox } = this.parts;
    if (outbox.isEmpty) return true;
    return content !== null && content.kind <= ContentKind.Octets && !outbox.isFull;
  }

  /**
   * Takes a reply; one that `mayFollow`, while the client isn't blocked. `ending`: what stands in place of its head's empty line;
   * null: nothing. True when the reply is whole as far as the application is concerned, false when its source has yet to give more.
   */
  give(reply: Reply, ending: Ending | null, record: ExchangeRecord): boolean {
    const { content, head } = reply;
    this.count(reply, record);
    if (content.kind !== ContentKind.None && content.kind !== ContentKind.Octets) {
      return this.send(reply, content, ending, record);
    }
    this.add(reply, content, ending);
    this.expectEnd(record);
    if (!head.isShared) this.flush(); // it lies where the next such head will lie
    return true;
  }

  /** Sends what is more than octets. */
  private send(
    reply: Reply,
    content: FileContent | PartsContent | SourceContent,
    ending: Ending | null,
    record: ExchangeRecord,
  ): boolean {
    switch (content.kind) {
      case ContentKind.File:
        if (content.octetCount <= SMALL_FILE_OCTETS_MAX) this.sendSmallFile(reply, content, ending, record);
        else this.sendFile(reply, content, ending, record);
        return true;
      case ContentKind.Parts:
        this.sendParts(reply, content, ending, record);
        return true;
      case ContentKind.Source:
        return this.sendSource(reply, content, ending, record);
    }
  }

  /** Writes an interim response (RFC 9110 §15.2). */
  interim(octets: Buffer): void {
    this.parts.outbox.add(octets, 0, octets.length);
    this.flush();
  }

  /** Writes what the outbox holds. True when the client has taken everything; false when it hasn't yet, or is gone. */
  flush(): boolean {
    const { clock, counters, outbox, unfinished } = this.parts;
    if (outbox.isEmpty) return !this.life.isBlocked;
    const result = outbox.flush(this.link);
    counters[Counter.OctetsOut]! += outbox.octetsWritten;
    unfinished.sent(outbox.octetsWritten, clock.update());
    if (result === FlushResult.Blocked) {
      this.unsent = outbox.takeRest();
      this.unfinished = unfinished.takeRest();
      this.life.step(Step.Short);
      return false;
    }
    if (result === FlushResult.Gone) this.owner.abort();
    return result === FlushResult.Done && !this.life.isBlocked;
  }

  /**
   * The client takes octets again, or the source has more: goes on with what was left over. True when the client has taken
   * everything there was for it.
   */
  resume(): boolean {
    const { outbox, unfinished } = this.parts;
    const { life } = this;
    assert(outbox.isEmpty, "the outbox is empty when a connection's turn comes");
    if (this.unsent !== null) {
      const { unsent } = this;
      outbox.putBack(unsent);
      unfinished.putBack(this.unfinished);
      this.unsent = null;
      this.unfinished = NONE;
      life.step(Step.Taken);
      if (!this.flush()) return false;
    }
    return this.pump();
  }

  /** Whether something that was given has yet to be sent. */
  get isWaiting(): boolean {
    return this.unsent !== null || this.transfer !== null;
  }

  /** Forgets what was left over: the client won't get it. `ownsOutbox`: nor what the outbox holds, which is for it. */
  abandon(ownsOutbox: boolean): void {
    const { clock, outbox, records, unfinished } = this.parts;
    const nowMs = clock.update();
    if (ownsOutbox) {
      outbox.clear();
      unfinished.abandon(nowMs);
    }
    const rest = this.unfinished;
    this.unsent = null;
    this.unfinished = NONE;
    for (const record of rest) records.end(record, nowMs);
    if (this.transfer !== null) this.endTransfer(this.transfer);
  }

  /** Adds a reply of octets to what the outbox holds. */
  private add(reply: Reply, content: NoContent | OctetsContent, ending: Ending | null): void {
    const { clock, outbox } = this.parts;
    const { head, lines } = reply;
    if (!head.isShared) return this.addWithOwnHead(reply, content, ending);
    clock.stamp(head.h1);
    const isBehindHead = content.kind === ContentKind.Octets && isBehind(content, head.h1);
    if (isBehindHead && ending === null && lines === null)
      return outbox.add(content.octets, 0, content.end, content.start);
    this.addHead(reply, ending);
    this.addContent(content);
  }

  private addWithOwnHead(reply: Reply, content: NoContent | OctetsContent, ending: Ending | null): void {
    const { headRoom, outbox } = this.parts;
    const end = this.putHead(reply, ending);
    outbox.add(headRoom.octets, 0, end, end);
    this.addContent(content);
  }

  private addHead({ head: { h1 }, lines }: Reply, ending: Ending | null): void {
    const { outbox } = this.parts;
    if (lines === null && ending === null) return outbox.add(h1.octets, 0, h1.end, h1.end);
    outbox.add(h1.octets, 0, h1.fieldsEnd, h1.fieldsEnd);
    if (lines !== null) outbox.add(lines.h1, 0, lines.h1.length);
    if (ending === null) outbox.add(h1.octets, h1.fieldsEnd, h1.end);
    else outbox.add(ending.octets, 0, ending.octets.length);
  }

  private addContent(content: NoContent | OctetsContent): void {
    if (content.octetCount === 0 || content.kind === ContentKind.None) return;
    this.parts.outbox.add(content.octets, content.start, content.end);
  }

  /** What was added to the outbox last is the end of a response. */
  private expectEnd(record: ExchangeRecord): void {
    const { outbox, unfinished } = this.parts;
    record.octetsLeft = outbox.octetsAdded;
    unfinished.add(record);
  }

  /** Puts a reply's whole head together at the start of the head room; returns how many octets it has. */
  private putHead(reply: Reply, ending: Ending | null): number {
    const { clock, headRoom } = this.parts;
    clock.stamp(reply.head.dated);
    return headRoom.put(reply, ending);
  }

  private sendSmallFile(reply: Reply, content: FileContent, ending: Ending | null, record: ExchangeRecord): void {
    const { headRoom, outbox } = this.parts;
    const { file, offset, octetCount } = content;
    const head = this.putHead(reply, ending);
    const end = head + octetCount;
    outbox.add(headRoom.octets, 0, end, end);
    this.expectEnd(record);
    const read = readAt(file.fd, headRoom.octets, head, octetCount, offset);
    if (read !== octetCount) return this.owner.abort(); // it became shorter, and the head would promise too much
    this.flush();
  }

  private sendFile(reply: Reply, content: FileContent, ending: Ending | null, record: ExchangeRecord): void {
    const { headRoom } = this.parts;
    const head = this.putHead(reply, ending);
    const transfer = this.ownPieces();
    transfer.beginFile(content.file, headRoom.octets, head, content.offset, content.octetCount);
    this.begin(transfer, record, head + content.octetCount);
  }

  private sendParts(reply: Reply, content: PartsContent, ending: Ending | null, record: ExchangeRecord): void {
    const { headRoom } = this.parts;
    const head = this.putHead(reply, ending);
    const transfer = this.ownPieces();
    transfer.beginParts(content, headRoom.octets, head);
    this.begin(transfer, record, head + content.octetCount);
  }

  /** Begins to send; what is sent at once is, the rest when the client takes it. */
  private begin(transfer: Transfer, record: ExchangeRecord, octets: number): boolean {
    assert(this.transfer === null, "one response is sent at a time");
    record.octetsLeft = octets;
    transfer.record = record;
    this.transfer = transfer;
    this.pump();
    return this.transfer === null;
  }

  private sendSource(reply: Reply, { source }: SourceContent, ending: Ending | null, record: ExchangeRecord): boolean {
    const { headRoom, pieceRoom } = this.parts;
    const head = this.putHead(reply, ending);
    const octets = Buffer.from(headRoom.octets.subarray(0, head));
    const transfer = new SourceTransfer(source, octets, ending?.isChunked ?? false, pieceRoom, () =>
      this.owner.sourceReady(),
    );
    return this.begin(transfer, record, head + (source.octetCount < 0 ? Number.POSITIVE_INFINITY : source.octetCount));
  }

  /** Sends of the transfer what the client takes now. True when it has taken everything there was for it. */
  private pump(): boolean {
    const { counters } = this.parts;
    const { life, transfer } = this;
    if (transfer === null) return !life.isBlocked;
    const result = transfer.pump(this.link);
    counters[Counter.OctetsOut]! += transfer.moved;
    switch (result) {
      case TransferResult.Done:
        this.endTransfer(transfer);
        this.noteTaken();
        return true;
      case TransferResult.Waiting:
        this.noteTaken();
        return true;
      case TransferResult.Blocked:
        life.step(Step.Short);
        return false;
      case TransferResult.TurnOver:
        life.step(Step.Short);
        this.owner.awaitTurn();
        return false;
      case TransferResult.Failed:
      case TransferResult.Gone:
        this.owner.abort();
        return false;
    }
  }

  private noteTaken(): void {
    if (this.life.isBlocked) this.life.step(Step.Taken);
  }

  /** A response begins. */
  private count({ content, head, outcome }: Reply, record: ExchangeRecord): void {
    const { counters, records } = this.parts;
    if (outcome === CacheOutcome.Hit) counters[Counter.CacheHits]! += 1;
    else if (outcome === CacheOutcome.Miss) counters[Counter.CacheMisses]! += 1;
    records.respond(record, head.status, content.octetCount < 0 ? Number.POSITIVE_INFINITY : content.octetCount);
  }

  /** Ends the transfer, and the exchange whose response it was. */
  private endTransfer(transfer: Transfer): void {
    const record = transfer.record!;
    this.transfer = null;
    transfer.end();
    this.parts.records.end(record);
  }

  private ownPieces(): PieceTransfer {
    const { counters, pieceRoom } = this.parts;
    return (this.pieces ??= new PieceTransfer(pieceRoom, counters));
  }
}

/** Whether the content lies right behind its head. */
function isBehind({ octets, start }: OctetsContent, head: EncodedHead): boolean {
  return octets === head.octets && start === head.end;
}
