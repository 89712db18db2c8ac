/**
 * From a request that was read to its reply, on an HTTP/2 connection (RFC 9110 §3.3, §10.1.1; RFC 9113 §8.1).
 *
 *   requestBegun, whole ─► application.respond ─► (refusal of the gate) ─► writer
 *                             │ null: not known yet
 *                             └─► Exchange ─► application.answer … ─► replyTo ─► writer
 *   requestBegun, with content ─► dropped before the answer, declined, or piped to the exchange
 *   refuse ─► the application's words
 *
 * Keeps: a request is answered, refused, reset or counted as aborted, exactly once. One that is whole and answered at once has no
 *        stream object and allocates nothing here. A response that is whole before its request ends the stream (RFC 9113 §8.1).
 */
import { Framing, type RequestHead } from "../http/request-head.ts";
import type { FieldLine } from "../http/response-head.ts";
import type { Reply } from "../http/reply.ts";
import { ErrorCode } from "../http2/frame.ts";
import type { GlitchBudget } from "../http2/glitch-budget.ts";
import { encodeFieldBlock, encodeInterimBlock } from "../http2/hpack-encoder.ts";
import { parsePriority, type Priority, PRIORITY_DEFAULT } from "../http2/priority.ts";
import { StreamState, StreamStep } from "../http2/stream-state.ts";
import { textOf } from "../http/octets.ts";
import type { LoggedRequest } from "../log/logged-request.ts";
import { type Application, ContentWish } from "./application.ts";
import type { Client, ClientParts } from "./client.ts";
import type { Clock } from "./clock.ts";
import type { ExchangeRecord, ExchangeRecords } from "./exchange-record.ts";
import { H2Exchange, type H2ExchangeOwner, stopReply } from "./h2-exchange.ts";
import type { H2Control } from "./h2-control.ts";
import { H2Request } from "./h2-request.ts";
import type { H2Stream } from "./h2-stream.ts";
import type { H2Streams } from "./h2-streams.ts";
import type { H2Writer } from "./h2-writer.ts";
import type { HeldRequest } from "./held-request.ts";
import type { LogRoom } from "./log-room.ts";
import type { Pool } from "./pool.ts";
import type { RefusalLog } from "./refusal-log.ts";
import { userOctetsOf, withoutContentFor } from "./reply-to.ts";
import type { RequestIds } from "./request-ids.ts";

export interface H2AnswererParts extends ClientParts {
  readonly application: Application;
  readonly clock: Clock;
  readonly records: ExchangeRecords;
  readonly requests: Pool<HeldRequest>;
  /** Null where requests have none. */
  readonly requestIds: RequestIds | null;
  readonly refusals: RefusalLog;
  readonly logRoom: LogRoom;
  /** Whether a connection's `count`th request is its last. */
  isLastRequest(count: number): boolean;
}

/** The connection, as far as answering concerns it. */
export interface H2AnswererOwner {
  /** Does a step as an event of its own, or as part of the event that is being handled. */
  event(step: () => void): void;
  /** The client is to open no further streams. */
  leave(): void;
  reset(stream: H2Stream, code: ErrorCode): void;
  contentTaken(stream: H2Stream, octets: number): void;
}

export class H2Answerer implements H2ExchangeOwner {
  /** Requests answered, for `keepalive_requests`. */
  private requests = 0;

  constructor(
    private readonly parts: H2AnswererParts,
    private readonly streams: H2Streams,
    private readonly writer: H2Writer,
    private readonly control: H2Control,
    private readonly client: Client,
    private readonly budget: GlitchBudget,
    private readonly owner: H2AnswererOwner,
  ) {}

  /** The head of a new request. `isWhole`: no content follows. `early`: a priority that came before it, -1 for none. */
  requestBegun(id: number, head: RequestHead, isWhole: boolean, early: Priority): void {
    if (!isWhole) return this.awaitContent(id, head, early);
    const { application, clock } = this.parts;
    this.client.identify(head);
    const known = application.respond(head, clock.nowMs);
    const record = this.count(head);
    const reply = (this.client.hasGate ? this.refusalOf(head, known === null) : null) ?? known;
    if (reply === null) return this.ask(this.hold(id, head, true, early), record);
    const { initialWindow } = this.control.peer;
    const line = this.lineFor(record.request);
    if (this.writer.give(id, reply, line, record, initialWindow)) return this.budget.requestAnswered();
    const stream = this.streams.add(id, true, initialWindow);
    stream.priority = early === -1 ? priorityOf(head) : early;
    this.writer.begin(stream, reply.content, record);
  }

  /** A request with content gets a stream of its own, and its application is asked what is to become of that. */
  private awaitContent(id: number, head: RequestHead, early: Priority): void {
    const wish = this.parts.application.contentWish(head);
    const stream = this.hold(id, head, false, early);
    const request = stream.request!;
    if (wish === ContentWish.Stream) return this.handContent(stream, request);
    if (head.expectContinue && wish === ContentWish.Decline) return this.answer(stream); // in place of 100 (RFC 9110 §10.1.1)
    if (head.expectContinue) this.writer.headers(id, CONTINUE, false);
    stream.deadline.settle();
  }

  /** Gives a request to the application before its content has come. */
  private handContent(stream: H2Stream, request: H2Request): void {
    this.client.identify(request.head);
    const record = this.count(request.head);
    const refusal = this.client.hasGate ? this.refusalOf(request.head, false) : null;
    request.isForApplication = true;
    if (refusal === null) this.ask(stream, record);
    else this.give(stream, refusal, record);
  }

  /** The content of a stream's request is whole. */
  requestEnded(stream: H2Stream): void {
    if (stream.request === null || stream.exchange !== null || stream.response.record !== null) return;
    this.answer(stream);
  }

  /** Answers a request that is held: with what is known, or asks the application. */
  private answer(stream: H2Stream): void {
    const { application, clock } = this.parts;
    const { head } = stream.request!;
    this.client.identify(head);
    const known = application.respond(head, clock.nowMs);
    const record = this.count(head);
    const reply = (this.client.hasGate ? this.refusalOf(head, known === null) : null) ?? known;
    if (reply === null) this.ask(stream, record);
    else this.give(stream, reply, record);
  }

  private ask(stream: H2Stream, record: ExchangeRecord): void {
    const exchange = new H2Exchange(this, stream, stream.request!, record, this.client.address);
    stream.exchange = exchange;
    this.parts.application.answer(exchange);
  }

  /** Counts a request that is about to be answered. */
  private count(head: RequestHead): ExchangeRecord {
    const { logRoom, records, requestIds } = this.parts;
    const client = this.client.forLog();
    if (this.parts.isLastRequest(++this.requests)) this.owner.leave();
    const record = records.begin(head, client);
    if (client !== null) {
      if (head === this.parts.head) logRoom.keep(record.request);
      if (head.isAuthenticated) record.request.user = userOctetsOf(head);
    }
    requestIds?.assign(record.request, head, this.client.isTrusted);
    return record;
  }

  private refusalOf(head: RequestHead, isUnknown: boolean): Reply | null {
    const { application, clock } = this.parts;
    return this.client.refusalOf(head, application.exemptionOf(head, isUnknown), clock.wallMs);
  }

  /** The field with the request's identifier, where responses carry it. */
  private lineFor({ id, idOctets }: LoggedRequest): Buffer | null {
    const { requestIds } = this.parts;
    if (requestIds === null || !requestIds.isSent) return null;
    return encodeFieldBlock([["X-Request-Id", textOf(id, 0, idOctets)]]);
  }

  /** A stream of its own for a request, and a copy of its head. */
  private hold(id: number, head: RequestHead, isWhole: boolean, early: Priority): H2Stream {
    const stream = this.streams.add(id, isWhole, this.control.peer.initialWindow);
    const held = this.parts.requests.acquire();
    held.take(head);
    stream.request = new H2Request(held, {
      contentWanted: () => this.contentWanted(stream),
      contentTaken: (octets) => this.owner.contentTaken(stream, octets),
    });
    stream.request.isWhole = isWhole;
    stream.priority = early === -1 ? priorityOf(head) : early;
    return stream;
  }

  private contentWanted(stream: H2Stream): void {
    this.owner.event(() => {
      const { request } = stream;
      if (request?.isUnasked) this.writer.headers(stream.id, CONTINUE, false);
      stream.deadline.settle();
    });
  }

  replyTo(exchange: H2Exchange, reply: Reply): void {
    this.owner.event(() => this.give(exchange.stream, withoutContentFor(exchange.request, reply), exchange.record));
  }

  interimTo({ stream }: H2Exchange, status: number, fields: readonly FieldLine[]): void {
    this.owner.event(() => {
      // A client that is behind has no use for what is to come early.
      if (!this.writer.isWaiting) this.writer.headers(stream.id, encodeInterimBlock(status, fields), false);
    });
  }

  abortExchange({ stream }: H2Exchange): void {
    this.owner.event(() => this.owner.reset(stream, ErrorCode.InternalError));
  }

  workDone(): void {
    this.streams.workDone();
  }

  /** Hands a reply to the writer, for a request that is held. */
  private give(stream: H2Stream, reply: Reply, record: ExchangeRecord): void {
    const { id, sendWindow } = stream;
    if (this.writer.give(id, reply, this.lineFor(record.request), record, sendWindow.octets)) {
      return this.responseGiven(stream);
    }
    this.writer.begin(stream, reply.content, record);
  }

  /** The last frame of a response is on its way. */
  responseGiven(stream: H2Stream): void {
    this.budget.requestAnswered();
    stream.step(StreamStep.WeEnded);
    stream.exchange?.detach();
    stream.exchange = null;
    // What is left of the request is of no use to anybody (RFC 9113 §8.1).
    if (stream.state !== StreamState.Ended) return this.owner.reset(stream, ErrorCode.NoError);
    this.forget(stream);
    this.streams.remove(stream);
  }

  /** A request that can't be answered as it is. `reason`: in words, for the error log. */
  refuse(id: number, head: RequestHead, isWhole: boolean, status: number, reason: string): void {
    const { application, logRoom, records, refusals, requestIds } = this.parts;
    const { client } = this;
    client.identifyAsPeer();
    if (refusals.isOn) refusals.note(client.address, status, reason);
    const logged = client.forLog();
    const record = records.beginRefused(head, 0, logged);
    if (logged !== null) logRoom.keep(record.request);
    requestIds?.assign(record.request, head, client.isTrusted);
    const stream = this.streams.add(id, isWhole, this.control.peer.initialWindow);
    this.give(stream, application.refusal(status, head), record);
  }

  /** The same of one whose head is whole, and whose content isn't as it should be, or late. */
  refuseStream(stream: H2Stream, status: number, reason: string): void {
    const { application, records, refusals } = this.parts;
    const { exchange, request, response } = stream;
    if (refusals.isOn) refusals.note(this.client.address, status, reason);
    // Whoever has begun to answer can only be interrupted.
    if (response.record !== null) return this.owner.reset(stream, ErrorCode.Cancel);
    const { head } = request!;
    const record = exchange === null ? records.begin(head, this.client.forLog()) : exchange.record;
    this.abandonWork(stream);
    request!.abort();
    this.give(stream, application.refusal(status, head), record);
  }

  /** The application is told that nobody waits for its reply. */
  private abandonWork(stream: H2Stream): void {}

  /** A stream is closed: what waits for its reply is over. */
  forget(stream: H2Stream): void {
    const { exchange, request, response } = stream;
    if (exchange !== null && !exchange.hasReplied) this.parts.records.end(exchange.record);
    else if (exchange === null && response.record === null && request !== null) this.release(request);
  }

  private release(request: H2Request): void {}
}

const CONTINUE = encodeInterimBlock(100, []);
const NAME = "priority";

function priorityOf(head: RequestHead): Priority {
  return PRIORITY_DEFAULT;
}
