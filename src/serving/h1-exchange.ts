/**
 * An exchange over HTTP/1.1: what an application holds while it makes its reply. Made for each request that isn't answered at
 * once, and used for no other: an application that keeps one too long reaches nobody else's client.
 */
import { assert } from "../assert.ts";
import { type Content, ContentKind, dropContent, type SharedFile } from "../http/content.ts";
import type { ContentTaker } from "../http/message-body.ts";
import type { Reply } from "../http/reply.ts";
import { Framing, HttpVersion, type RequestHead } from "../http/request-head.ts";
import type { FieldLine } from "../http/response-head.ts";
import type { Link, SocketOwner } from "../socket/link.ts";
import { ContentCollector } from "./content-collector.ts";
import type { ContentSink, Exchange, RequestContent } from "./exchange.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import type { HeldRequest } from "./held-request.ts";

/** The connection, as its exchange sees it. */
export interface H1ExchangeOwner {
  /** Its reply is `pending`. */
  replyTo(exchange: H1Exchange): void;
  interimTo(exchange: H1Exchange, status: number, fields: readonly FieldLine[]): void;
  abortExchange(exchange: H1Exchange): void;
  switchProtocols(fields: readonly FieldLine[], owner: (link: Link) => SocketOwner): boolean;
  /** The application takes content, for the first time or again. */
  contentWanted(exchange: H1Exchange): void;
}

export class H1Exchange implements Exchange {
  readonly content: H1Content;
  onAbandoned: (() => void) | null = null;
  hasReplied = false;
  /** The reply, until the connection can take it. */
  pending: Reply | null = null;
  /** The file of a reply that waits: whoever made it may let go of it meanwhile. */
  private heldFile: SharedFile | null = null;
  private wasAsked = false;
  private owner: H1ExchangeOwner | null;

  constructor(
    owner: H1ExchangeOwner,
    readonly held: HeldRequest,
    readonly record: ExchangeRecord,
    readonly clientAddress: string,
  ) {
    this.owner = owner;
    this.content = new H1Content(this, held);
  }

  get request(): RequestHead {
    return this.held.head;
  }

  get isAbandoned(): boolean {
    return this.owner === null;
  }

  reply(reply: Reply): void {
    assert(!this.hasReplied, "an exchange gets one reply");
    this.hasReplied = true;
    if (this.owner === null) return dropContent(reply.content);
    this.pending = reply;
    this.owner.replyTo(this);
    if (this.pending === null) return;
    this.heldFile = fileOf(reply.content);
    this.heldFile?.retain();
  }

  private releaseFile(): void {
    this.heldFile?.release();
    this.heldFile = null;
  }

  /** Whether the client waits to be asked for its content (RFC 9110 §10.1.1), and has sent none. */
  get isContentUnasked(): boolean {
    const { head, body } = this.held;
    return head.expectContinue && !this.wasAsked && !body.done && body.contentOctets === 0;
  }

  /** Whether it is to be asked now; once. */
  asksForContent(): boolean {
    if (!this.isContentUnasked) return false;
    this.wasAsked = true;
    return true;
  }

  interim(status: number, fields: readonly FieldLine[]): void {
    assert(!this.hasReplied, "interim responses come before the reply");
    if (this.request.version !== HttpVersion.Http10) this.owner?.interimTo(this, status, fields);
  }

  abort(): void {
    this.owner?.abortExchange(this);
  }

  upgrade(fields: readonly FieldLine[], owner: (link: Link) => SocketOwner): boolean {
    assert(!this.hasReplied, "an exchange gets one reply");
    if (this.owner === null || !this.owner.switchProtocols(fields, owner)) return false;
    this.hasReplied = true;
    return true;
  }

  /** The application takes content. */
  contentWanted(): void {
    this.owner?.contentWanted(this);
  }

  /** The reply is whole: nothing reaches the client from here on, and what is left of the content isn't for the application. */
  detach(): void {
    this.owner = null;
    this.onAbandoned = null;
    this.releaseFile();
    this.content.abort();
  }

  /** The client is gone. */
  abandon(): void {
    const { onAbandoned, pending } = this;
    this.owner = null;
    this.onAbandoned = null;
    this.pending = null;
    this.releaseFile();
    this.content.abort();
    if (pending !== null) dropContent(pending.content);
    onAbandoned?.();
  }
}

function fileOf(content: Content): SharedFile | null {
  const hasFile = content.kind === ContentKind.File || content.kind === ContentKind.Parts;
  return hasFile ? content.file : null;
}

class H1Content implements RequestContent, ContentTaker {
  readonly octetCount: number;
  private sink: ContentSink | null = null;
  private isOver = false;

  constructor(
    private readonly exchange: H1Exchange,
    private readonly held: HeldRequest,
  ) {
    const { head } = held;
    this.octetCount = head.framing === Framing.Chunked ? -1 : head.contentOctets;
  }

  pipe(sink: ContentSink): void {
    assert(this.sink === null, "content is piped once");
    if (this.isOver) return sink.aborted();
    this.sink = sink;
    if (this.held.body.done) return this.end(); // there is none
    this.held.body.taker = this;
    this.exchange.contentWanted();
  }

  collect(octetsMax: number, done: (content: Buffer | null) => void): void {
    if (this.octetCount > octetsMax) return done(null); // it needn't be asked for
    this.pipe(new ContentCollector(octetsMax, done));
  }

  resume(): void {
    if (!this.isOver) this.exchange.contentWanted();
  }

  take(bytes: Uint8Array, start: number, end: number): boolean {
    return this.sink!.take(bytes as Buffer, start, end);
  }

  /** Everything has come. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.sink?.end(this.held.body.trailers);
  }

  /** The rest won't come, or isn't wanted. */
  abort(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.held.body.taker = null;
    this.sink?.aborted();
  }
}
