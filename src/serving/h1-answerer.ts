/**
 * From a request that was read to its reply, on an HTTP/1.1 connection (RFC 9110 §3.3, §3.4, §10.1.1).
 *
 *   requestRead ─► application.respond ─► (refusal of the gate) ─► writer
 *                     │ null: not known yet
 *                     └─► Exchange ─► application.answer … ─► replyTo ─► givePending ─► writer
 *   contentBegun ─► dropped before the answer, declined, or piped to the exchange
 *   malformed, refuse ─► the application's words, and the end
 *
 * Keeps: a request is answered, refused or counted as aborted, exactly once. One that is answered at once allocates nothing
 *        here. One exchange at a time is the application's (RFC 9112 §9.3.2).
 */
import { assert } from "../assert.ts";
import { type Content, ContentKind } from "../http/content.ts";
import { PARSE_FAILURE, type ParseCode, reasonOf } from "../http/parse-code.ts";
import { Reply } from "../http/reply.ts";
import { HttpVersion, type RequestHead } from "../http/request-head.ts";
import { buildResponseHead, type FieldLine } from "../http/response-head.ts";
import type { Link, SocketOwner } from "../socket/link.ts";
import { Counter } from "../stats/layout.ts";
import { type Application, ContentWish } from "./application.ts";
import type { Client, ClientParts } from "./client.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import type { H1Deadline } from "./h1-deadline.ts";
import { H1Exchange, type H1ExchangeOwner } from "./h1-exchange.ts";
import { type Ending, endingFor, endingWithId, FramingLine } from "./h1-framing-line.ts";
import { type H1Life, Reading, Step } from "./h1-life.ts";
import type { H1Reader, H1ReaderParts } from "./h1-reader.ts";
import type { H1Writer, H1WriterParts } from "./h1-writer.ts";
import type { HeldRequest } from "./held-request.ts";
import type { KeepAlive } from "./keep-alive.ts";
import type { RefusalLog } from "./refusal-log.ts";
import type { RequestIds } from "./request-ids.ts";
import { withoutContentFor } from "./request-reply.ts";
import { userOctetsOf } from "./verified-user.ts";

const CONTINUE = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n", "latin1");

export interface H1AnswererParts extends H1ReaderParts, H1WriterParts, ClientParts {
  readonly application: Application;
  /** Null where requests have none. */
  readonly requestIds: RequestIds | null;
  readonly refusals: RefusalLog;
  readonly keepAlive: KeepAlive;
}

/** The connection, as far as answering concerns it. */
export interface H1AnswererOwner {
  /** Does a step as an event of its own, or as part of the event that is being handled. */
  event(step: () => void): void;
  abort(): void;
  /** The link is somebody else's from now on. */
  handOver(successor: (link: Link) => SocketOwner): void;
}

export class H1Answerer implements H1ExchangeOwner {
  /** Requests answered, for `keepalive_requests`. */
  requests = 0;
  /** The request that the application holds. */
  private exchange: H1Exchange | null = null;

  constructor(
    private readonly parts: H1AnswererParts,
    private readonly life: H1Life,
    private readonly reader: H1Reader,
    private readonly writer: H1Writer,
    private readonly client: Client,
    private readonly deadline: H1Deadline,
    private readonly owner: H1AnswererOwner,
  ) {}

  /** A connection begins. */
  begin(): void {
    this.requests = 0;
  }

  /** Whether the reply that is owed has been made, and can be given now. */
  get hasPending(): boolean {
    return this.exchange !== null && this.exchange.pending !== null && !this.life.isBlocked;
  }

  /** The writer has sent everything that was given to it: also the end of a source? */
  noteSent(): void {
    const { exchange, writer } = this;
    if (exchange === null || !exchange.hasReplied || exchange.pending !== null || writer.isWaiting) return;
    this.finishReply(exchange);
  }

  /** The client is gone: what was from it is forgotten, and its request counted as aborted. */
  abandon(): void {
    const { exchange, reader } = this;
    reader.takeInput();
    this.exchange = null;
    if (exchange === null) return reader.release(true);
    // Whoever has the exchange may still read its head: what holds it is not used again.
    reader.forget();
    if (!exchange.hasReplied || exchange.pending !== null) this.parts.records.end(exchange.record);
    exchange.abandon();
  }

  /** A request is whole, its content included. `held`: what holds its head; null: it is the shared one, valid during the call. */
  requestRead(head: RequestHead, held: HeldRequest | null): void {
    const { application, clock } = this.parts;
    this.client.identify(head);
    const reply = application.respond(head, clock.nowMs);
    if (this.writer.mayFollow(reply === null ? null : reply.content)) this.answer(head, reply);
    else this.answerAlone(held ?? this.reader.hold(head), reply);
  }

  /** Answers once the client has taken what is before. If it doesn't now, the request waits and is answered anew. */
  private answerAlone(held: HeldRequest, known: Reply | null): void {
    this.expectNoContent();
    if (this.writer.flush()) this.answer(held.head, known);
  }

  /** Replies with what is known, or asks the application. */
  private answer(head: RequestHead, known: Reply | null): void {
    const { client, life, reader } = this;
    const record = this.count(head);
    const reply = (client.isGuarded ? this.refusalOf(head, known === null) : null) ?? known;
    if (reply === null) return this.ask(head, record);
    life.step(Step.Answered);
    if (life.isLast && life.reading !== Reading.Ended) life.step(Step.Stopped);
    if (reader.held !== null) reader.release(record.request.bytes === reader.held.octets);
    this.give(reply, head, record);
  }

  /** Counts a request that is about to be answered. */
  private count(head: RequestHead): ExchangeRecord {
    const { life } = this;
    this.requests++;
    if (!head.persistent) life.isLast = true;
    else if (this.parts.keepAlive.endsWith(this.requests)) life.isLast = life.lingers = true;
    this.deadline.restart();
    const record = this.parts.records.begin(head, this.client.forLog());
    if (this.parts.requestIds !== null) this.identify(record, head);
    return record;
  }

  private refusalOf(head: RequestHead, isUnknown: boolean): Reply | null {
    const { application, clock } = this.parts;
    if (!this.client.maySendTo(head)) return application.refusal(421, head);
    return this.client.refusalOf(head, application.exemptionOf(head, isUnknown), clock.wallMs);
  }

  /** The request gets its identifier, where requests have one. */
  private identify(record: ExchangeRecord, head: RequestHead): void {
    this.parts.requestIds?.assign(record.request, head, this.client.isTrusted);
  }

  private ask(head: RequestHead, record: ExchangeRecord): void {
    const exchange = new H1Exchange(this, this.reader.hold(head), record, this.client.address);
    this.expectNoContent();
    this.exchange = exchange;
    this.life.step(Step.Handed);
    this.parts.application.answer(exchange);
  }

  /** The request is whole, as far as it will be read. */
  private expectNoContent(): void {
    const { life } = this;
    if (life.reading !== Reading.Held && life.reading !== Reading.Ended) life.step(Step.Whole);
  }

  /** A head is whole, and content follows. `hasOctets`: some of it is here. */
  contentBegun(held: HeldRequest, hasOctets: boolean): void {
    const { application, outbox } = this.parts;
    const { head } = held;
    const wish = application.contentWish(head);
    if (wish === ContentWish.Stream) return this.handContent(held);
    if (!head.expectContinue) return;
    if (wish === ContentWish.Decline) {
      // The final response replaces 100, and the content may never be sent (RFC 9110 §10.1.1).
      this.life.isLast = this.life.lingers = true;
      this.requestRead(head, held);
    } else if (!hasOctets) {
      outbox.add(CONTINUE, 0, CONTINUE.length);
    }
  }

  /** Gives a request to the application before its content has come. */
  private handContent(held: HeldRequest): void {
    const { client, life } = this;
    const { head } = held;
    client.identify(head);
    const record = this.count(head);
    const exchange = new H1Exchange(this, held, record, client.address);
    const refusal = client.isGuarded ? this.refusalOf(head, false) : null;
    this.exchange = exchange;
    life.step(Step.Handed);
    life.step(Step.Paused);
    if (refusal !== null) exchange.reply(refusal);
    else this.parts.application.answer(exchange);
  }

  contentWanted(exchange: H1Exchange): void {
    this.owner.event(() => {
      const { life } = this;
      if (exchange !== this.exchange || life.reading !== Reading.Paused) return;
      life.step(Step.Resumed);
      if (exchange.asksForContent()) this.writer.interim(CONTINUE);
    });
  }

  /** The content that began is whole. */
  contentRead(held: HeldRequest): void {
    const { exchange, life } = this;
    if (exchange === null && life.reading === Reading.Content) return this.requestRead(held.head, held);
    life.step(Step.Whole);
    if (exchange === null) return this.reader.release(true); // the response was whole before
    exchange.content.end();
  }

  /** Where a next request would begin is no longer known. Of the octets that came last, those before `octetsEnd` are there. */
  malformed(code: ParseCode, octetsEnd: number): void {
    const { head, held } = this.reader;
    this.parts.counters[Counter.ParseErrors]! += 1;
    this.refuse(head, PARSE_FAILURE[code].status, held === null ? octetsEnd : held.octetCount, reasonOf(code));
  }

  /**
   * Answers a request that is malformed, late, or one too many, and closes: where the next one would begin is unknown. Of the
   * octets that `head` is about, those before `octetsEnd` are there. `reason`: in words, for the error log.
   */
  refuse(head: RequestHead, status: number, octetsEnd: number, reason: string): void {
    const { application, records, refusals } = this.parts;
    const { client, exchange, life, writer } = this;
    client.identifyAsPeer();
    if (refusals.isOn) refusals.note(client.address, status, reason);
    life.isLast = life.lingers = true;
    this.deadline.restart();
    if (exchange !== null) {
      // Whoever has begun to answer can only be interrupted by the end.
      if (exchange.hasReplied) return this.owner.abort();
      this.exchange = null;
      exchange.abandon();
      life.step(Step.Stopped);
      life.step(Step.Replied);
      return this.giveRefusal(head, application.refusal(status, head), exchange.record);
    }
    life.step(Step.Stopped);
    const record = records.beginRefused(head, octetsEnd, client.forLog());
    this.identify(record, head);
    const reply = application.refusal(status, head);
    if (writer.mayFollow(reply.content) || writer.flush()) this.giveRefusal(head, reply, record);
    else records.end(record); // the client doesn't read, and would not read this either
  }

  private giveRefusal(head: RequestHead, reply: Reply, record: ExchangeRecord): void {
    const { life, reader } = this;
    if (life.isBlocked) return this.parts.records.end(record);
    life.step(Step.Answered);
    this.give(reply, head, record);
    reader.release(true);
  }

  replyTo(exchange: H1Exchange): void {
    this.owner.event(() => {
      assert(exchange === this.exchange, "a reply is for the request that waits for it");
      this.givePending();
    });
  }

  /** Gives the reply that the application has made, once the client has taken what is before it. */
  givePending(): void {
    const { exchange, life, writer } = this;
    const reply = exchange?.pending ?? null;
    if (exchange === null || reply === null || !life.isOpen || life.isBlocked) return;
    if (!writer.mayFollow(reply.content) && !writer.flush()) return;
    exchange.pending = null;
    // A client that waits to be asked for its content may send it now, or never (RFC 9110 §10.1.1).
    if (exchange.isContentUnasked) life.isLast = life.lingers = true;
    const { head } = exchange.held;
    if (this.give(withoutContentFor(head, reply), head, exchange.record)) this.finishReply(exchange);
  }

  /** Hands a reply to the writer; false when its source has yet to give more. */
  private give(reply: Reply, head: RequestHead, record: ExchangeRecord): boolean {
    if (head.isAuthenticated && this.parts.clientLogging !== null) record.request.user = userOctetsOf(head);
    return this.writer.give(reply, this.endingOf(reply, head, record), record);
  }

  /** What the response says of its connection, its framing and its request; null: no more than its head. */
  private endingOf({ content }: Reply, head: RequestHead, record: ExchangeRecord): Ending | null {
    const { requestIds } = this.parts;
    const line = this.framingOf(content, head);
    return requestIds !== null && requestIds.isSent ? endingWithId(line, record.request) : endingFor(line);
  }

  private framingOf(content: Content, { version }: RequestHead): FramingLine {
    const { life } = this;
    if (content.kind === ContentKind.Source && content.octetCount < 0) {
      // HTTP/1.0 knows no chunks: the end of the connection is the end of the content (RFC 9112 §6.3).
      if (version === HttpVersion.Http10) life.isLast = true;
      else return life.isLast ? FramingLine.ChunkedClose : FramingLine.Chunked;
    }
    if (life.isLast) return FramingLine.Close;
    return version === HttpVersion.Http10 ? FramingLine.KeepAlive : FramingLine.None;
  }

  /** The reply is whole as far as the application is concerned. */
  private finishReply(exchange: H1Exchange): void {
    const { life, reader } = this;
    if (!life.isOpen) return;
    life.step(Step.Replied);
    this.exchange = null;
    exchange.detach();
    if (life.isLast && life.reading !== Reading.Ended) life.step(Step.Stopped);
    if (life.reading !== Reading.Discarding) reader.release(true);
  }

  interimTo(exchange: H1Exchange, status: number, fields: readonly FieldLine[]): void {
    this.owner.event(() => {
      // A client that is behind has no use for what is to come early.
      if (exchange !== this.exchange || this.life.isBlocked) return;
      this.writer.interim(buildResponseHead(status, fields).h1.octets);
    });
  }

  abortExchange(exchange: H1Exchange): void {
    if (exchange === this.exchange) this.owner.abort();
  }

  switchProtocols(fields: readonly FieldLine[], successor: (link: Link) => SocketOwner): boolean {
    const { exchange, life, reader, writer } = this;
    if (exchange === null || life.reading !== Reading.Held || life.isBlocked || !writer.flush()) return false;
    const reply = new Reply(buildResponseHead(101, [["Connection", "upgrade"], ...fields]));
    writer.give(reply, null, exchange.record);
    if (!writer.flush()) return false;
    this.exchange = null;
    exchange.detach();
    reader.release(true);
    this.owner.handOver(successor);
    return true;
  }
}
