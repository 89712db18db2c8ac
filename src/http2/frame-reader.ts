/**
 * From octets to frames (RFC 9113 §4, §6): what a client sends, in any pieces, as calls on a listener.
 *
 * The preface comes first (§3.4). Then of each frame what can be said without knowing any stream is checked here: its length, whether it
 * may be about a stream or the connection, its padding, which frame may follow which. A field block that comes in several frames is
 * joined, so the listener gets blocks whole.
 *
 * In:    octets, lent for the time of the call.
 * Out:   calls, with offsets into octets that are lent for the time of the call.
 * Units: octets.
 * Keeps: a frame that isn't whole is kept, at most FRAME_OCTETS_MAX; of a block at most BLOCK_OCTETS_MAX in BLOCK_FRAMES_MAX frames.
 *        Whole frames are read where they are. After a connection error nothing more is read. Any split gives the same calls.
 */
import {
  ErrorCode,
  Flag,
  FRAME_HEAD_OCTETS,
  FRAME_OCTETS_MAX,
  frameOctetsAt,
  FrameType,
  PREFACE,
  word31At,
  word32At,
} from "./frame.ts";
import { SETTING_OCTETS } from "./settings.ts";

/** Frames of one field block: HEADERS and its CONTINUATIONs. */
export const BLOCK_FRAMES_MAX = 8;
/** Octets of one field block as it is sent, before it is decoded. */
export const BLOCK_OCTETS_MAX: number = 32 * 1024;

export interface FrameListener {
  /** A whole field block. `dependency`: the stream it is said to depend on (§5.3.2), or NO_DEPENDENCY. */
  headers(bytes: Buffer, start: number, end: number, stream: number, isLast: boolean, dependency: number): void;
  /** `bytes[start, end)` is content; `octets`: what counts against the windows, padding included. */
  data(bytes: Buffer, start: number, end: number, stream: number, isLast: boolean, octets: number): void;
  /** PRIORITY. */
  priority(stream: number, dependency: number): void;
  /** A frame whose length is wrong, but concerns its stream alone (§4.2). */
  badLength(stream: number): void;
  rstStream(stream: number, code: number): void;
  /** The payload of SETTINGS. */
  settings(bytes: Buffer, start: number, end: number): void;
  settingsAck(): void;
  /** Eight octets from `start` on. */
  ping(bytes: Buffer, start: number, isAck: boolean): void;
  goAway(lastStream: number, code: number): void;
  windowUpdate(stream: number, increment: number): void;
  priorityUpdate(stream: number, bytes: Buffer, start: number, end: number): void;
  /** A part of a block after its first. */
  continuation(): void;
  /** A frame of a type that isn't known. */
  unknown(): void;
  /** What can't be understood, or mustn't be: nothing after it is read. */
  failed(code: ErrorCode, reason: string): void;
}

const NO_DEPENDENCY = -1;
const NOTHING = Buffer.alloc(0);
const KEPT_OCTETS_MIN = 256;

export class FrameReader {
  /** The start of a frame, or of the preface: `[0, keptOctets)`. */
  private kept: Buffer = NOTHING;
  private keptOctets = 0;
  private hasPreface = false;
  private hasFailed = false;
  /** The first frame, which has to be SETTINGS (§3.4), has yet to come. */
  private isFirst = true;
  /** A field block that isn't whole: `[0, blockOctets)`; the stream it is for, 0 for none. */
  private block: Buffer = NOTHING;
  private blockOctets = 0;
  private blockStream = 0;
  private blockFrames = 0;
  private isBlockLast = false;
  private blockDependency = NO_DEPENDENCY;

  constructor(private readonly listener: FrameListener) {}

  /** Whether a request has begun to arrive: part of a field block, or of the frame that begins one. */
  get isInHeaders(): boolean {
    if (this.blockStream !== 0) return true;
    return this.hasPreface && this.keptOctets > TYPE_OFFSET && this.kept[TYPE_OFFSET] === FrameType.Headers;
  }

  /** Nothing more is read. */
  stop(): void {
    this.hasFailed = true;
    this.kept = NOTHING;
    this.keptOctets = 0;
    this.block = NOTHING;
    this.blockStream = 0;
  }

  /** Reads one frame of `bytes[start, end)`, or keeps the part of one that is there; returns where the rest begins. */
  read(bytes: Buffer, start: number, end: number): number {
    if (this.hasFailed) return end;
    if (this.keptOctets > 0 || !this.hasPreface) return this.readKept(bytes, start, end);
    if (end - start < FRAME_HEAD_OCTETS) return this.keep(bytes, start, end);
    const octets = frameOctetsAt(bytes, start);
    if (octets > FRAME_OCTETS_MAX) return this.failAt(end, ErrorCode.FrameSizeError, "a frame is too large");
    const next = start + FRAME_HEAD_OCTETS + octets;
    if (next > end) return this.keep(bytes, start, end);
    this.frame(bytes, start, next);
    return next;
  }

  /** Adds to what is kept as much as makes it whole, and reads it from there. */
  private readKept(bytes: Buffer, start: number, end: number): number {
    if (!this.hasPreface) return this.readPreface(bytes, start, end);
    let next = start;
    if (this.keptOctets < FRAME_HEAD_OCTETS) {
      next = this.keep(bytes, start, Math.min(end, start + FRAME_HEAD_OCTETS - this.keptOctets));
      if (this.keptOctets < FRAME_HEAD_OCTETS) return next;
    }
    const octets = frameOctetsAt(this.kept, 0);
    if (octets > FRAME_OCTETS_MAX) return this.failAt(end, ErrorCode.FrameSizeError, "a frame is too large");
    const missing = FRAME_HEAD_OCTETS + octets - this.keptOctets;
    next = this.keep(bytes, next, Math.min(end, next + missing));
    if (this.keptOctets < FRAME_HEAD_OCTETS + octets) return next;
    const { kept } = this;
    this.kept = NOTHING;
    this.keptOctets = 0;
    this.frame(kept, 0, FRAME_HEAD_OCTETS + octets);
    return next;
  }

  /** Any other first octets are refused as soon as they differ. */
  private readPreface(bytes: Buffer, start: number, end: number): number {
    let next = start;
    while (next < end && this.keptOctets < PREFACE.length) {
      if (bytes[next++] !== PREFACE[this.keptOctets++]) {
        return this.failAt(end, ErrorCode.ProtocolError, "the connection preface is missing");
      }
    }
    if (this.keptOctets === PREFACE.length) {
      this.hasPreface = true;
      this.keptOctets = 0;
    }
    return next;
  }

  private keep(bytes: Buffer, start: number, end: number): number {
    const needed = this.keptOctets + end - start;
    if (needed > this.kept.length) {
      const grown = Buffer.allocUnsafeSlow(this.roomFor(needed));
      this.kept.copy(grown, 0, 0, this.keptOctets);
      this.kept = grown;
    }
    bytes.copy(this.kept, this.keptOctets, start, end);
    this.keptOctets = needed;
    return end;
  }

  /** Room for a whole frame at once where most of it is here, else by doubling: a few octets get no 16 KiB for the asking. */
  private roomFor(octets: number): number {
    let room = KEPT_OCTETS_MIN;
    while (room < octets) room *= 2;
    return Math.min(room, FRAME_HEAD_OCTETS + FRAME_OCTETS_MAX);
  }

  private frame(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at + TYPE_OFFSET]!;
    const flags = bytes[at + 4]!;
    const stream = word31At(bytes, at + 5);
    const start = at + FRAME_HEAD_OCTETS;
    if ((this.isFirst || this.blockStream !== 0) && !this.mayCome(type, flags, stream)) return;
    if (type === FrameType.Headers) this.headers(bytes, start, end, flags, stream);
    else this.otherFrame(type, bytes, start, end, flags, stream);
  }

  /** Whether a frame may be the first, or come before a field block is whole. */
  private mayCome(type: number, flags: number, stream: number): boolean {
    if (this.isFirst && (type !== FrameType.Settings || (flags & Flag.Ack) !== 0)) {
      this.fail(ErrorCode.ProtocolError, "SETTINGS are not the first frame");
      return false;
    }
    this.isFirst = false;
    if (this.blockStream === 0 || (type === FrameType.Continuation && stream === this.blockStream)) return true;
    this.fail(ErrorCode.ProtocolError, "a field block is interrupted");
    return false;
  }

  private otherFrame(type: number, bytes: Buffer, start: number, end: number, flags: number, stream: number): void {
    switch (type) {
      case FrameType.Data:
        return this.data(bytes, start, end, flags, stream);
      case FrameType.Priority:
        return this.priority(bytes, start, end, stream);
      case FrameType.RstStream:
        return this.rstStream(bytes, start, end, stream);
      case FrameType.Settings:
        return this.settings(bytes, start, end, flags, stream);
      case FrameType.PushPromise:
        return this.fail(ErrorCode.ProtocolError, "a client promises a push");
      case FrameType.Ping:
        return this.ping(bytes, start, end, flags, stream);
      case FrameType.GoAway:
        return this.goAway(bytes, start, end, stream);
      case FrameType.WindowUpdate:
        return this.windowUpdate(bytes, start, end, stream);
      case FrameType.Continuation:
        return this.continuation(bytes, start, end, flags, stream);
      case FrameType.PriorityUpdate:
        return this.priorityUpdate(bytes, start, end, stream);
      default:
        return this.listener.unknown(); // ignored, whatever it is (§4.1)
    }
  }

  private headers(bytes: Buffer, start: number, end: number, flags: number, stream: number): void {
    if (stream === 0) return this.fail(ErrorCode.ProtocolError, "HEADERS are for no stream");
    if ((flags & (Flag.EndHeaders | Flag.Padded | Flag.Priority)) !== Flag.EndHeaders) {
      return this.otherHeaders(bytes, start, end, flags, stream);
    }
    this.listener.headers(bytes, start, end, stream, (flags & Flag.EndStream) !== 0, NO_DEPENDENCY);
  }

  /** HEADERS with more than a whole field block, or less. */
  private otherHeaders(bytes: Buffer, at: number, until: number, flags: number, stream: number): void {
    let start = at;
    let end = until;
    let dependency = NO_DEPENDENCY;
    if ((flags & Flag.Padded) !== 0) {
      if (start === end) return this.fail(ErrorCode.FrameSizeError, "HEADERS end within their padding's length");
      end -= bytes[start++]!;
    }
    if ((flags & Flag.Priority) !== 0) {
      if (until - start < PRIORITY_OCTETS)
        return this.fail(ErrorCode.FrameSizeError, "HEADERS end within their priority");
      dependency = word31At(bytes, start);
      start += PRIORITY_OCTETS;
    }
    if (start > end) return this.fail(ErrorCode.ProtocolError, "HEADERS have more padding than room");
    const isLast = (flags & Flag.EndStream) !== 0;
    if ((flags & Flag.EndHeaders) !== 0) {
      return this.listener.headers(bytes, start, end, stream, isLast, dependency);
    }
    this.blockStream = stream;
    this.isBlockLast = isLast;
    this.blockDependency = dependency;
    this.blockFrames = 0;
    this.blockOctets = 0;
    this.addToBlock(bytes, start, end);
  }

  private continuation(bytes: Buffer, start: number, end: number, flags: number, stream: number): void {
    if (this.blockStream === 0) return this.fail(ErrorCode.ProtocolError, "CONTINUATION continues nothing");
    const isEnd = (flags & Flag.EndHeaders) !== 0;
    if (start === end && !isEnd) return this.fail(ErrorCode.EnhanceYourCalm, "CONTINUATION is empty");
    this.listener.continuation();
    if (this.hasFailed || !this.addToBlock(bytes, start, end) || !isEnd) return;
    const { block } = this;
    this.block = NOTHING;
    this.blockStream = 0;
    this.listener.headers(block, 0, this.blockOctets, stream, this.isBlockLast, this.blockDependency);
  }

  private addToBlock(bytes: Buffer, start: number, end: number): boolean {
    const octets = this.blockOctets + end - start;
    if (++this.blockFrames > BLOCK_FRAMES_MAX || octets > BLOCK_OCTETS_MAX) {
      this.fail(ErrorCode.EnhanceYourCalm, "a field block is too large");
      return false;
    }
    if (octets > this.block.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(Math.max(octets, 2 * this.block.length), BLOCK_OCTETS_MAX));
      this.block.copy(grown, 0, 0, this.blockOctets);
      this.block = grown;
    }
    bytes.copy(this.block, this.blockOctets, start, end);
    this.blockOctets = octets;
    return true;
  }

  private data(bytes: Buffer, at: number, until: number, flags: number, stream: number): void {
    if (stream === 0) return this.fail(ErrorCode.ProtocolError, "DATA is for no stream");
    let start = at;
    let end = until;
    if ((flags & Flag.Padded) !== 0) {
      if (start === end) return this.fail(ErrorCode.FrameSizeError, "DATA ends within its padding's length");
      end -= bytes[start++]!;
      if (start > end) return this.fail(ErrorCode.ProtocolError, "DATA has more padding than room");
    }
    this.listener.data(bytes, start, end, stream, (flags & Flag.EndStream) !== 0, until - at);
  }

  private priority(bytes: Buffer, start: number, end: number, stream: number): void {
    if (stream === 0) return this.fail(ErrorCode.ProtocolError, "PRIORITY is for no stream");
    if (end - start !== PRIORITY_OCTETS) return this.listener.badLength(stream);
    this.listener.priority(stream, word31At(bytes, start));
  }

  private rstStream(bytes: Buffer, start: number, end: number, stream: number): void {
    if (stream === 0) return this.fail(ErrorCode.ProtocolError, "RST_STREAM is for no stream");
    if (end - start !== 4) return this.fail(ErrorCode.FrameSizeError, "RST_STREAM has another length than 4");
    this.listener.rstStream(stream, word32At(bytes, start));
  }

  private settings(bytes: Buffer, start: number, end: number, flags: number, stream: number): void {
    if (stream !== 0) return this.fail(ErrorCode.ProtocolError, "SETTINGS are for a stream");
    if ((flags & Flag.Ack) !== 0) {
      if (start !== end) return this.fail(ErrorCode.FrameSizeError, "an acknowledgement of SETTINGS isn't empty");
      return this.listener.settingsAck();
    }
    const octets = end - start;
    if (octets % SETTING_OCTETS !== 0) return this.fail(ErrorCode.FrameSizeError, "SETTINGS end within a setting");
    if (octets > SETTINGS_MAX * SETTING_OCTETS) return this.fail(ErrorCode.EnhanceYourCalm, "SETTINGS are too many");
    this.listener.settings(bytes, start, end);
  }

  private ping(bytes: Buffer, start: number, end: number, flags: number, stream: number): void {
    if (stream !== 0) return this.fail(ErrorCode.ProtocolError, "PING is for a stream");
    if (end - start !== PING_OCTETS) return this.fail(ErrorCode.FrameSizeError, "PING has another length than 8");
    this.listener.ping(bytes, start, (flags & Flag.Ack) !== 0);
  }

  private goAway(bytes: Buffer, start: number, end: number, stream: number): void {
    if (stream !== 0) return this.fail(ErrorCode.ProtocolError, "GOAWAY is for a stream");
    if (end - start < 8) return this.fail(ErrorCode.FrameSizeError, "GOAWAY is too short");
    this.listener.goAway(word31At(bytes, start), word32At(bytes, start + 4));
  }

  private windowUpdate(bytes: Buffer, start: number, end: number, stream: number): void {
    if (end - start !== 4) return this.fail(ErrorCode.FrameSizeError, "WINDOW_UPDATE has another length than 4");
    this.listener.windowUpdate(stream, word31At(bytes, start));
  }

  private priorityUpdate(bytes: Buffer, start: number, end: number, stream: number): void {
    if (stream !== 0) return this.fail(ErrorCode.ProtocolError, "PRIORITY_UPDATE is for a stream");
    if (end - start < 4) return this.fail(ErrorCode.FrameSizeError, "PRIORITY_UPDATE is too short");
    const prioritized = word31At(bytes, start);
    if (prioritized === 0) return this.fail(ErrorCode.ProtocolError, "PRIORITY_UPDATE prioritizes no stream");
    this.listener.priorityUpdate(prioritized, bytes, start + 4, end);
  }

  private failAt(end: number, code: ErrorCode, reason: string): number {
    this.fail(code, reason);
    return end;
  }

  private fail(code: ErrorCode, reason: string): void {
    this.stop();
    this.listener.failed(code, reason);
  }
}

const TYPE_OFFSET = 3;
/** Exclusive, stream, weight (§6.3). */
const PRIORITY_OCTETS = 5;
export const PING_OCTETS = 8;
/** Settings in one frame; a dozen are registered. */
const SETTINGS_MAX = 64;
