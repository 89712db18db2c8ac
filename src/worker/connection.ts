/**
 * One client's connection: octets in, requests out of them, replies back, in order (RFC 9112 §9).
 *
 *   receive ─► serve ─► parseRequestHead ─► site.respond ─► reply (ReplySender) ─► flush
 *                 │            │ incomplete        │ unknown path
 *                 │            └─► Exchange ◄──────┴─► slow path ─► resume ─► reply
 *                 └─ stops when the client can't take more, or a reply has to be waited for; `proceed` goes on
 *
 * States, deadlines and the end of a connection: connection-life.ts. What may wait where:
 *   input      octets received behind a request that isn't answered yet; the socket is paused meanwhile
 *   exchange   the request that couldn't be answered at once
 *   unsent, transfer   what the client hasn't taken yet (reply-sender.ts)
 *
 * Keeps: a request answered from the cache allocates nothing here. An idle connection holds no buffer.
 */
import type { Socket } from "bun";
import { Field } from "../http/field.ts";
import { Framing } from "../http/framing.ts";
import { Method } from "../http/method.ts";
import { PARSE_FAILURE, ParseCode } from "../http/parse-code.ts";
import { parseRequestHead } from "../http/parse-request-head.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { formatAddress } from "../address/address-text.ts";
import { encodeAddress } from "../log/access-log.ts";
import { Counter } from "../stats/layout.ts";
import { type ClientGate, Entrance } from "./client-gate.ts";
import { ConnectionLife } from "./connection-life.ts";
import { ConnectionState } from "./connection-state.ts";
import { type Exchange, type ExchangeOwner, ExchangePhase } from "./exchange.ts";
import type { FileTransfer } from "./file-transfer.ts";
import { asksForContent } from "./last-request.ts";
import { ConnectionField } from "./reply-sender.ts";
import type { Server } from "./server.ts";
import { Visitor } from "./visitor.ts";

const IPV4_MAPPED = /^::ffff:(?=[\d.]+$)/i;

const CONTINUE = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n", "latin1");

export class Connection extends ConnectionLife implements ExchangeOwner {
  /** Requests answered, for `keepalive_requests`. */
  private requests = 0;
  /** The client's address as the access log writes it; made when it is first needed. */
  private address: Uint8Array | null = null;
  /** Who the client is and what it may do; null where no setting asks. */
  private visitor: Visitor | null = null;
  /** It came by way of `admin_listen`, where nothing but the admin endpoints is served. */
  private isAdmin = false;

  constructor(server: Server) {
    super(server);
  }

  // ── Events of the socket ───────────────────────────────────────────────────────────────────────────────────────

  /** A client has connected. The object may have served another before: everything is as new. */
  accepted(socket: Socket<Connection>, isAdmin: boolean): void {
    this.isAdmin = isAdmin;
    this.requests = 0;
    this.address = null;
    this.opened(socket);
  }

  /** Shows the client to the gate. False when it wasn't let in, and the connection has ended or is about to. */
  enter(gate: ClientGate, hasTime: boolean): boolean {
    this.visitor ??= new Visitor();
    return this.pass(gate.meet(this.visitor, this.socket!.remoteAddress, this.isAdmin), hasTime);
  }

  private pass(entrance: Entrance, hasTime: boolean): boolean {
    if (entrance === Entrance.Closed) this.close();
    if (entrance === Entrance.Crowded) this.reject(429, hasTime);
    return entrance === Entrance.Open || entrance === Entrance.AwaitsHeader;
  }

  /** Octets have arrived. `bytes` is ours to keep. */
  received(bytes: Buffer): void {
    const { server } = this;
    server.slot.values[Counter.OctetsIn]! += bytes.length;
    server.clock.update();
    if (!this.isOpen) return; // discarded
    if (this.isBusy) return this.keepInput(bytes, 0);
    this.serve(bytes, this.visitor?.header == null ? 0 : this.readProxyHeader(bytes, this.visitor));
  }

  /** Reads the header of the PROXY protocol, or a part of it; returns where the requests begin, at the end if they may not. */
  private readProxyHeader(bytes: Buffer, visitor: Visitor): number {
    const gate = this.server.gate!;
    const next = gate.readHeader(visitor, bytes);
    this.address = null;
    return this.pass(gate.entranceAfterHeader(visitor), true) ? next : bytes.length;
  }

  /** The socket takes octets again. */
  writable(): void {
    this.server.clock.update();
    if (!this.isOpen) return;
    if (this.sendRest()) this.proceed();
    else this.settle();
  }

  /** Its turn has come again after others were served. */
  takeTurn(): void {
    if (this.isOpen && this.transfer !== null) this.writable();
  }

  /** The client has closed its side; what it has asked for is still answered (RFC 9112 §9.6). */
  ended(): void {
    this.peerEnded = true;
    if (!this.isBusy || !this.isOpen) this.close();
  }

  /** The socket is gone, whoever closed it. */
  closed(): void {
    const { server } = this;
    server.wheel.remove(this);
    this.waitingList?.remove(this);
    this.socket = null;
    this.input = null;
    if (this.visitor !== null) server.gate!.leave(this.visitor);
    this.abandonRest();
    if (this.exchange !== null) this.abandonExchange(this.exchange);
  }

  /**
   * There are too many connections: says so, before anything is read. `status`: 503, or 429 when they are this client's.
   * `hasTime`: the client may take its time to read it.
   */
  reject(status: 429 | 503, hasTime: boolean): void {
    this.server.clock.update();
    this.server.head.reset(0);
    this.refuse(this.server.head, status);
    this.lingers = hasTime;
    this.flush();
    this.settle();
  }

  // ── Requests ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** A whole request waits for its turn or its answer, or the client for octets: what arrives now has to wait. */
  private get isBusy(): boolean {
    return this.isBlocked || (this.exchange !== null && this.exchange.phase >= ExchangePhase.Waiting);
  }

  /** Answers the requests in `bytes` from `offset` on, as many as are whole, and flushes what they led to. */
  private serve(bytes: Buffer, offset: number): void {
    const end = bytes.length;
    const requestsBefore = this.requests;
    let next = offset;
    while (next < end && !this.isLast && !this.isBusy && this.isOpen) {
      next = this.exchange === null ? this.serveNext(bytes, next) : this.continueExchange(this.exchange, bytes, next);
    }
    if (!this.isOpen) return;
    if (next < end) this.keepInput(bytes, next);
    else if (this.requests - requestsBefore > 1) this.lingers = true;
    this.flush();
    this.settle();
  }

  /** Reads one request at `offset`; returns where the next one begins. */
  private serveNext(bytes: Buffer, offset: number): number {
    const { head, limits } = this.server;
    head.reset(offset);
    const end = parseRequestHead(bytes, bytes.length, head, limits);
    if (end > 0 && head.framing === Framing.None) {
      this.answer(head, null);
      return end;
    }
    if (end < 0) return this.refuseMalformed(head, -end, bytes);
    this.exchange = this.acquireExchange();
    return this.continueHead(this.exchange, bytes, offset);
  }

  /** Goes on with a request that arrives in pieces; returns where the next one begins. */
  private continueExchange(exchange: Exchange, bytes: Buffer, offset: number): number {
    return exchange.phase === ExchangePhase.Head
      ? this.continueHead(exchange, bytes, offset)
      : this.continueContent(exchange, bytes, offset);
  }

  private continueHead(exchange: Exchange, bytes: Buffer, offset: number): number {
    const { head } = exchange;
    const before = exchange.octetCount;
    exchange.append(bytes, offset, bytes.length);
    const end = parseRequestHead(exchange.octets, exchange.octetCount, head, this.server.limits);
    if (end === 0) return bytes.length;
    if (end < 0) return this.refuseMalformed(head, -end, bytes);
    const next = offset + end - before;
    if (head.framing === Framing.None) this.answer(head, exchange);
    else this.beginContent(exchange, next < bytes.length);
    return next;
  }

  private beginContent(exchange: Exchange, hasContent: boolean): void {
    const { head, body } = exchange;
    exchange.phase = ExchangePhase.Content;
    body.reset(head.framing, head.contentOctets, this.server.limits);
    this.server.wheel.setDeadline(this, this.server.settings.timeout_seconds);
    if (!head.expectContinue) return;
    if (asksForContent(head.method)) {
      if (hasContent) return;
      this.step(ConnectionState.Reading);
      this.server.outbox.add(CONTINUE, 0, CONTINUE.length);
    } else {
      // The final answer is known: it comes in place of 100, and the content perhaps not at all (RFC 9110 §10.1.1).
      this.isLast = true;
      this.lingers = true;
      this.answer(head, exchange);
    }
  }

  private continueContent(exchange: Exchange, bytes: Buffer, offset: number): number {
    const { head, body } = exchange;
    const next = body.consume(bytes, offset, bytes.length);
    exchange.contentReceived += next - offset;
    if (body.error !== ParseCode.None) return this.refuseMalformed(head, body.error, bytes);
    if (body.done) this.answer(head, exchange);
    return next;
  }

  /**
   * Replies to a whole request, at once or by way of the slow path. `exchange` is the one whose head it is, or null for
   * the server's own head, which the next request overwrites.
   */
  private answer(head: RequestHead, exchange: Exchange | null): void {
    const { server } = this;
    const { visitor } = this;
    if (visitor !== null && server.gate!.identify(visitor, head)) this.address = null;
    const reply = this.isAdmin ? null : server.site.respond(head, server.clock.nowMs);
    if (!this.mayFollow(reply) && !this.flush()) {
      if (this.isOpen) this.keepExchange(head, exchange).phase = ExchangePhase.Waiting;
      return;
    }
    this.step(ConnectionState.Processing);
    this.requests++;
    if (!head.persistent || server.isLastRequest(this.requests)) this.isLast = true;
    const startedMs = server.clock.nowMs;
    const sequence = server.slot.requestStarted(
      server.clock.wallMs,
      head.method,
      head.bytes,
      head.pathStart,
      head.pathEnd,
    );
    const refusal = visitor === null ? null : this.refusalOf(visitor, head, reply);
    if (refusal !== null) this.reply(refusal, head, exchange, sequence, startedMs);
    else if (reply === null) this.park(this.keepExchange(head, exchange), sequence, startedMs);
    else this.reply(reply, head, exchange, sequence, startedMs);
  }

  /** The reply to a client that may not have its answer, `reply`, or not now. A ready one: it may follow whatever that may. */
  private refusalOf(visitor: Visitor, head: RequestHead, reply: Reply | null): Reply | null {
    const { clock, gate, slowPath } = this.server;
    const asksForEndpoint = reply === null && slowPath.asksForEndpoint(head, this.isAdmin);
    return gate!.refusalOf(visitor, head, asksForEndpoint, clock.wallMs);
  }

  /** Asks those who may take their time for the reply: the admin endpoints, or the file system. */
  private park(exchange: Exchange, sequence: number, startedMs: number): void {
    exchange.phase = ExchangePhase.Reply;
    exchange.sequence = sequence;
    exchange.startedMs = startedMs;
    const refusal = this.server.slowPath.request(exchange, this.isAdmin);
    if (refusal !== null) this.replyToExchange(exchange, refusal);
  }

  /** The reply to the request that waited has been made. */
  resume(exchange: Exchange, reply: Reply): void {
    try {
      this.resumeWith(exchange, reply);
    } catch (error) {
      this.server.giveUp(this, error);
    }
  }

  private resumeWith(exchange: Exchange, reply: Reply): void {
    this.server.clock.update();
    this.replyToExchange(exchange, reply);
    if (this.isOpen) this.flush();
    this.proceed();
  }

  private replyToExchange(exchange: Exchange, reply: Reply): void {
    exchange.phase = ExchangePhase.Waiting; // for the client alone
    this.reply(reply, exchange.head, exchange, exchange.sequence, exchange.startedMs);
  }

  /**
   * The client's IP address; an IPv4 client of an IPv6 socket is known by its IPv4 address. "-" once it is gone. Behind
   * trusted proxies: that of the client of the present request.
   */
  get peerAddress(): string {
    if (this.visitor !== null) return formatAddress(this.visitor.client);
    return this.socket?.remoteAddress?.replace(IPV4_MAPPED, "") ?? "-";
  }

  // ── Replies ────────────────────────────────────────────────────────────────────────────────────────────────────

  private reply(reply: Reply, head: RequestHead, exchange: Exchange | null, sequence: number, startedMs: number): void {
    this.server.countOutcome(reply.outcome);
    // A client may be gone as soon as it has its answer, and its address with it.
    if (this.server.accessLog !== null) this.address ??= encodeAddress(this.peerAddress);
    const field = this.isLast
      ? ConnectionField.Close
      : head.minorVersion === 0
        ? ConnectionField.KeepAlive
        : ConnectionField.None;
    this.send(reply, field, sequence, startedMs);
    if (this.transfer !== null) {
      if (this.server.accessLog !== null) this.keepExchange(head, exchange).phase = ExchangePhase.Sending;
      else if (exchange !== null) this.releaseExchange(exchange);
      return;
    }
    if (this.server.accessLog !== null) this.log(head, reply.status, reply.contentOctets, startedMs);
    if (this.exchange !== null) this.releaseExchange(this.exchange);
  }

  protected override transferred(transfer: FileTransfer, contentOctets: number): void {
    const { exchange } = this;
    if (exchange === null || exchange.phase !== ExchangePhase.Sending) return; // sent in one go: `reply` goes on
    if (this.server.accessLog !== null) {
      this.log(exchange.head, transfer.status, contentOctets, transfer.startedMs);
    }
    this.releaseExchange(exchange);
  }

  /** Answers a message that is no valid request, and closes: where the next one would begin isn't known any more. */
  private refuseMalformed(head: RequestHead, code: ParseCode, bytes: Buffer): number {
    this.server.slot.values[Counter.ParseErrors]! += 1;
    this.refuse(head, PARSE_FAILURE[code].status);
    return bytes.length;
  }

  protected override refuse(head: RequestHead, status: number): void {
    const { clock, slot } = this.server;
    if (this.visitor !== null && this.server.gate!.identifyAsPeer(this.visitor)) this.address = null;
    this.isLast = true;
    this.lingers = true;
    if (this.state !== ConnectionState.Processing) this.step(ConnectionState.Processing);
    const sequence = slot.requestStarted(clock.wallMs, head.method, head.bytes, head.pathStart, head.pathEnd);
    const reply = this.server.errors.of(status, head.method === Method.Head);
    if (this.mayFollow(reply) || this.flush()) this.reply(reply, head, null, sequence, clock.nowMs);
    else slot.requestAborted(sequence, 0, 0); // the client doesn't read, and would not read this either
  }

  private log(head: RequestHead, status: number, contentOctets: number, startedMs: number): void {
    this.server.accessLog!.record(
      this.address!,
      head.bytes,
      head.targetEnd > 0 ? head.methodStart : -1,
      head.targetStart,
      head.targetEnd,
      10 + head.minorVersion,
      status,
      contentOctets,
      this.microsecondsSince(startedMs),
      head.valueStart(Field.Referer),
      head.valueEnd(Field.Referer),
      head.valueStart(Field.UserAgent),
      head.valueEnd(Field.UserAgent),
    );
  }

  // ── What waits ─────────────────────────────────────────────────────────────────────────────────────────────────

  private acquireExchange(): Exchange {
    const exchange = this.server.exchanges.acquire();
    exchange.begin(this, this.server.clock.nowMs);
    return exchange;
  }

  /** The exchange that holds `head`: its own one, or a new one with a copy of it. */
  private keepExchange(head: RequestHead, existing: Exchange | null): Exchange {
    if (existing !== null) return existing;
    const exchange = this.acquireExchange();
    exchange.append(head.bytes as Buffer, head.start, head.end);
    parseRequestHead(exchange.octets, exchange.octetCount, exchange.head, this.server.limits);
    this.exchange = exchange;
    return exchange;
  }

  private releaseExchange(exchange: Exchange): void {
    this.exchange = null;
    exchange.clear();
    this.server.exchanges.release(exchange);
  }

  /** The client is gone. An exchange that the slow path still holds is forgotten here, and not used again. */
  private abandonExchange(exchange: Exchange): void {
    if (exchange.phase !== ExchangePhase.Reply) return this.releaseExchange(exchange);
    this.exchange = null;
    this.server.slot.requestAborted(exchange.sequence, this.microsecondsSince(exchange.startedMs), 0);
    exchange.clear();
  }

  /** Keeps `bytes` from `offset` on until it is their turn, and asks for no more. */
  private keepInput(bytes: Buffer, offset: number): void {
    const rest = offset === 0 ? bytes : bytes.subarray(offset);
    this.input = this.input === null ? rest : Buffer.concat([this.input, rest]);
    this.lingers = true;
    if (this.isPaused) return;
    this.socket?.pause();
    this.isPaused = true;
  }

  /** Nothing is in the way any more: goes on with the request that waits, and with what was received behind it. */
  private proceed(): void {
    if (!this.isOpen) return;
    const { exchange, input } = this;
    if (exchange?.phase === ExchangePhase.Waiting && !this.isBlocked) {
      this.answer(exchange.head, exchange);
      this.flush();
    }
    if (input !== null && !this.isBusy && !this.isLast) {
      this.input = null;
      this.serve(input, 0);
    } else {
      this.settle();
    }
    if (this.isPaused && this.input === null && this.isOpen) this.listenAgain();
  }
}
