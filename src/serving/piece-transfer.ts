/**
 * A piece of a file on its way to a client, or several pieces of a file or of memory, each with octets before it: the head of the
 * response, or of a part.
 *
 * Where the link takes files the kernel copies (sendfile(2)); else pieces are read and written, the first of them behind its head:
 * each write is a system call, and with TLS a record. Either way a client that reads slowly costs two numbers and a descriptor: what it
 * did not take is read from the file again.
 *
 * Units: octets.
 * Keeps: never sends an octet that isn't in the file: one that became shorter fails, and then only closing the connection can
 *        tell the client (RFC 9112 §8).
 * Why the small write: the event loop reports that a socket is writable again only after a write through it came up
 *        short, so a full socket is offered a small piece; whatever it takes of that counts as sent.
 */
import type { ContentParts, PartsContent, SharedFile } from "../http/content.ts";
import type { Link } from "../socket/link.ts";
import { REFUSED } from "../socket/transmitter.ts";
import { Counter } from "../stats/layout.ts";
import { Errno } from "../sys/errno.ts";
import { readAt } from "../sys/read-file.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import { type Transfer, TransferResult, TURN_OCTETS } from "./transfer.ts";
import { Octets, Offset } from "../units.ts";

/** What a full socket is offered; it is read again if it isn't taken. */
const PROBE_OCTETS = 4096;

/** Pieces that are read and written where sendfile isn't available. */
export const COPY_OCTETS: number = 64 * 1024;

/** A longer head leaves by itself. */
const LEAD_OCTETS_MAX = COPY_OCTETS / 2;

const NOTHING = Buffer.alloc(0);

export class PieceTransfer implements Transfer {
  record: ExchangeRecord | null = null;
  moved = 0;
  private file: SharedFile | null = null;
  private memory: Buffer | null = null;
  /** What is sent before the next octet of the file: `[leadStart, leadEnd)`. */
  private lead: Buffer = NOTHING;
  private leadStart = 0;
  private leadEnd = 0;
  private offset = Offset(0);
  private remaining = Octets(0);
  private usesSendfile = false;
  /** Pieces still to come, and what follows the last of them; null for a single piece. */
  private parts: ContentParts | null = null;
  private closing: Buffer = NOTHING;
  private partIndex = 0;

  /**
   * @param room where octets are read to on their way, COPY_OCTETS long; used within one call
   * @param counters of this worker's statistics
   */
  constructor(
    private readonly room: Buffer,
    private readonly counters: Float64Array,
  ) {}

  /** Sends `octets` of a file from `offset` on, behind `lead[0, leadEnd)`. Takes over a use of the file. */
  beginFile(file: SharedFile, lead: Buffer, leadEnd: number, offset: Offset, octets: Octets): void {
    file.retain();
    this.file = file;
    this.begin(lead, leadEnd, offset, octets);
  }

  /** Sends parts of a content, and `closing` behind them. */
  beginParts(content: PartsContent, lead: Buffer, leadEnd: number): void {
    content.file?.retain();
    this.file = content.file;
    this.memory = content.memory;
    this.parts = content.parts;
    this.closing = content.closing;
    this.partIndex = 0;
    this.begin(lead, leadEnd, Offset(0), Octets(0));
  }

  private begin(lead: Buffer, leadEnd: number, offset: Offset, octets: Octets): void {
    this.lead = lead;
    this.leadStart = 0;
    this.leadEnd = leadEnd;
    this.offset = offset;
    this.remaining = octets;
    this.usesSendfile = true;
  }

  pump(link: Link): TransferResult {
    this.moved = 0;
    let result: TransferResult;
    do {
      result = this.sendLead(link);
      if (result === TransferResult.Done) result = this.sendPiece(link);
    } while (result === TransferResult.Done && this.nextPart());
    this.record?.sent(this.moved);
    // What is left of a head lies where the next one will be put together.
    if (this.leadStart < this.leadEnd) this.keepLead();
    return result;
  }

  end(): void {
    this.file?.release();
    this.file = null;
    this.memory = null;
    this.record = null;
    this.lead = NOTHING;
    this.parts = null;
    this.closing = NOTHING;
  }

  private nextPart(): boolean {
    if (this.parts === null) return false;
    const part = this.parts.at(this.partIndex++);
    this.leadStart = 0;
    if (part === undefined) {
      this.parts = null;
      this.lead = this.closing;
      this.leadEnd = this.closing.length;
      return true;
    }
    this.lead = part.lead;
    this.leadEnd = part.lead.length;
    this.offset = part.offset;
    this.remaining = part.octets;
    return true;
  }

  private sendLead(link: Link): TransferResult {
    const { lead, leadEnd } = this;
    if (this.leadStart === leadEnd) return TransferResult.Done;
    if (this.memory === null && this.remaining > 0) {
      if (!this.sends(link) && leadEnd - this.leadStart <= LEAD_OCTETS_MAX) return this.sendTogether(link);
      const taken = link.writeAhead(lead, this.leadStart, leadEnd - this.leadStart);
      if (taken < 0 && taken !== -Errno.EAGAIN && taken !== REFUSED) return TransferResult.Gone;
      this.moveLead(Math.max(taken, 0));
      if (this.leadStart === leadEnd) return TransferResult.Done;
    }
    const taken = link.write(lead, this.leadStart, leadEnd - this.leadStart);
    if (taken < 0) return TransferResult.Gone;
    this.moveLead(taken);
    return this.leadStart === leadEnd ? TransferResult.Done : TransferResult.Blocked;
  }

  /** Reads the first piece of a file behind what is left of its head, and writes both. */
  private sendTogether(link: Link): TransferResult {
    const { lead, leadEnd, leadStart, offset, remaining, room } = this;
    const leadOctets = lead.copy(room, 0, leadStart, leadEnd);
    const read = readAt(this.file!.fd, room, leadOctets, Octets(Math.min(remaining, room.length - leadOctets)), offset);
    if (read <= 0) return TransferResult.Failed;
    const written = link.write(room, 0, leadOctets + read);
    if (written < 0) return TransferResult.Gone;
    this.moveLead(Math.min(written, leadOctets));
    this.advance(Math.max(0, written - leadOctets));
    return written < leadOctets + read ? TransferResult.Blocked : TransferResult.Done;
  }

  private moveLead(octets: number): void {
    this.leadStart += octets;
    this.moved += octets;
  }

  private keepLead(): void {
    this.lead = Buffer.from(this.lead.subarray(this.leadStart, this.leadEnd));
    this.leadStart = 0;
    this.leadEnd = this.lead.length;
  }

  private sendPiece(link: Link): TransferResult {
    return this.memory === null ? this.sendOfFile(link) : this.sendOfMemory(link, this.memory);
  }

  private sendOfMemory(link: Link, memory: Buffer): TransferResult {
    if (this.remaining === 0) return TransferResult.Done;
    if (this.moved >= TURN_OCTETS) return TransferResult.TurnOver;
    const written = link.write(memory, this.offset, this.remaining);
    if (written < 0) return TransferResult.Gone;
    this.advance(written);
    return this.remaining === 0 ? TransferResult.Done : TransferResult.Blocked;
  }

  private sendOfFile(link: Link): TransferResult {
    const sends = this.sends(link);
    let isFull = !sends;
    while (this.remaining > 0) {
      if (this.moved >= TURN_OCTETS) return TransferResult.TurnOver;
      const wanted = Octets(Math.min(TURN_OCTETS - this.moved, this.remaining));
      const taken = isFull ? -Errno.EAGAIN : this.sendFromFile(link, wanted);
      if (taken > 0) {
        isFull = taken < wanted;
      } else if (taken === 0) {
        return TransferResult.Failed;
      } else if (taken === -Errno.EAGAIN || taken === -Errno.EINTR) {
        const result = this.copy(link, Octets(Math.min(this.remaining, sends ? PROBE_OCTETS : COPY_OCTETS)));
        if (result !== TransferResult.Done) return result;
        isFull = !sends;
      } else if (taken === REFUSED) {
        this.usesSendfile = false;
        return this.sendOfFile(link);
      } else {
        return taken === -Errno.EIO ? TransferResult.Failed : TransferResult.Gone;
      }
    }
    return TransferResult.Done;
  }

  private sends(link: Link): boolean {
    return this.usesSendfile && link.takesFiles;
  }

  private sendFromFile(link: Link, octets: Octets): number {
    const taken = link.writeFile(this.file!.fd, this.offset, octets);
    this.counters[Counter.SendfileCalls]! += 1;
    if (taken > 0) {
      this.counters[Counter.SendfileOctets]! += taken;
      this.advance(taken);
    }
    return taken;
  }

  /** Reads a piece and writes it. */
  private copy(link: Link, octets: Octets): TransferResult {
    const read = readAt(this.file!.fd, this.room, 0, octets, this.offset);
    if (read <= 0) return TransferResult.Failed;
    const written = link.write(this.room, 0, read);
    if (written < 0) return TransferResult.Gone;
    this.advance(written);
    return written < read ? TransferResult.Blocked : TransferResult.Done;
  }

  private advance(octets: number): void {
    this.offset = Offset(this.offset + octets);
    this.remaining = Octets(this.remaining - octets);
    this.moved += octets;
  }
}
