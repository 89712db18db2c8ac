/**
 * One client's connection: octets in, requests out of them, in order (RFC 9112 §9).
 *
 *   received ─► serve ─► parseRequestHead ─► answer (request-answerer.ts) ─► flush (reply-sender.ts) ─► settle (connection-life.ts)
 *                 │            │ incomplete
 *                 │            └─► Exchange: the rest of the head, then the content ─► answer
 *                 └─ stops when the client can't take more, or a reply has to be waited for; `proceed` goes on
 *
 * What may wait where:
 *   input      octets received after a request that isn't answered yet; the socket is paused meanwhile
 *   exchange   the request that couldn't be answered at once
 *   unsent, transfer   what the client hasn't taken yet
 *
 * Keeps: a complete request takes no copy and no object here. An idle connection holds no buffer.
 */
import type { Socket } from "bun";
import { Framing } from "../http/framing.ts";
import { PARSE_FAILURE, ParseCode, reasonOf } from "../http/parse-code.ts";
import { parseRequestHead } from "../http/parse-request-head.ts";
import type { RequestHead } from "../http/request-head.ts";
import { Counter } from "../stats/layout.ts";
import { type ClientGate, Entrance } from "./client-gate.ts";
import { ConnectionState } from "./connection-state.ts";
import { type Exchange, ExchangePhase } from "./exchange.ts";
import { asksForContent } from "./last-request.ts";
import { RequestAnswerer } from "./request-answerer.ts";
import type { Server } from "./server.ts";
import { Visitor } from "./visitor.ts";

const CONTINUE = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n", "latin1");

export class Connection extends RequestAnswerer {
  constructor(server: Server) {
    super(server);
  }

  // ── Events of the socket ───────────────────────────────────────────────────────────────────────────────────────

  /** A client has connected. The object may have served another before: all state is reset. */
  accepted(socket: Socket<Connection>, isAdmin: boolean): void {
    this.isAdmin = isAdmin;
    this.requests = 0;
    this.loggedClient = null;
    this.opened(socket);
  }

  /** Asks the gate to admit the client. False when it was refused, and the connection has ended or is about to. */
  enter(gate: ClientGate, hasTime: boolean): boolean {
    this.visitor ??= new Visitor();
    // A client that is gone already has no address.
    const remoteAddress: string | undefined = this.socket!.remoteAddress;
    return this.pass(gate.meet(this.visitor, remoteAddress ?? "", this.isAdmin), hasTime);
  }

  private pass(entrance: Entrance, hasTime: boolean): boolean {
    if (entrance === Entrance.Closed) this.close();
    if (entrance === Entrance.Crowded) this.reject(429, hasTime && this.server.gate!.hasTimeForGoodbye);
    return entrance === Entrance.Open || entrance === Entrance.AwaitsHeader;
  }

  /** Whether the client isn't known yet, because the PROXY protocol header has yet to arrive. */
  get awaitsHeader(): boolean {
    return this.visitor !== null && this.visitor.header !== null;
  }

  /** Octets have arrived. The connection may keep `bytes`. */
  received(bytes: Buffer): void {
    const { server } = this;
    server.slot.values[Counter.OctetsIn]! += bytes.length;
    server.clock.update();
    if (!this.isOpen) return; // discarded
    if (this.isBusy) return this.keepInput(bytes, 0);
    this.serve(bytes, this.awaitsHeader ? this.readProxyHeader(bytes, this.visitor!) : 0);
  }

  /**
   * Reads the PROXY protocol header, or a part of it; returns where the requests begin, or the end if there are none to serve.
   */
  private readProxyHeader(bytes: Buffer, visitor: Visitor): number {
    const gate = this.server.gate!;
    const next = gate.readHeader(visitor, bytes);
    this.loggedClient = null;
    const isIn = this.pass(gate.entranceAfterHeader(visitor), true);
    return isIn && (this.awaitsHeader || this.server.makeRoomFor(this)) ? next : bytes.length;
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

  /** The socket is gone, whichever side closed it. */
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
   * Refuses the connection because there are too many, before anything is read. `status`: 503, or 429 when they are this
   * client's.
   * `hasTime`: the client may take its time to read it.
   */
  reject(status: 429 | 503, hasTime: boolean): void {
    this.server.clock.update();
    this.server.head.reset(0);
    this.refuse(
      this.server.head,
      status,
      0,
      status === 503 ? "too many connections" : "too many connections of this client",
    );
    this.flush();
    if (hasTime) this.settle();
    else if (this.isOpen) this.close();
  }

  // ── Requests ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** A complete request is waiting, or the client hasn't received what was sent: what arrives now has to wait. */
  private get isBusy(): boolean {
    return this.isBlocked || (this.exchange !== null && this.exchange.phase >= ExchangePhase.Waiting);
  }

  /** Answers the complete requests in `bytes` from `offset` on, and flushes their replies. */
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
      // The final response replaces 100, and the content may never be sent (RFC 9110 §10.1.1).
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

  /** Answers a malformed request, and closes: where the next one would begin is no longer known. */
  private refuseMalformed(head: RequestHead, code: ParseCode, bytes: Buffer): number {
    this.server.slot.values[Counter.ParseErrors]! += 1;
    const octetsEnd = this.exchange === null ? bytes.length : this.exchange.octetCount;
    this.refuse(head, PARSE_FAILURE[code].status, octetsEnd, reasonOf(code));
    return bytes.length;
  }

  /** Keeps `bytes` from `offset` on until it is their turn, and pauses the socket. */
  private keepInput(bytes: Buffer, offset: number): void {
    const rest = offset === 0 ? bytes : bytes.subarray(offset);
    this.input = this.input === null ? rest : Buffer.concat([this.input, rest]);
    this.lingers = true;
    if (this.isPaused) return;
    this.socket?.pause();
    this.isPaused = true;
  }

  /** Resumes with the request that waits, and with what was received after it. */
  protected override proceed(): void {
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
