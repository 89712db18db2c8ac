/**
 * The writing side of a connection: replies in, octets out. Nothing else in saker writes to a client.
 *
 *   ready octets       go to the outbox; several in a row leave in one write
 *   a small file piece is read behind its head and leaves in one write
 *   a file             its head leaves with MSG_MORE, the kernel copies the rest (file-transfer.ts)
 *   several pieces     of memory, all into the outbox; of a file, one after the other in the same way
 *
 * What the client doesn't take at once stays as `unsent` pieces or a `transfer`, until `sendRest` has sent it.
 *
 * Keeps: replies leave in the order they are given; only ready octets may follow others in the outbox, everything else
 *        is sent when the outbox is empty. A client that reads slowly costs references and two numbers.
 */
import type { Socket } from "bun";
import { type FileReply, type OctetsReply, type PartsReply, type Reply, ReplyKind } from "../http/reply.ts";
import { Errno } from "../sys/errno.ts";
import { readAt } from "../sys/read-file.ts";
import { acknowledgedOctets } from "../sys/tcp-info.ts";
import { unacknowledgedOctets } from "../sys/transmit.ts";
import { Counter } from "../stats/layout.ts";
import type { Connection } from "./connection.ts";
import { CRLF_OCTETS, HeadRoom } from "./connection-field.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import { type FileTransfer, TransferResult } from "./file-transfer.ts";
import { FlushResult, type Unsent } from "./outbox.ts";
import type { Server } from "./server.ts";
import { REFUSED } from "./transmitter.ts";
import { TimedNode } from "./timer-wheel.ts";

/** A piece of a file up to this size is cheaper to read and write with its head than to send by itself. */
const SMALL_FILE_OCTETS_MAX = 16 * 1024;

const headRoom = new HeadRoom(SMALL_FILE_OCTETS_MAX);

const NONE: readonly ExchangeRecord[] = [];

/** The descriptor is there, but not in Bun's types. */
export function descriptorOf(socket: Socket<Connection>): number {
  return (socket as Socket<Connection> & { readonly fd: number }).fd;
}

export abstract class ReplySender extends TimedNode {
  socket: Socket<Connection> | null = null;
  protected readonly server: Server;
  private unsent: Unsent | null = null;
  /** The exchanges whose responses end in `unsent`. */
  private unfinished: readonly ExchangeRecord[] = NONE;
  protected transfer: FileTransfer | null = null;
  /** When the client's progress was last noted, and what it had acknowledged by then. */
  private progressMs = 0;
  private progressOctets = 0;

  constructor(server: Server) {
    super();
    this.server = server;
  }

  /** The client has yet to take something. */
  get isBlocked(): boolean {
    return this.unsent !== null || this.transfer !== null;
  }

  /** Its turn has come again after others were served. */
  abstract takeTurn(): void;

  /** Aborts the connection: the client is gone, or there is no other way to signal that something went wrong. */
  protected abstract abort(): void;

  /** What the client receives is counted from here on. */
  protected noteProgress(): void {
    this.progressMs = this.server.clock.nowMs;
    this.progressOctets = acknowledgedOctets(descriptorOf(this.socket!));
  }

  /**
   * Whether the client has received octets, and `min_send_rate` of them a second, since the last call or note. The event
   * loop reports only that a third of the socket's buffer has become free, for which a slow client may need longer than it
   * may be idle. False where it can't be known.
   */
  protected keepsUp(): boolean {
    const { progressMs, progressOctets } = this;
    this.noteProgress();
    const wanted = (this.server.sendRateMin * (this.progressMs - progressMs)) / 1000;
    return progressOctets >= 0 && this.progressOctets - progressOctets >= Math.max(wanted, 1);
  }

  /** Whether the client has yet to acknowledge octets. */
  protected get hasUnacknowledged(): boolean {
    return unacknowledgedOctets(descriptorOf(this.socket!)) > 0;
  }

  /** Whether `reply` may be added to what the outbox holds; if not, flush first. */
  protected mayFollow(reply: Reply | null): boolean {
    const { outbox } = this.server;
    if (outbox.isEmpty) return true;
    return reply !== null && reply.kind === ReplyKind.Octets && !reply.transient && !outbox.isFull;
  }

  /**
   * Hands a reply over, with `lines`, if there are any, in place of its head's empty line; it must be one that `mayFollow`, on
   * a connection that isn't blocked.
   */
  protected send(reply: Reply, lines: Buffer | null, record: ExchangeRecord): void {
    this.server.clock.stamp(reply);
    this.server.records.respond(record, reply.status);
    if (this.server.accessLog !== null) record.contentOctets = reply.contentOctets;
    if (reply.kind === ReplyKind.Octets) {
      this.sendOctets(reply, lines, record);
    } else if (reply.kind === ReplyKind.Parts) {
      this.sendParts(reply, lines, record);
    } else if (reply.contentOctets <= SMALL_FILE_OCTETS_MAX) {
      this.sendSmallFile(reply, lines, record);
    } else {
      this.sendFile(reply, lines, record);
    }
  }

  /** Writes what the outbox holds. True when the socket has taken everything; false when it hasn't yet, or is gone. */
  protected flush(): boolean {
    const { clock, outbox, slot, unfinished } = this.server;
    if (outbox.isEmpty) return !this.isBlocked;
    const result = outbox.flush(this.socket!);
    const { octetsWritten } = outbox;
    slot.values[Counter.OctetsOut]! += octetsWritten;
    if (this.transfer === null) unfinished.sent(octetsWritten, clock.update());
    else this.transfer.record!.sent(octetsWritten); // the outbox holds nothing else then
    if (result === FlushResult.Blocked) {
      this.unsent = outbox.takeRest();
      this.unfinished = unfinished.takeRest();
    } else if (result === FlushResult.Gone) {
      this.abort();
    }
    return result === FlushResult.Done && !this.isBlocked;
  }

  /** The socket takes octets again: goes on with what was left over. True when nothing is left. */
  protected sendRest(): boolean {
    if (this.unsent !== null) {
      this.server.outbox.putBack(this.unsent);
      this.server.unfinished.putBack(this.unfinished);
      this.unsent = null;
      this.unfinished = NONE;
      this.flush();
    }
    return this.sendFileRest();
  }

  /** Forgets what was left over; the connection is gone. */
  protected abandonRest(): void {
    const { transfer, unfinished } = this;
    this.unsent = null;
    this.unfinished = NONE;
    for (const record of unfinished) this.server.records.end(record);
    if (transfer !== null) this.endTransfer(transfer);
  }

  private sendOctets(reply: OctetsReply, lines: Buffer | null, record: ExchangeRecord): void {
    const { outbox } = this.server;
    const { octets, headOctets, octetCount, transient } = reply;
    if (lines === null) {
      outbox.add(octets, 0, octetCount, transient);
    } else {
      outbox.add(octets, 0, headOctets - CRLF_OCTETS, transient);
      outbox.add(lines, 0, lines.length);
      if (octetCount > headOctets) outbox.add(octets, headOctets, octetCount, transient);
    }
    if (reply.content !== null) outbox.add(reply.content, reply.contentStart, reply.contentEnd);
    this.expectEnd(record);
    if (transient) this.flush();
  }

  /** What was added to the outbox last is the end of a response. */
  private expectEnd(record: ExchangeRecord): void {
    const { outbox, unfinished } = this.server;
    record.octetsLeft = outbox.octetsAdded;
    unfinished.add(record);
  }

  private sendSmallFile(reply: FileReply, lines: Buffer | null, record: ExchangeRecord): void {
    const { outbox } = this.server;
    const head = headRoom.copy(reply, lines);
    const { contentOctets } = reply;
    outbox.add(headRoom.octets, 0, head + contentOctets, true);
    this.expectEnd(record);
    const read = readAt(reply.file.fd, headRoom.octets, head, contentOctets, reply.fileOffset);
    if (read !== contentOctets) return this.abort(); // it became shorter, and the head would promise too much
    this.flush();
  }

  private sendFile(reply: FileReply, lines: Buffer | null, record: ExchangeRecord): void {
    const transfer = this.beginTransfer(record);
    transfer.begin(reply.file, reply.fileOffset, reply.contentOctets);
    if (this.sendHead(reply, lines, record)) this.sendFileRest();
  }

  private sendParts(reply: PartsReply, lines: Buffer | null, record: ExchangeRecord): void {
    if (reply.memory !== null) return this.sendPartsOfMemory(reply, reply.memory, lines, record);
    const transfer = this.beginTransfer(record);
    transfer.begin(reply.file!, 0, 0);
    transfer.setParts(reply.parts, reply.closing);
    if (this.sendHead(reply, lines, record)) this.sendFileRest();
  }

  private sendPartsOfMemory(reply: PartsReply, memory: Buffer, lines: Buffer | null, record: ExchangeRecord): void {
    const { outbox } = this.server;
    const head = headRoom.copy(reply, lines);
    // Put together: there may be more parts than the outbox has places, and they are no longer than the representation.
    const whole = Buffer.allocUnsafeSlow(head + reply.contentOctets);
    let end = headRoom.octets.copy(whole, 0, 0, head);
    for (let index = 0; index < reply.parts.length; index++) {
      const { lead, offset, octets } = reply.parts.at(index)!;
      end += lead.copy(whole, end);
      end += memory.copy(whole, end, offset, offset + octets);
    }
    end += reply.closing.copy(whole, end);
    outbox.add(whole, 0, end);
    this.expectEnd(record);
    this.flush();
  }

  private beginTransfer(record: ExchangeRecord): FileTransfer {
    const transfer = this.server.transfers.acquire();
    transfer.record = record;
    this.transfer = transfer;
    return transfer;
  }

  /** True when the head is out, and the file may follow. */
  private sendHead(reply: FileReply | PartsReply, lines: Buffer | null, record: ExchangeRecord): boolean {
    const head = headRoom.copy(reply, lines);
    record.octetsLeft = head + reply.contentOctets;
    return this.sendBefore(headRoom.octets, head, true);
  }

  /** True when the octets before the next piece, or behind the last one, are out. */
  private sendLead(lead: Buffer, hasPiece: boolean): boolean {
    return this.sendBefore(lead, lead.length, hasPiece);
  }

  /** `hasMore`: a piece of a file follows at once, and shares a segment with this (MSG_MORE). */
  private sendBefore(source: Buffer, octets: number, hasMore: boolean): boolean {
    const { outbox, slot, transmitter } = this.server;
    const sent = hasMore ? transmitter.sendAhead(descriptorOf(this.socket!), source, 0, octets) : 0;
    if (sent < 0 && sent !== -Errno.EAGAIN && sent !== -Errno.EINTR && sent !== REFUSED) {
      this.abort();
      return false;
    }
    const taken = Math.max(sent, 0);
    slot.values[Counter.OctetsOut]! += taken;
    this.transfer!.record!.sent(taken);
    if (taken < octets) {
      outbox.add(source, taken, octets, source === headRoom.octets);
      this.flush();
    }
    return this.unsent === null && this.transfer !== null;
  }

  /** Sends of the file what the client takes now. True when nothing is left, of the file or of what comes before it. */
  private sendFileRest(): boolean {
    const { transfer, socket } = this;
    if (transfer === null || this.unsent !== null || socket === null) return !this.isBlocked;
    switch (transfer.pump(socket, descriptorOf(socket))) {
      case TransferResult.Done:
        return this.sendNextPart(transfer);
      case TransferResult.Blocked:
        return false;
      case TransferResult.TurnOver:
        this.server.takeTurnLater(this);
        return false;
      case TransferResult.Shrunk:
      case TransferResult.Gone:
        this.abort();
        return false;
    }
  }

  /** Goes on to the transfer's next piece. True when there is none: the response has been sent. */
  private sendNextPart(transfer: FileTransfer): boolean {
    const lead = transfer.nextPart();
    if (lead !== null) return this.sendLead(lead, transfer.remaining > 0) && this.sendFileRest();
    this.endTransfer(transfer);
    return true;
  }

  /** Counts what the transfer has sent, and ends it and its exchange. */
  private endTransfer(transfer: FileTransfer): void {
    const { records, slot, transfers } = this.server;
    const record = transfer.record!;
    slot.values[Counter.SendfileCalls]! += transfer.sendfileCalls;
    slot.values[Counter.SendfileOctets]! += transfer.sendfileOctets;
    slot.values[Counter.OctetsOut]! += transfer.octetsSent;
    record.sent(transfer.octetsSent);
    records.end(record);
    this.transfer = null;
    transfer.end();
    transfers.release(transfer);
  }
}
