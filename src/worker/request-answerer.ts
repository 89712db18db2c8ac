/**
 * From a whole request to its reply: at once from what is known, or through the slow path (RFC 9110 §3.3, §3.4).
 *
 *   answer ─► site.respond ─► (refusal of the gate) ─► reply ─► send (ReplySender), which ends the exchange's record
 *                │ null: not known yet
 *                └─► Exchange ─► slow path ─► resume ─► reply
 *
 * In:    heads, valid as long as the call, or held by an exchange. Out: replies to the sender, each with the record of its exchange.
 * Keeps: a request is answered, refused or counted as aborted, exactly once. A request answered from the cache allocates
 *        nothing here.
 */
import { canonicalAddress, formatAddress } from "../address/address-text.ts";
import { Method } from "../http/method.ts";
import { parseRequestHead } from "../http/parse-request-head.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { encodeAddress } from "../log/access-log.ts";
import type { LoggedClient } from "../log/logged-request.ts";
import { userOf } from "../site/request-text.ts";
import { ConnectionField, FIELD_LINE, fieldLinesWithId } from "./connection-field.ts";
import { ConnectionLife } from "./connection-life.ts";
import { ConnectionState } from "./connection-state.ts";
import { type Exchange, type ExchangeOwner, ExchangePhase } from "./exchange.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import type { Visitor } from "./visitor.ts";

export abstract class RequestAnswerer extends ConnectionLife implements ExchangeOwner {
  /** Requests answered, for `keepalive_requests`. */
  protected requests = 0;
  /** The client as the access log writes it; made when it is first needed. */
  protected loggedClient: LoggedClient | null = null;
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
    if (visitor !== null && server.gate!.identify(visitor, head)) this.loggedClient = null;
    const reply = this.isAdmin ? null : server.site.respond(head, server.clock.nowMs);
    if (!this.mayFollow(reply) && !this.flush()) {
      if (this.isOpen) this.keepExchange(head, exchange).phase = ExchangePhase.Waiting;
      return;
    }
    this.step(ConnectionState.Processing);
    this.requests++;
    if (!head.persistent) this.isLast = true;
    else if (server.isLastRequest(this.requests)) this.isLast = this.lingers = true;
    const record = server.records.begin(head, this.clientForLog());
    if (server.requestIds !== null) this.identify(record, head);
    const refusal = visitor === null ? null : this.refusalOf(visitor, head, reply);
    if (refusal !== null) this.reply(refusal, head, record);
    else if (reply === null) this.park(this.keepExchange(head, exchange), record);
    else this.reply(reply, head, record);
  }

  /**
   * The reply that refuses the client its answer `reply`; null if it may have it. It is ready in memory, so it may follow what
   * `reply` may.
   */
  private refusalOf(visitor: Visitor, head: RequestHead, reply: Reply | null): Reply | null {
    const { clock, gate, site, slowPath } = this.server;
    if (!this.isAdmin && site.answersPreflight(head)) return null;
    const asksForEndpoint = reply === null && slowPath.asksForEndpoint(head, this.isAdmin);
    return gate!.refusalOf(visitor, head, asksForEndpoint, clock.wallMs);
  }

  /** Asks the slow path for the reply: the admin endpoints, or the file system. */
  private park(exchange: Exchange, record: ExchangeRecord): void {
    exchange.phase = ExchangePhase.Reply;
    exchange.record = record;
    const refusal = this.server.slowPath.request(exchange, this.isAdmin);
    if (refusal !== null) this.reply(refusal, exchange.head, record);
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
    if (!this.isOpen) return this.abandonExchange(exchange); // it is being closed: nobody would take the reply
    this.reply(reply, exchange.head, exchange.record!);
    this.flush();
    this.proceed();
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

  /** The client in the log's lines; it may be gone as soon as it has its answer, and its address with it. */
  private clientForLog(): LoggedClient | null {
    const { accessLog } = this.server;
    if (accessLog === null) return null;
    return (this.loggedClient ??= {
      address: encodeAddress(this.peerAddress),
      serverPort: accessLog.format === "vhost_combined" ? (this.socket?.localPort ?? 0) : 0,
    });
  }

  private reply(reply: Reply, head: RequestHead, record: ExchangeRecord): void {
    this.server.countOutcome(reply.outcome);
    const lines = this.linesFor(head, record);
    if (head.isAuthenticated && this.server.accessLog !== null) record.request.user = userOctetsOf(head);
    // From here on the record knows of the request what has still to be known.
    if (this.exchange !== null) this.releaseExchange(this.exchange, record);
    this.send(reply, lines, record);
  }

  /** What the response says besides what all responses to such a request share. */
  private linesFor(head: RequestHead, record: ExchangeRecord): Buffer | null {
    const { requestIds } = this.server;
    if (!this.isLast && head.minorVersion > 0 && requestIds === null) return null; // nothing, as most do
    const field = this.isLast
      ? ConnectionField.Close
      : head.minorVersion === 0
        ? ConnectionField.KeepAlive
        : ConnectionField.None;
    return requestIds !== null && requestIds.isSent
      ? fieldLinesWithId(field, record.request)
      : (FIELD_LINE[field] ?? null);
  }

  /** The request gets its identifier, where requests have one. */
  private identify(record: ExchangeRecord, head: RequestHead): void {
    const { visitor } = this;
    this.server.requestIds?.assign(record.request, head, visitor !== null && visitor.isTrusted);
  }

  protected override refuse(head: RequestHead, status: number, octetsEnd: number, reason: string): void {
    const { gate, refusals } = this.server;
    if (this.visitor !== null && gate!.identifyAsPeer(this.visitor)) this.loggedClient = null;
    if (refusals.isOn) refusals.note(this.peerAddress, status, reason);
    this.isLast = true;
    this.lingers = true;
    if (this.state !== ConnectionState.Processing) this.step(ConnectionState.Processing);
    const record = this.server.records.beginRefused(head, octetsEnd, this.clientForLog());
    this.identify(record, head);
    const { errors, site } = this.server;
    const reply = this.isAdmin ? errors.of(status, head.method === Method.Head, head) : site.refusal(head, status);
    if (this.mayFollow(reply) || this.flush()) this.reply(reply, head, record);
    else this.server.records.end(record); // the client doesn't read, and would not read this either
  }

  protected acquireExchange(): Exchange {
    const exchange = this.server.exchanges.acquire();
    exchange.begin(this);
    return exchange;
  }

  /** The exchange that holds `head`: its own one, or a new one with a copy of it. */
  private keepExchange(head: RequestHead, existing: Exchange | null): Exchange {
    if (existing !== null) return existing;
    const exchange = this.acquireExchange();
    exchange.append(head.bytes as Buffer, head.start, head.end);
    parseRequestHead(exchange.octets, exchange.octetCount, exchange.head, this.server.limits);
    exchange.head.isAuthenticated = head.isAuthenticated;
    this.exchange = exchange;
    return exchange;
  }

  private releaseExchange(exchange: Exchange, record: ExchangeRecord | null = null): void {
    this.exchange = null;
    exchange.clear(record !== null && record.request.bytes === exchange.octets);
    this.server.exchanges.release(exchange);
  }

  /** The client is gone. An exchange that the slow path still holds is dropped here, and not reused. */
  protected abandonExchange(exchange: Exchange): void {
    if (exchange.phase !== ExchangePhase.Reply) return this.releaseExchange(exchange);
    this.exchange = null;
    this.server.records.end(exchange.record!);
    exchange.clear();
  }
}

/** In UTF-8. */
function userOctetsOf(head: RequestHead): Uint8Array | null {
  const user = userOf(head);
  return user === null ? null : Buffer.from(user);
}
