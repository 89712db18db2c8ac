/**
 * A piece of a file on its way to a client, or several, one after the other.
 *
 * The kernel copies (sendfile(2)) where it can; where it can't, pieces are read and written. Either way a client that reads slowly
 * costs two numbers and a descriptor: what it did not take is read from the file again.
 *
 * Out:   `pump` sends until it is done, the client can't take more (`drain` will come), or the turn is over;
 *        `nextPart` goes on to the next piece, and tells what is to be sent before it.
 * Units: octets.
 * Keeps: never sends an octet that isn't in the file: one that became shorter ends the transfer, and then only closing
 *        the connection can tell the client (RFC 9112 §8).
 * Why the small write: the event loop reports that a socket is writable again only after a write through it came up
 *        short, so a full socket is offered a small piece; whatever it takes of that counts as sent.
 */
import type { ReplyParts, SharedFile } from "../http/reply.ts";
import { Errno } from "../sys/errno.ts";
import { readAt } from "../sys/read-file.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import type { OctetSink } from "./outbox.ts";
import { REFUSED, type Transmitter } from "./transmitter.ts";

export enum TransferResult {
  Done,
  /** The socket is full; its `drain` will come. */
  Blocked,
  /** Others are waiting; call again in the next turn of the event loop. */
  TurnOver,
  /** The file has become shorter than it was when the head was sent. */
  Shrunk,
  /** The client is gone. */
  Gone,
}

/** How much one connection may send before the others get their turn. */
const TURN_OCTETS = 1024 * 1024;

/** What a piece costs of a turn besides its octets: the calls that send what stands before it, and begin it. */
const PART_TURN_OCTETS = 16 * 1024;

/** What a full socket is offered; it is read again if it isn't taken. */
const PROBE_OCTETS = 4096;

/** Pieces that are read and written where sendfile isn't available. */
const COPY_OCTETS = 64 * 1024;

/** Transfers run one at a time, so one buffer serves them all. */
const piece = Buffer.allocUnsafeSlow(COPY_OCTETS);

export class FileTransfer {
  private file: SharedFile | null = null;
  private offset = 0;
  remaining = 0;
  /** Calls of sendfile, and octets it and others moved, since the last `begin`. */
  sendfileCalls = 0;
  sendfileOctets = 0;
  copiedOctets = 0;
  /** The exchange whose response it is part of. */
  record: ExchangeRecord | null = null;
  private useSendfile = false;
  /** Pieces still to come, and what follows the last of them; null for a single piece. */
  private parts: ReplyParts | null = null;
  private closing: Buffer | null = null;
  private partIndex = 0;
  /** What is left of this turn: many pieces share one. */
  private turn = TURN_OCTETS;

  constructor(private readonly transmitter: Transmitter) {}

  /** Of the file, so far. */
  get octetsSent(): number {
    return this.sendfileOctets + this.copiedOctets;
  }

  /** Takes over a use of `file`. */
  begin(file: SharedFile, offset: number, octets: number): void {
    file.retain();
    this.file = file;
    this.offset = offset;
    this.remaining = octets;
    this.sendfileCalls = 0;
    this.sendfileOctets = 0;
    this.copiedOctets = 0;
    this.turn = TURN_OCTETS;
    this.useSendfile = this.transmitter.copiesFiles;
  }

  /** After `begin` with no octets: these pieces are what is sent. */
  setParts(parts: ReplyParts, closing: Buffer): void {
    this.parts = parts;
    this.closing = closing;
    this.partIndex = 0;
  }

  /** After a piece is done: what has to be sent before the next `pump`; null when everything has been sent. */
  nextPart(): Buffer | null {
    if (this.parts === null) return null;
    const part = this.parts.at(this.partIndex++);
    if (part === undefined) {
      this.parts = null;
      return this.closing;
    }
    this.offset = part.offset;
    this.remaining = part.octets;
    this.turn -= PART_TURN_OCTETS;
    return part.lead;
  }

  /** Lets go of the file. */
  end(): void {
    this.file?.release();
    this.file = null;
    this.record = null;
    this.parts = null;
    this.closing = null;
  }

  pump(sink: OctetSink, socketFd: number): TransferResult {
    let isFull = !this.useSendfile;
    while (this.remaining > 0) {
      if (this.turn <= 0) return this.endTurn(TransferResult.TurnOver);
      const wanted = Math.min(this.turn, this.remaining);
      const taken = isFull ? -Errno.EAGAIN : this.sendFromFile(socketFd, wanted);
      if (taken > 0) {
        isFull = taken < wanted;
      } else if (taken === 0) {
        return TransferResult.Shrunk;
      } else if (taken === -Errno.EAGAIN || taken === -Errno.EINTR) {
        const copied = this.copy(sink, Math.min(this.remaining, this.useSendfile ? PROBE_OCTETS : COPY_OCTETS));
        if (copied < 0) return this.endTurn(-copied);
        isFull = !this.useSendfile;
      } else if (taken === REFUSED) {
        this.useSendfile = false;
        isFull = true;
      } else {
        return taken === -Errno.EIO ? TransferResult.Shrunk : TransferResult.Gone;
      }
    }
    return TransferResult.Done;
  }

  /** The next `pump` is another turn. */
  private endTurn(result: TransferResult): TransferResult {
    this.turn = TURN_OCTETS;
    return result;
  }

  private sendFromFile(socketFd: number, octets: number): number {
    const taken = this.transmitter.sendFile(socketFd, this.file!.fd, this.offset, octets);
    this.sendfileCalls++;
    if (taken > 0) {
      this.sendfileOctets += taken;
      this.advance(taken);
    }
    return taken;
  }

  /** Reads a piece and writes it; returns its octets, or `-TransferResult` when it was not taken whole. */
  private copy(sink: OctetSink, octets: number): number {
    const read = readAt(this.file!.fd, piece, 0, octets, this.offset);
    if (read <= 0) return -TransferResult.Shrunk;
    const written = sink.write(piece, 0, read);
    if (written < 0) return -TransferResult.Gone;
    this.copiedOctets += written;
    this.advance(written);
    return written < read ? -TransferResult.Blocked : written;
  }

  private advance(octets: number): void {
    this.offset += octets;
    this.remaining -= octets;
    this.turn -= octets;
  }
}
