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
import { copyRequest } from "../http2/copy-request.ts";
import { ErrorCode } from "../http2/frame.ts";
import type { GlitchBudget } from "../http2/glitch-budget.ts";
import { encodeFields, encodeHead } from "../http2/hpack-encoder.ts";
import { type Priority, priorityOf } from "../http2/priority.ts";
import { StreamState, StreamStep } from "../http2/stream-state.ts";
import type { Limits } from "../http/limits.ts";
import { Method } from "../http/method.ts";
import { textOf } from "../http/octets.ts";
import type { Reply } from "../http/reply.ts";
import { RequestHead } from "../http/request-head.ts";
import type { FieldLine } from "../http/response-head.ts";
import type { LoggedRequest } from "../log/logged-request.ts";
import { Counter } from "../stats/layout.ts";
import { type Application, ContentWish } from "./application.ts";
import type { Client, ClientParts } from "./client.ts";
import type { Clock } from "./clock.ts";
import type { ExchangeRecord, ExchangeRecords } from "./exchange-record.ts";
import type { H2Control } from "./h2-control.ts";
import { H2Exchange, type H2ExchangeOwner } from "./h2-exchange.ts";
import { H2Request } from "./h2-request.ts";
import type { H2Stream } from "./h2-stream.ts";
import type { H2Streams } from "./h2-streams.ts";
import type { H2Writer } from "./h2-writer.ts";
import type { KeepAlive } from "./keep-alive.ts";
import type { LogRoom } from "./log-room.ts";
import type { RefusalLog } from "./refusal-log.ts";
import type { RequestIds } from "./request-ids.ts";
import { withoutContentFor } from "./request-reply.ts";
import { userOctetsOf } from "./verified-user.ts";

export interface H2AnswererParts extends ClientParts {
  readonly application: Application;
  readonly clock: Clock;
  readonly records: ExchangeRecords;
  readonly limits: Limits;
  /** Null where requests have none. */
  readonly requestIds: RequestIds | null;
  readonly refusals: RefusalLog;
  readonly logRoom: LogRoom;
  readonly counters: Float64Array;
  readonly keepAlive: KeepAlive;
}

/** The connection, as far as answering concerns it. */
export interface H2AnswererOwner {
  /** Does a step as an event of its own, or as part of the event that is being handled. */
  event(step: () => void): void;
  /** The client is to open no further streams. */
  leave(): void;
  reset(stream: H2Stream, code: ErrorCode): void;
  /** The stream is closed. */
  remove(stream: H2Stream): void;
  contentWanted(stream: H2Stream): void;
  contentTaken(stream: H2Stream, octets: number): void;
}

const CONTINUE = encodeHead(100, []).octets;

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

  /** The head of a new request, lent for the call. `early`: a priority that came before it; null: none did. */
  requestBegun(id: number, head: RequestHead, isWhole: boolean, early: Priority | null): void {
    if (!isWhole) return this.contentBegun(this.hold(id, head, false, early));
    const known = this.knownFor(head);
    const record = this.count(head);
    this.keepForLog(record.request);
    this.noteUser(record.request, head);
    const reply = this.refusalOf(head, known === null) ?? known;
    if (reply === null) return this.ask(this.hold(id, head, true, early), record);
    const { initialWindow } = this.control.peer;
    if (this.writer.give(id, reply, this.lineFor(record.request), record, initialWindow)) {
      return this.budget.requestAnswered();
    }
    const stream = this.streams.add(id, true, initialWindow);
    stream.priority = early ?? priorityOf(head);
    this.writer.begin(stream, reply.content, record);
  }

  private knownFor(head: RequestHead): Reply | null {
    const { application, clock } = this.parts;
    this.client.identify(head);
    return application.respond(head, clock.nowMs);
  }

  /** A request whose content follows: its application is asked what is to become of that. */
  private contentBegun(stream: H2Stream): void {
    const { head } = stream.request!;
    const wish = this.parts.application.contentWish(head);
    if (head.method === Method.Connect) return this.answer(stream); // what follows is no content (RFC 9110 §9.3.6)
    if (wish === ContentWish.Stream) return this.handContent(stream);
    if (head.expectContinue && wish === ContentWish.Decline) return this.answer(stream); // in place of 100 (RFC 9110 §10.1.1)
    if (head.expectContinue) this.askForContent(stream);
    stream.deadline.settle();
  }

  private askForContent(stream: H2Stream): void {
    stream.request!.wasAsked = true;
    this.writer.headers(stream.id, CONTINUE, false);
  }

  /** Gives a request to the application before its content has come. */
  private handContent(stream: H2Stream): void {
    const request = stream.request!;
    request.isForApplication = true;
    stream.isAnswered = true;
    this.client.identify(request.head);
    const record = this.count(request.head);
    const refusal = this.refusalOf(request.head, false);
    if (refusal === null) this.ask(stream, record);
    else this.give(stream, refusal, record);
  }

  /** The content of a stream's request is whole. */
  requestEnded(stream: H2Stream): void {
    if (!stream.isAnswered) this.answer(stream);
  }

  /** Answers a request that is held: with what is known, or asks the application. */
  private answer(stream: H2Stream): void {
    const { head } = stream.request!;
    stream.isAnswered = true;
    const known = this.knownFor(head);
    const record = this.count(head);
    const reply = this.refusalOf(head, known === null) ?? known;
    if (reply === null) this.ask(stream, record);
    else this.give(stream, reply, record);
  }

  private ask(stream: H2Stream, record: ExchangeRecord): void {
    const exchange = new H2Exchange(this, stream.id, stream.request!, record, this.client.address);
    stream.exchange = exchange;
    this.parts.application.answer(exchange);
  }

  /** Counts a request that is about to be answered. */
  private count(head: RequestHead): ExchangeRecord {
    const { counters, records, requestIds } = this.parts;
    counters[Counter.RequestsHttp2]! += 1;
    if (this.parts.keepAlive.endsWith(++this.requests)) this.owner.leave();
    const record = records.begin(head, this.client.forLog());
    requestIds?.assign(record.request, head, this.client.isTrusted);
    return record;
  }

  private refusalOf(head: RequestHead, isUnknown: boolean): Reply | null {
    const { client } = this;
    if (!client.isGuarded) return null;
    const { application, clock } = this.parts;
    if (!client.maySendTo(head)) return application.refusal(421, head);
    return client.refusalOf(head, application.exemptionOf(head, isUnknown), clock.wallMs);
  }

  /** What the log will say of a request whose head is lent. */
  private keepForLog(request: LoggedRequest): void {
    if (this.parts.clientLogging !== null) this.parts.logRoom.keep(request);
  }

  private noteUser(request: LoggedRequest, head: RequestHead): void {
    if (head.isAuthenticated && this.parts.clientLogging !== null) request.user = userOctetsOf(head);
  }

  /** The field with the request's identifier, where responses carry it. */
  private lineFor({ id, idOctets }: LoggedRequest): Buffer | null {
    const { requestIds } = this.parts;
    if (requestIds === null || !requestIds.isSent) return null;
    return encodeFields([["X-Request-Id", textOf(id, 0, idOctets)]]);
  }

  /** A stream for a request, with a copy of its head. */
  private hold(id: number, head: RequestHead, isWhole: boolean, early: Priority | null): H2Stream {
    const stream = this.streams.add(id, isWhole, this.control.peer.initialWindow);
    const own = new RequestHead(this.parts.limits.fieldCountMax, head.connectionScheme);
    copyRequest(head, own);
    stream.priority = early ?? priorityOf(head);
    stream.request = new H2Request(own, {
      contentWanted: () => this.contentWanted(stream),
      contentTaken: (octets) => this.owner.event(() => this.owner.contentTaken(stream, octets)),
    });
    stream.request.isWhole = isWhole;
    return stream;
  }

  private contentWanted(stream: H2Stream): void {
    this.owner.event(() => {
      if (stream.request?.isUnasked === true) this.askForContent(stream);
      this.owner.contentWanted(stream);
      stream.deadline.settle();
    });
  }

  replyTo(exchange: H2Exchange, reply: Reply): void {
    this.eventOf(exchange, (stream) => this.give(stream, withoutContentFor(exchange.request, reply), exchange.record));
  }

  interimTo(exchange: H2Exchange, status: number, fields: readonly FieldLine[]): void {
    this.eventOf(exchange, (stream) => {
      // A client that is behind has no use for what is to come early.
      if (!this.writer.isBehind) this.writer.headers(stream.id, encodeHead(status, fields).octets, false);
    });
  }

  abortExchange(exchange: H2Exchange): void {
    this.eventOf(exchange, (stream) => this.owner.reset(stream, ErrorCode.InternalError));
  }

  /** What an application does with an exchange that wasn't abandoned: its stream is open. */
  private eventOf(exchange: H2Exchange, step: (stream: H2Stream) => void): void {
    this.owner.event(() => step(this.streams.find(exchange.stream)!));
  }

  workDone(): void {
    this.streams.workDone();
  }

  /** Hands a reply to the writer, for a request that has a stream. */
  private give(stream: H2Stream, reply: Reply, record: ExchangeRecord): void {
    const { id, request, sendWindow } = stream;
    if (request !== null) this.noteUser(record.request, request.head);
    if (this.writer.give(id, reply, this.lineFor(record.request), record, sendWindow.octets)) {
      return this.responseGiven(stream);
    }
    this.writer.begin(stream, reply.content, record);
  }

  /** The last frame of a response is on its way. */
  responseGiven(stream: H2Stream): void {
    const { exchange } = stream;
    this.budget.requestAnswered();
    stream.step(StreamStep.WeEnded);
    stream.exchange = null;
    exchange?.detach();
    if (stream.state === StreamState.Ended) this.owner.remove(stream);
    else this.owner.reset(stream, ErrorCode.NoError); // what is left of the request is of no use to anybody (RFC 9113 §8.1)
  }

  /** Answers a request that can't be served as it is. `reason`: in words, for the error log. */
  refuse(id: number, head: RequestHead, isWhole: boolean, status: number, reason: string): void {
    const record = this.countRefused(head, status, reason);
    const stream = this.streams.add(id, isWhole, this.control.peer.initialWindow);
    this.give(stream, this.parts.application.refusal(status, head), record);
  }

  /** The same of one that is malformed: its stream is about to be reset (RFC 9113 §8.1.1), and the head of a response says why (§8.2.1). */
  refuseMalformed(id: number, head: RequestHead, reason: string): void {
    const record = this.countRefused(head, 400, reason);
    this.writer.giveHead(id, this.parts.application.refusal(400, head), this.lineFor(record.request), record);
  }

  private countRefused(head: RequestHead, status: number, reason: string): ExchangeRecord {
    const { counters, records, requestIds } = this.parts;
    const { client } = this;
    client.identifyAsPeer();
    this.noteRefusal(status, reason);
    counters[Counter.RequestsHttp2]! += 1;
    const record = records.beginRefused(head, 0, client.forLog());
    this.keepForLog(record.request);
    requestIds?.assign(record.request, head, client.isTrusted);
    return record;
  }

  /** Answers a request whose content isn't as it should be, or late. */
  refuseStream(stream: H2Stream, status: number, reason: string): void {
    const { exchange, response } = stream;
    this.noteRefusal(status, reason);
    // Whoever has begun to answer can only be interrupted.
    if (response.record !== null) return this.owner.reset(stream, ErrorCode.Cancel);
    const { head } = stream.request!;
    const record = exchange?.record ?? this.count(head);
    this.streams.abandonWork(stream);
    this.give(stream, this.parts.application.refusal(status, head), record);
  }

  private noteRefusal(status: number, reason: string): void {
    const { refusals } = this.parts;
    if (refusals.isOn) refusals.note(this.client.address, status, reason);
  }

  /** A stream is about to be closed: a reply that it waited for won't come. */
  forget({ exchange }: H2Stream): void {
    if (exchange !== null && !exchange.hasReplied) this.parts.records.end(exchange.record);
  }
}
