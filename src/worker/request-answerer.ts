/**
 * From a whole request to its reply: at once from what is known, or through the slow path (RFC 9110 §3.3, §3.4).
 *
 *   answer ─► site.respond ─► (refusal of the gate) ─► reply ─► send (ReplySender) ─► access log
 *                │ null: not known yet
 *                └─► Exchange ─► slow path ─► resume ─► reply
 *
 * In:    heads, valid as long as the call, or held by an exchange. Out: replies to the sender, lines to the access log.
 * Keeps: a request is answered, refused or counted as aborted, exactly once. A request answered from the cache allocates
 *        nothing here.
 */
import { canonicalAddress, formatAddress } from "../address/address-text.ts";
import { Field } from "../http/field.ts";
import { Method } from "../http/method.ts";
import { parseRequestHead } from "../http/parse-request-head.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { encodeAddress } from "../log/access-log.ts";
import { ConnectionField } from "./connection-field.ts";
import { ConnectionLife } from "./connection-life.ts";
import { ConnectionState } from "./connection-state.ts";
import { type Exchange, type ExchangeOwner, ExchangePhase } from "./exchange.ts";
import type { FileTransfer } from "./file-transfer.ts";
import type { Visitor } from "./visitor.ts";

export abstract class RequestAnswerer extends ConnectionLife implements ExchangeOwner {
  /** Requests answered, for `keepalive_requests`. */
  protected requests = 0;
  /** The client's address as the access log writes it; made when it is first needed. */
  protected address: Uint8Array | null = null;
  /** The client and what it may do; null where no setting depends on it. */
  protected visitor: Visitor | null = null;
  /** It came through `admin_listen`, where nothing but the admin endpoints is served. */
  protected isAdmin = false;

  /** Resumes with what waits. */
  protected abstract proceed(): void;

  /**
   * Replies to a whole request, at once or through the slow path. `exchange` is the one whose head it is, or null for
   * the server's own head, which the next request overwrites.
   */
  protected answer(head: RequestHead, exchange: Exchange | null): void {
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
    if (!head.persistent) this.isLast = true;
    else if (server.isLastRequest(this.requests)) this.isLast = this.lingers = true;
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

  /**
   * The reply that refuses the client its answer `reply`; null if it may have it. It is ready in memory, so it may follow what
   * `reply` may.
   */
  private refusalOf(visitor: Visitor, head: RequestHead, reply: Reply | null): Reply | null {
    const { clock, gate, slowPath } = this.server;
    const asksForEndpoint = reply === null && slowPath.asksForEndpoint(head, this.isAdmin);
    return gate!.refusalOf(visitor, head, asksForEndpoint, clock.wallMs);
  }

  /** Asks the slow path for the reply: the admin endpoints, or the file system. */
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
   * The client's IP address; for an IPv4 client of an IPv6 socket the IPv4 address. "-" once it is gone. Behind
   * trusted proxies: that of the client of the present request.
   */
  get peerAddress(): string {
    if (this.visitor !== null) return formatAddress(this.visitor.client);
    const remoteAddress = this.socket?.remoteAddress;
    return remoteAddress === undefined ? "-" : canonicalAddress(remoteAddress);
  }

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

  protected override refuse(head: RequestHead, status: number): void {
    const { clock, slot } = this.server;
    if (this.visitor !== null && this.server.gate!.identifyAsPeer(this.visitor)) this.address = null;
    this.isLast = true;
    this.lingers = true;
    if (this.state !== ConnectionState.Processing) this.step(ConnectionState.Processing);
    const sequence = slot.requestStarted(clock.wallMs, head.method, head.bytes, head.pathStart, head.pathEnd);
    const reply = this.server.errors.of(status, head.method === Method.Head, head);
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

  protected acquireExchange(): Exchange {
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

  /** The client is gone. An exchange that the slow path still holds is dropped here, and not reused. */
  protected abandonExchange(exchange: Exchange): void {
    if (exchange.phase !== ExchangePhase.Reply) return this.releaseExchange(exchange);
    this.exchange = null;
    this.server.slot.requestAborted(exchange.sequence, this.microsecondsSince(exchange.startedMs), 0);
    exchange.clear();
  }
}
