/**
 * A request that has a stream of its own: its head, which is kept, and its content, as it comes.
 *
 *   dropped       where nobody asked for it
 *   taken         by the sink of an application, as fast as it takes it: what comes while it takes none waits here, which its window
 *                 bounds, since only what was taken is given back
 *
 * In:    what DATA carries. Out: content for a sink; octets that have been dealt with.
 * Units: octets.
 * Keeps: a request is whole only if its content is as long as Content-Length says (RFC 9113 §8.1.1).
 */
import { assert } from "../assert.ts";
import { Framing, type RequestHead } from "../http/request-head.ts";
import type { FieldLine } from "../http/response-head.ts";
import { ContentCollector } from "./content-collector.ts";
import type { ContentSink, RequestContent } from "./exchange.ts";

/** Who gives back what was dealt with. */
export interface H2RequestOwner {
  /** The application wants content, for the first time. */
  contentWanted(): void;
  /** It has taken `octets` that had waited. */
  contentTaken(octets: number): void;
}

const NO_LENGTH = -1;

export class H2Request implements RequestContent {
  /** Octets that have come. */
  octetsReceived = 0;
  /** Everything has come. */
  isWhole = false;
  /** The client has been asked for its content. */
  wasAsked = false;
  /** The application is the one to take the content; nobody drops it. */
  isForApplication = false;
  private owner: H2RequestOwner | null;
  private sink: ContentSink | null = null;
  private takesMore = false;
  /** What comes is dropped: the application has it all, or wants no more, or nobody does. */
  isOver = false;
  private waiting: Buffer[] = [];
  private trailers: readonly FieldLine[] = [];

  constructor(
    /** Nobody else's. */
    readonly head: RequestHead,
    owner: H2RequestOwner,
  ) {
    this.owner = owner;
  }

  get octetCount(): number {
    const { contentOctets, framing } = this.head;
    return framing === Framing.Stream ? NO_LENGTH : contentOctets;
  }

  /** Whether the client waits to be asked for its content (RFC 9110 §10.1.1), and has sent none. */
  get isUnasked(): boolean {
    return this.head.expectContinue && !this.wasAsked && this.octetsReceived === 0 && !this.isWhole;
  }

  /** Whether content waits for the client: somebody wants it, or it is dropped. */
  get isAwaited(): boolean {
    return !this.isWhole && (!this.isForApplication || this.takesMore || this.isOver);
  }

  /** Whether `octets` more would be more than was announced. */
  exceeds(octets: number): boolean {
    const { octetCount } = this;
    return octetCount !== NO_LENGTH && this.octetsReceived + octets > octetCount;
  }

  /** Takes `bytes[start, end)`; returns how much of it has been dealt with. */
  receive(bytes: Buffer, start: number, end: number): number {
    const octets = end - start;
    this.octetsReceived += octets;
    if (!this.isForApplication || this.isOver) return octets;
    if (octets === 0) return 0;
    if (this.takesMore && this.waiting.length === 0) {
      this.takesMore = this.sink!.take(bytes, start, end);
      return octets;
    }
    this.waiting.push(Buffer.from(bytes.subarray(start, end))); // lent
    return 0;
  }

  /** Whether as much has come as was announced. */
  get isComplete(): boolean {
    const { octetCount } = this;
    return octetCount === NO_LENGTH || this.octetsReceived === octetCount;
  }

  /** The stream's end has come. */
  finish(trailers: readonly FieldLine[]): void {
    this.isWhole = true;
    this.trailers = trailers;
    this.deliver();
  }

  pipe(sink: ContentSink): void {
    assert(this.sink === null, "content is piped once");
    if (this.isOver) return sink.aborted();
    this.sink = sink;
    this.owner?.contentWanted();
    this.resume();
  }

  collect(octetsMax: number, done: (content: Buffer | null) => void): void {
    if (this.octetCount > octetsMax) return done(null); // it needn't be asked for
    this.pipe(new ContentCollector(octetsMax, done));
  }

  resume(): void {
    if (this.isOver || this.sink === null) return;
    this.takesMore = true;
    this.deliver();
  }

  /** Gives what has waited, and the end. */
  private deliver(): void {
    const { sink } = this;
    if (sink === null || this.isOver) return;
    let octets = 0;
    while (this.takesMore && this.waiting.length > 0 && !this.isOver) {
      const piece = this.waiting.shift()!;
      octets += piece.length;
      this.takesMore = sink.take(piece, 0, piece.length);
    }
    if (octets > 0) this.owner?.contentTaken(octets);
    if (!this.isWhole || this.waiting.length > 0 || this.isOver) return;
    this.isOver = true;
    sink.end(this.trailers);
  }

  /** The rest won't come, or isn't wanted. */
  abort(): void {
    this.waiting = [];
    this.owner = null;
    if (this.isOver) return;
    this.isOver = true;
    this.sink?.aborted();
  }
}
