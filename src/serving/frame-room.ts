/**
 * Where the frames of an event are put together before they leave in one write: one room serves all HTTP/2 connections of a worker,
 * since an event fills and empties it before the next event.
 *
 * Units: octets.
 * Keeps: whole frames, from the first octet on.
 */
import { assert } from "../assert.ts";
import {
  Flag,
  FRAME_HEAD_OCTETS,
  FRAME_OCTETS_MAX,
  frameOctetsAt,
  FrameType,
  putFrameHead,
  word31At,
} from "../http2/frame.ts";

/** What is written at a time: enough for a system call to be cheap, little enough for the next request to come between. */
export const BATCH_OCTETS: number = 64 * 1024;

/**
 * What is gathered of replies that are ready, while more requests of the same event are read: a hundred small ones leave in one write. Nobody
 * can come between them anyway, and TLS goes to the kernel in pieces of 128 KiB.
 */
const READY_OCTETS = 2 * BATCH_OCTETS;

/** Beyond what is gathered: the frames that made it one, and the longest head there may be. */
const ROOM_OCTETS = 5 * BATCH_OCTETS;

/** The longest field block of a response. */
const RESPONSE_BLOCK_OCTETS_MAX: number = 2 * BATCH_OCTETS;

/**
 * How far behind the start of a page the room begins, so that the content of its first frame has a cache line to itself. Content that lies a few
 * octets further into a page than what it is copied from, as a file's does behind a frame head at the start of one, is copied
 * at a third of the speed (a load seems to follow the store before it: 64 KiB by pread(2) take 21 µs at octet 9, and 3 at octet 64).
 */
const ROOM_SHIFT = 64 - FRAME_HEAD_OCTETS;

export class FrameRoom {
  readonly octets: Buffer = Buffer.from(new ArrayBuffer(ROOM_SHIFT + ROOM_OCTETS), ROOM_SHIFT, ROOM_OCTETS);
  /** Where the next frame is put. */
  end = 0;

  get isEmpty(): boolean {
    return this.end === 0;
  }

  /** Whether it is time to write. */
  get isBatch(): boolean {
    return this.end >= BATCH_OCTETS;
  }

  /** The same where what comes next are replies that are ready. */
  get isGathered(): boolean {
    return this.end >= READY_OCTETS;
  }

  /** Whether a field block of `octets` fits. */
  holdsBlock(octets: number): boolean {
    assert(octets <= RESPONSE_BLOCK_OCTETS_MAX, "a field block of a response fits into an empty room");
    return this.end + octets + BLOCK_HEADS_OCTETS_MAX <= ROOM_OCTETS;
  }

  /** Where the octets of a field block are put, before `addBlock`. */
  get blockStart(): number {
    return this.end + FRAME_HEAD_OCTETS;
  }

  /** The octets from `blockStart` to `end` are the field block of stream `id`. `flags`: EndStream or none. */
  addBlock(id: number, end: number, flags: Flag): void {
    const octets = end - this.blockStart;
    if (octets > FRAME_OCTETS_MAX) return this.addLongBlock(id, end, flags);
    putFrameHead(this.octets, this.end, octets, FrameType.Headers, flags | Flag.EndHeaders, id);
    this.end = end;
  }

  /** The same in several frames (RFC 9113 §6.10). */
  private addLongBlock(id: number, end: number, flags: Flag): void {
    const block = Buffer.from(this.octets.subarray(this.blockStart, end));
    for (let start = 0; start < block.length; start += FRAME_OCTETS_MAX) {
      const octets = Math.min(FRAME_OCTETS_MAX, block.length - start);
      const type = start === 0 ? FrameType.Headers : FrameType.Continuation;
      const isEnd = start + octets === block.length;
      const ownFlags = (start === 0 ? flags : Flag.None) | (isEnd ? Flag.EndHeaders : Flag.None);
      const at = putFrameHead(this.octets, this.end, octets, type, ownFlags, id);
      this.end = at + block.copy(this.octets, at, start, start + octets);
    }
  }
}

const BLOCK_HEADS_OCTETS_MAX = FRAME_HEAD_OCTETS * Math.ceil(RESPONSE_BLOCK_OCTETS_MAX / FRAME_OCTETS_MAX);

if (ROOM_OCTETS < READY_OCTETS + RESPONSE_BLOCK_OCTETS_MAX + BLOCK_HEADS_OCTETS_MAX + FRAME_OCTETS_MAX) {
  throw new Error("the room for frames is too small");
}

/**
 * Frames that a client didn't take, from the first octet of the one that it took a part of.
 *
 * Keeps: `octets[start, end)` is still to leave; before it lies the beginning of the first frame, so that it can be told what each is.
 */
export class UnsentFrames {
  octets: Buffer;
  start: number;
  end: number;

  /** Of `source[0, end)`, which are whole frames, `taken` octets have left. */
  constructor(source: Buffer, taken: number, end: number) {
    const first = startOfFrameAt(source, taken);
    this.octets = Buffer.from(source.subarray(first, end));
    this.start = taken - first;
    this.end = end - first;
  }

  get count(): number {
    return this.end - this.start;
  }

  /** Further frames follow. */
  append(source: Buffer, octets: number): void {
    if (this.end + octets > this.octets.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.octets.length, this.end + octets));
      this.octets.copy(grown, 0, 0, this.end);
      this.octets = grown;
    }
    source.copy(this.octets, this.end, 0, octets);
    this.end += octets;
  }

  /** `octets` more have left. */
  advance(octets: number): void {
    this.start += octets;
  }

  /** Octets of content among these that are stream `id`'s. */
  contentOctetsOf(id: number): number {
    let octets = 0;
    for (let at = 0; at < this.end; at += FRAME_HEAD_OCTETS + frameOctetsAt(this.octets, at)) {
      if (this.octets[at + TYPE_OFFSET] !== FrameType.Data || word31At(this.octets, at + STREAM_OFFSET) !== id)
        continue;
      const start = at + FRAME_HEAD_OCTETS;
      octets += Math.max(0, frameOctetsAt(this.octets, at) - Math.max(0, this.start - start));
    }
    return octets;
  }
}

const TYPE_OFFSET = 3;
const STREAM_OFFSET = 5;

/** Where the frame begins that octet `position` is part of. */
function startOfFrameAt(source: Buffer, position: number): number {
  let at = 0;
  for (;;) {
    const next = at + FRAME_HEAD_OCTETS + frameOctetsAt(source, at);
    if (next > position) return at;
    at = next;
  }
}
