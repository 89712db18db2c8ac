/**
 * The reading side of an HTTP/1.1 connection: octets in, requests out of them, in order (RFC 9112 §2.2, §9.3.2).
 *
 *   a whole head without content    is read from the octets as they came, into one head that all connections share
 *   anything else                   is held (held-request.ts): the rest of the head, then the content
 *
 * What arrives while nothing may be read (h1-life.ts says when) waits in `input`, and the link is paused.
 *
 * In:    octets, whose buffers this may keep. Out: what they amount to, one request or a part of one at a time.
 * Keeps: a whole request takes no copy and no object. An idle connection holds no buffer.
 */
import type { Limits } from "../http/limits.ts";
import { ParseCode } from "../http/parse-code.ts";
import { parseRequestHead } from "../http/parse-request-head.ts";
import { Framing, type RequestHead } from "../http/request-head.ts";
import type { Link } from "../socket/link.ts";
import { type H1Life, Reading, Step } from "./h1-life.ts";
import type { HeldRequest } from "./held-request.ts";
import type { Pool } from "./pool.ts";

export interface H1ReaderParts {
  readonly limits: Limits;
  /** The head of the request that is being read, where it came whole. */
  readonly head: RequestHead;
  readonly requests: Pool<HeldRequest>;
}

/** What the octets that were read amount to. */
export enum Read {
  /** Part of a request: there are no more octets. */
  Part,
  /** A whole request, which has no content. */
  Request,
  /** A head, whose content follows. */
  ContentHead,
  /** The rest of the content that began. */
  ContentEnd,
  /** `fault`: where a next request would begin is no longer known. */
  Malformed,
}

export class H1Reader {
  /** The request that is being read in pieces, or waits for its reply. */
  held: HeldRequest | null = null;
  /** The client has closed its side: what is in `input` is the last. */
  hasPeerEnded = false;
  /** Where what `read` left begins. */
  next = 0;
  /** What is wrong with what is malformed. */
  fault: ParseCode = ParseCode.None;
  private input: Buffer | null = null;
  private isPaused = false;

  constructor(
    private readonly parts: H1ReaderParts,
    private readonly link: Link,
    private readonly life: H1Life,
  ) {}

  /** A connection begins. */
  begin(): void {
    this.hasPeerEnded = false;
    this.input = null;
    this.isPaused = false;
  }

  /** The head of the request that was read: the shared one, which the next request overwrites, unless it is held. */
  get head(): RequestHead {
    return this.held === null ? this.parts.head : this.held.head;
  }

  /** Reads at most one request, or a part of one, at `offset`; `next` is where the rest begins. Only while `life.reads`. */
  read(bytes: Buffer, offset: number): Read {
    switch (this.life.reading) {
      case Reading.Silent:
      case Reading.Idle:
        return this.readHead(bytes, offset);
      case Reading.Head:
        return this.continueHead(this.held!, bytes, offset);
      default:
        return this.continueContent(this.held!, bytes, offset);
    }
  }

  /** Keeps `bytes` from `offset` on until it is their turn. */
  keep(bytes: Buffer, offset: number): void {
    const rest = offset === 0 ? bytes : bytes.subarray(offset);
    this.input = this.input === null ? rest : Buffer.concat([this.input, rest]);
    this.pause();
  }

  /** What was kept; it is the caller's now. */
  takeInput(): Buffer | null {
    const { input } = this;
    this.input = null;
    return input;
  }

  get hasInput(): boolean {
    return this.input !== null;
  }

  /** Whether nothing waits here, and more may come at any time. */
  get isReceptive(): boolean {
    return this.input === null && !this.isPaused && !this.hasPeerEnded;
  }

  pause(): void {
    if (this.isPaused) return;
    this.link.pause();
    this.isPaused = true;
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.link.resume();
  }

  /** A held request for `head`: the one that holds it, or a new one with a copy of it. */
  hold(head: RequestHead): HeldRequest {
    if (this.held !== null) return this.held;
    const held = this.acquire();
    held.append(head.bytes as Buffer, head.start, head.end);
    parseRequestHead(held.octets, held.octetCount, held.head, this.parts.limits);
    held.head.isAuthenticated = head.isAuthenticated;
    return held;
  }

  /** Nothing needs the held request any more. `isRead`: but somebody still reads from its octets. */
  release(isRead: boolean): void {
    const { held } = this;
    if (held === null) return;
    this.held = null;
    held.clear(isRead);
    this.parts.requests.release(held);
  }

  /** Forgets the held request, which others may still use. */
  forget(): void {
    this.held = null;
  }

  private acquire(): HeldRequest {
    const held = this.parts.requests.acquire();
    held.begin();
    this.held = held;
    return held;
  }

  private readHead(bytes: Buffer, offset: number): Read {
    const { head, limits } = this.parts;
    // More than empty lines may have come already: then a request is held, though its head has not begun.
    if (this.held !== null) return this.continueHead(this.held, bytes, offset);
    head.reset(offset);
    const end = parseRequestHead(bytes, bytes.length, head, limits);
    if (end < 0) return this.refuse(-end, bytes);
    if (end === 0 || head.framing !== Framing.None) return this.continueHead(this.acquire(), bytes, offset);
    this.next = end;
    return Read.Request;
  }

  private continueHead(held: HeldRequest, bytes: Buffer, offset: number): Read {
    const { head } = held;
    const before = held.octetCount;
    held.append(bytes, offset, bytes.length);
    const end = parseRequestHead(held.octets, held.octetCount, head, this.parts.limits);
    if (end < 0) return this.refuse(-end, bytes);
    if (end === 0) return this.awaitHead(head, held.octetCount, bytes);
    this.next = offset + end - before;
    if (head.framing === Framing.None) return Read.Request;
    held.body.reset(head.framing, head.contentOctets, this.parts.limits);
    this.life.step(Step.ContentBegun);
    return Read.ContentHead;
  }

  /** Empty lines, which some clients send after a request, are no request (RFC 9112 §2.2). */
  private awaitHead(head: RequestHead, octetCount: number, bytes: Buffer): Read {
    const hasBegun = head.hasBegun(octetCount);
    if (hasBegun !== (this.life.reading === Reading.Head)) {
      this.life.step(hasBegun ? Step.HeadBegun : Step.LineWasEmpty);
    }
    this.next = bytes.length;
    return Read.Part;
  }

  private continueContent(held: HeldRequest, bytes: Buffer, offset: number): Read {
    const { body } = held;
    const next = body.consume(bytes, offset, bytes.length);
    held.contentReceived += next - offset;
    if (body.error !== ParseCode.None) return this.refuse(body.error, bytes);
    this.next = next;
    if (body.done) return Read.ContentEnd;
    // A reply that was made meanwhile wants no more of it: then the rest is discarded, not held.
    if (body.isHeld && this.life.reading === Reading.Content) this.life.step(Step.Paused);
    return Read.Part;
  }

  private refuse(code: ParseCode, bytes: Buffer): Read {
    this.fault = code;
    this.next = bytes.length;
    return Read.Malformed;
  }
}
