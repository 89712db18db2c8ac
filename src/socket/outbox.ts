/**
 * Where replies wait to be written: pieces of buffers, in order, sent in as few writes as possible.
 *
 * One outbox serves all connections of a worker, since an event fills and flushes it before the next event. Pieces are
 * references; only when several small ones follow each other are they copied together, so that pipelined responses
 * leave in one segment. A single reply from the cache is written from the cache's own memory.
 *
 * In:    `add(source, start, end)`. Out: `flush` writes what the socket takes; `takeRest` hands over what it didn't.
 * Units: octets.
 * Keeps: allocates nothing unless the client is slower than the server; a slow client's rest is kept as references, but for
 *        the octets that may be overwritten meanwhile: the heads, whose dates change.
 */
import type { OctetSink } from "./link.ts";

/** Pieces that a client was too slow for. */
export interface Unsent {
  sources: Buffer[];
  starts: number[];
  ends: number[];
}

export enum FlushResult {
  Done,
  Blocked,
  Gone,
}

/** Room in which small pieces are put together: 16 pipelined responses of 4 KiB. */
const GATHER_OCTETS = 64 * 1024;

/** A piece larger than this is cheaper to write by itself than to copy. */
const GATHERED_PIECE_OCTETS_MAX = 16 * 1024;

/** Pieces that wait at a time; each reply is one or more. */
const PIECES_MAX = 256;

export class Outbox {
  /** Octets that were added since it was last empty; every flush leaves it empty, or is followed by `takeRest`. */
  octetsAdded = 0;
  /** Octets that the last flush wrote. */
  octetsWritten = 0;
  private readonly gathered = Buffer.allocUnsafeSlow(GATHER_OCTETS);
  private readonly sources: (Buffer | null)[] = new Array<Buffer | null>(PIECES_MAX).fill(null);
  private readonly starts = new Float64Array(PIECES_MAX);
  private readonly ends = new Float64Array(PIECES_MAX);
  private readonly volatileEnds = new Float64Array(PIECES_MAX);
  private count = 0;
  /** Pieces before this one have been written. */
  private next = 0;

  get isEmpty(): boolean {
    return this.count === 0;
  }

  /** No further reply (of at most four pieces) fits before a flush. */
  get isFull(): boolean {
    return this.count > PIECES_MAX - 4;
  }

  /** Adds `source[start, end)`. What of it lies before `volatileEnd` may be overwritten after the coming flush. */
  add(source: Buffer, start: number, end: number, volatileEnd = start): void {
    const index = this.count++;
    this.sources[index] = source;
    this.starts[index] = start;
    this.ends[index] = end;
    this.volatileEnds[index] = volatileEnd;
    this.octetsAdded += end - start;
  }

  /** Writes until all is written, or the socket takes no more. */
  flush(sink: OctetSink): FlushResult {
    return this.count === 1 && this.next === 0 ? this.flushOnly(sink) : this.flushAll(sink);
  }

  /** Mostly there is one piece, a whole response. */
  private flushOnly(sink: OctetSink): FlushResult {
    const octets = this.octetsAdded;
    const written = sink.write(this.sources[0]!, this.starts[0]!, octets);
    this.octetsWritten = Math.max(written, 0);
    if (written >= 0 && written < octets) {
      this.starts[0]! += written;
      return FlushResult.Blocked;
    }
    this.sources[0] = null;
    this.count = 0;
    this.octetsAdded = 0;
    return written < 0 ? FlushResult.Gone : FlushResult.Done;
  }

  private flushAll(sink: OctetSink): FlushResult {
    this.octetsWritten = 0;
    while (this.next < this.count) {
      const { next } = this;
      const isLast = next + 1 === this.count;
      const octets = this.ends[next]! - this.starts[next]!;
      const result =
        isLast || octets > GATHERED_PIECE_OCTETS_MAX
          ? this.write(sink, this.sources[next]!, this.starts[next]!, octets)
          : this.write(sink, this.gathered, 0, this.gather());
      if (result !== FlushResult.Done) return result;
    }
    this.clear();
    return FlushResult.Done;
  }

  /** What a blocked flush left over; the outbox is empty afterwards. */
  takeRest(): Unsent {
    const rest: Unsent = { sources: [], starts: [], ends: [] };
    for (let index = this.next; index < this.count; index++) {
      const source = this.sources[index]!;
      const start = this.starts[index]!;
      const end = this.ends[index]!;
      const volatileEnd = Math.min(this.volatileEnds[index]!, end);
      if (start < volatileEnd) keep(rest, Buffer.from(source.subarray(start, volatileEnd)), 0, volatileEnd - start);
      if (volatileEnd < end) keep(rest, source, Math.max(start, volatileEnd), end);
    }
    this.clear();
    return rest;
  }

  /** Takes back, when it is empty, what `takeRest` handed over. */
  putBack(rest: Unsent): void {
    for (let index = 0; index < rest.sources.length; index++) {
      this.add(rest.sources[index]!, rest.starts[index]!, rest.ends[index]!);
    }
  }

  clear(): void {
    for (let index = 0; index < this.count; index++) this.sources[index] = null;
    this.count = 0;
    this.next = 0;
    this.octetsAdded = 0;
  }

  private write(sink: OctetSink, source: Buffer, start: number, octets: number): FlushResult {
    const written = sink.write(source, start, octets);
    if (written < 0) {
      this.clear();
      return FlushResult.Gone;
    }
    this.octetsWritten += written;
    this.advance(written);
    return written === octets ? FlushResult.Done : FlushResult.Blocked;
  }

  /** Copies the next small pieces together; returns their octets. */
  private gather(): number {
    let end = 0;
    for (let index = this.next; index < this.count; index++) {
      const octets = this.ends[index]! - this.starts[index]!;
      if (octets > GATHERED_PIECE_OCTETS_MAX || end + octets > GATHER_OCTETS) break;
      this.sources[index]!.copy(this.gathered, end, this.starts[index]!, this.ends[index]!);
      end += octets;
    }
    return end;
  }

  private advance(octets: number): void {
    let left = octets;
    while (this.next < this.count) {
      const piece = this.ends[this.next]! - this.starts[this.next]!;
      if (piece > left) break;
      left -= piece;
      this.next++;
    }
    if (left > 0) this.starts[this.next]! += left;
  }
}

function keep(rest: Unsent, source: Buffer, start: number, end: number): void {
  rest.sources.push(source);
  rest.starts.push(start);
  rest.ends.push(end);
}
