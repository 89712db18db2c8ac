/**
 * Pulls the content of a response, piece by piece, as much as whoever sends it has room for: memory, a piece of a file, parts, a source.
 *
 * In:    a content; room for some octets of it.
 * Out:   octets, in order.
 * Units: octets.
 * Keeps: a file is held open while it is read; a source is stopped exactly once. Never gives more or less than was promised: a file
 *        that became shorter, or a source that lied about its length, fails.
 */
import { assert } from "../assert.ts";
import {
  type Content,
  ContentKind,
  type ContentParts,
  type ContentSource,
  type PartsContent,
  type SharedFile,
  SourceEnd,
} from "../http/content.ts";
import type { FieldLine } from "../http/response-head.ts";
import { readAt } from "../sys/read-file.ts";
import { Octets, Offset } from "../units.ts";

/** What `read` answers in place of a number of octets. */
export enum ReadEnd {
  /** There is nothing for now; `onReady` will be called. */
  Waiting = 0,
  /** Everything has been given. */
  Done = -1,
  /** The rest can't be given. */
  Failed = -2,
}

const NO_TRAILERS: readonly FieldLine[] = [];

export class ContentReader {
  /** Octets that are still to come; Infinity where that isn't known. */
  remaining = 0;
  private memory: Buffer | null = null;
  private file: SharedFile | null = null;
  /** Where in the memory or the file the current piece goes on, and how much of it is left. */
  private offset = Offset(0);
  private pieceOctets = 0;
  private parts: PartsReader | null = null;
  private source: ContentSource | null = null;

  /** `onReady`: the source of the content has more, or has come to its end. */
  begin(content: Content, onReady: () => void): void {
    this.remaining = content.octetCount < 0 ? Number.POSITIVE_INFINITY : content.octetCount;
    switch (content.kind) {
      case ContentKind.None:
        return;
      case ContentKind.Octets:
        this.memory = content.octets;
        this.offset = Offset(content.start);
        this.pieceOctets = content.octetCount;
        return;
      case ContentKind.File:
        this.hold(content.file);
        this.offset = content.offset;
        this.pieceOctets = content.octetCount;
        return;
      case ContentKind.Parts:
        this.memory = content.memory;
        if (content.file !== null) this.hold(content.file);
        this.parts = new PartsReader(content);
        this.pieceOctets = 0;
        return;
      case ContentKind.Source:
        this.source = content.source;
        content.source.onReady = onReady;
        return;
    }
  }

  /** Whether everything has been given; of a source that isn't known before it says so. */
  get isDone(): boolean {
    return this.source === null && this.remaining === 0;
  }

  /** Puts up to `octetsMax` octets into `target` at `at`; returns how many, or a `ReadEnd`. */
  read(target: Buffer, at: number, octetsMax: number): number {
    if (this.source !== null) return this.readSource(this.source, target, at, octetsMax);
    if (this.remaining === 0) return ReadEnd.Done;
    return this.parts === null
      ? this.readPiece(target, at, octetsMax)
      : this.readParts(this.parts, target, at, octetsMax);
  }

  /** Fields that follow the content, once it is done (RFC 9110 §6.5). */
  get trailers(): readonly FieldLine[] {
    return this.source?.trailers ?? NO_TRAILERS;
  }

  /** Lets go of what it reads from; it may begin anew. */
  end(): void {
    const { file, source } = this;
    this.memory = null;
    this.file = null;
    this.parts = null;
    this.source = null;
    file?.release();
    if (source === null) return;
    source.onReady = null;
    source.stop();
  }

  private hold(file: SharedFile): void {
    file.retain();
    this.file = file;
  }

  private readPiece(target: Buffer, at: number, octetsMax: number): number {
    const wanted = Octets(Math.min(octetsMax, this.pieceOctets));
    const { file, memory, offset } = this;
    let octets: number = wanted;
    if (memory !== null) memory.copy(target, at, offset, offset + wanted);
    else octets = readAt(file!.fd, target, at, wanted, offset);
    if (octets <= 0) return ReadEnd.Failed;
    this.offset = Offset(offset + octets);
    this.pieceOctets -= octets;
    this.remaining -= octets;
    return octets;
  }

  /** Fills the room: parts may be smaller than it. */
  private readParts(parts: PartsReader, target: Buffer, at: number, octetsMax: number): number {
    let octets = 0;
    while (octets < octetsMax && this.remaining > 0) {
      const room = octetsMax - octets;
      const lead = parts.readLead(target, at + octets, room);
      this.remaining -= lead;
      octets += lead;
      if (lead > 0) continue;
      if (this.pieceOctets === 0) {
        const part = parts.next();
        this.offset = part.offset;
        this.pieceOctets = part.octets;
        continue;
      }
      const piece = this.readPiece(target, at + octets, room);
      if (piece < 0) return ReadEnd.Failed;
      octets += piece;
    }
    return octets;
  }

  private readSource(source: ContentSource, target: Buffer, at: number, octetsMax: number): number {
    const octets = source.read(target, at, at + octetsMax);
    if (octets === 0) return ReadEnd.Waiting;
    if (octets === SourceEnd.Done) {
      const isWhole = source.octetCount < 0 || this.remaining === 0;
      this.remaining = 0;
      return isWhole ? ReadEnd.Done : ReadEnd.Failed;
    }
    if (octets < 0 || octets > this.remaining) return ReadEnd.Failed;
    this.remaining -= octets;
    return octets;
  }
}

/** The octets before each part, and behind the last one. */
class PartsReader {
  private readonly parts: ContentParts;
  private readonly closing: Buffer;
  private index = 0;
  private lead: Buffer = NO_LEAD;
  private leadStart = 0;

  constructor(content: PartsContent) {
    this.parts = content.parts;
    this.closing = content.closing;
  }

  /** Goes on to the next part; behind the last one comes `closing`, and nothing. */
  next(): { readonly offset: Offset; readonly octets: Octets } {
    assert(this.index <= this.parts.length, "parts are as long as they were said to be");
    const part = this.parts.at(this.index++);
    this.lead = part?.lead ?? this.closing;
    this.leadStart = 0;
    return part ?? NO_PIECE;
  }

  readLead(target: Buffer, at: number, octetsMax: number): number {
    const { lead, leadStart } = this;
    const octets = Math.min(octetsMax, lead.length - leadStart);
    if (octets > 0) lead.copy(target, at, leadStart, leadStart + octets);
    this.leadStart += octets;
    return octets;
  }
}

const NO_LEAD = Buffer.alloc(0);
const NO_PIECE = { offset: Offset(0), octets: Octets(0) };
