/**
 * The streams of a connection that have an object, and what is remembered of the others (RFC 9113 §5.1, §5.1.2).
 *
 * Keeps: a stream counts as open until the server's work for it is done, whoever has reset it meanwhile: that is what
 *        `max_concurrent_streams` limits (CVE-2023-44487).
 */
import { ClosedStreams } from "../http2/closed-streams.ts";
import { StreamState, StreamStep } from "../http2/stream-state.ts";
import { Gauge } from "../stats/layout.ts";
import { H2Stream, type H2StreamOwner } from "./h2-stream.ts";
import type { H2StreamDeadlineParts } from "./h2-stream-deadline.ts";

export interface H2StreamsParts extends H2StreamDeadlineParts {
  /** `max_concurrent_streams`. */
  readonly streamsMax: number;
  readonly counters: Float64Array;
}

export class H2Streams {
  readonly closed: ClosedStreams;
  private readonly open = new Map<number, H2Stream>();
  /** Exchanges of streams that were reset, which their application isn't done with. */
  private abandonedCount = 0;

  constructor(
    private readonly parts: H2StreamsParts,
    private readonly owner: H2StreamOwner,
  ) {
    this.closed = new ClosedStreams(parts.streamsMax);
  }

  /** Streams that are open, as far as limits go. */
  get busy(): number {
    return this.open.size + this.abandonedCount;
  }

  get size(): number {
    return this.open.size;
  }

  get isFull(): boolean {
    return this.busy >= this.parts.streamsMax;
  }

  /** The highest number that was used. */
  get last(): number {
    return this.closed.last;
  }

  find(id: number): H2Stream | null {
    return this.open.get(id) ?? null;
  }

  stateOf(id: number): StreamState {
    if (id > this.closed.last) return this.closed.stateOf(id); // as of every new request
    return this.open.get(id)?.state ?? this.closed.stateOf(id);
  }

  /** A stream, whose HEADERS have come, gets an object. `isWhole`: the client has ended its side. */
  add(id: number, isWhole: boolean, sendWindow: number): H2Stream {
    const stream = new H2Stream(id, this.parts, this.owner);
    if (isWhole) stream.step(StreamStep.PeerEnded);
    stream.sendWindow.begin(sendWindow);
    this.open.set(id, stream);
    this.parts.counters[Gauge.Http2StreamsOpen]! += 1;
    return stream;
  }

  /** Takes out a stream that is closed; whatever it held is let go of. */
  remove(stream: H2Stream): void {
    const { id, state } = stream;
    this.open.delete(id);
    this.parts.counters[Gauge.Http2StreamsOpen]! -= 1;
    if (state === StreamState.ResetByUs || state === StreamState.ResetByPeer) this.closed.noteReset(id, state);
    stream.deadline.end();
    stream.response.end();
    this.abandonWork(stream);
    stream.request = null;
  }

  /** The application of a stream is told that nobody waits for its reply, nor is there more for it. */
  abandonWork(stream: H2Stream): void {
    const { exchange, request } = stream;
    stream.exchange = null;
    request?.abort();
    if (exchange === null) return;
    if (!exchange.hasReplied) this.abandonedCount++;
    exchange.abandon();
  }

  /** An application is done with an exchange that was abandoned. */
  workDone(): void {
    this.abandonedCount--;
  }

  /** `visit` may remove the stream it is given. */
  forEach(visit: (stream: H2Stream) => void): void {
    for (const stream of this.open.values()) visit(stream);
  }
}
