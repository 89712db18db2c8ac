/**
 * An exchange over HTTP/2: what an application holds while it makes its reply. Made for each request that isn't answered at once, and
 * used for no other.
 *
 * Keeps: an exchange whose stream was reset isn't over for the server until the application is done with it: its owner counts it as open
 *        until then, so resetting streams gains a client no work beyond `max_concurrent_streams`.
 */
import { assert } from "../assert.ts";
import { dropContent } from "../http/content.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { FieldLine } from "../http/response-head.ts";
import type { Exchange, RequestContent } from "./exchange.ts";
import type { ExchangeRecord } from "./exchange-record.ts";
import type { H2Request } from "./h2-request.ts";

/** The connection, as its exchange sees it. */
export interface H2ExchangeOwner {
  /** `reply` is for the stream of this exchange. */
  replyTo(exchange: H2Exchange, reply: Reply): void;
  interimTo(exchange: H2Exchange, status: number, fields: readonly FieldLine[]): void;
  abortExchange(exchange: H2Exchange): void;
  /** An application is done with an exchange that was abandoned. */
  workDone(): void;
}

export class H2Exchange implements Exchange {
  onAbandoned: (() => void) | null = null;
  hasReplied = false;
  isAbandoned = false;
  private isDetached = false;

  constructor(
    private readonly owner: H2ExchangeOwner,
    /** Its number. */
    readonly stream: number,
    readonly received: H2Request,
    readonly record: ExchangeRecord,
    readonly clientAddress: string,
  ) {}

  get request(): RequestHead {
    return this.received.head;
  }

  get content(): RequestContent {
    return this.received;
  }

  reply(reply: Reply): void {
    assert(!this.hasReplied, "an exchange gets one reply");
    this.hasReplied = true;
    if (!this.isAbandoned) return this.owner.replyTo(this, reply);
    dropContent(reply.content);
    this.owner.workDone();
  }

  interim(status: number, fields: readonly FieldLine[]): void {
    assert(!this.hasReplied, "interim responses come before the reply");
    if (!this.isAbandoned) this.owner.interimTo(this, status, fields);
  }

  abort(): void {
    if (this.isDetached) return;
    if (!this.isAbandoned) return this.owner.abortExchange(this);
    if (this.hasReplied) return;
    this.hasReplied = true;
    this.owner.workDone();
  }

  /** HTTP/2 has no Upgrade (RFC 9113 §8.6). */
  upgrade(): boolean {
    return false;
  }

  /** The reply is whole: nothing reaches the client from here on. */
  detach(): void {
    this.isDetached = true;
    this.onAbandoned = null;
  }

  /** The stream was reset, or the client is gone. */
  abandon(): void {
    const { onAbandoned } = this;
    this.isAbandoned = true;
    this.onAbandoned = null;
    onAbandoned?.();
  }
}
