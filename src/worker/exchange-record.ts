/**
 * The record of one exchange: a request and its response, from its beginning to its end. It alone counts and logs them.
 *
 *   begin ─► respond ─► sent … ─► end     finished: the kernel has taken the last octet; aborted: it hasn't, and never will
 *
 * One holder at a time has the record, and ends it: the queue beside the outbox (unfinished.ts), what a slow client has left
 * over, a file transfer, or the exchange that waits for its reply.
 *
 * In:    a request's head; what happens to its response.
 * Out:   the statistics' cells and ring (stats/slot.ts), a line of the access log.
 * Units: octets as they are sent, head included; milliseconds of the monotonic clock.
 * Keeps: each record ends exactly once. A finished request's duration lasts until its last octet was taken, and its line says
 *        how much content was. Records are reused: a request answered from the cache allocates nothing here.
 */
import { Field } from "../http/field.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { AccessLog } from "../log/access-log.ts";
import { LoggedRequest } from "../log/logged-request.ts";
import type { Slot } from "../stats/slot.ts";
import type { Clock } from "./clock.ts";

/** In the log, for a request whose client left before there was a response; nginx writes the same. */
const CLIENT_LEFT_STATUS = 499;

/** Records kept for the next burst. */
const IDLE_MAX = 1024;

export class ExchangeRecord {
  /** What the access log says of the request; left alone where there is none. */
  readonly request = new LoggedRequest();
  /** The request's number in the ring of the last requests. */
  sequence = 0;
  startedMs = 0;
  /** Of the response; 0 while there is none. */
  status = 0;
  /** Octets of content in the response, for the log. */
  contentOctets = 0;
  /** Octets that are still to leave, until the response's last one has: those before it on the connection included. */
  octetsLeft = 0;

  /** The kernel has taken `octets` more of what leaves on the connection. */
  sent(octets: number): void {
    this.octetsLeft -= octets;
  }

  /** Octets of content that the kernel has taken. */
  get contentSent(): number {
    const { contentOctets, octetsLeft } = this;
    return octetsLeft <= 0 ? contentOctets : Math.max(0, contentOctets - octetsLeft);
  }
}

export class ExchangeRecords {
  /** Records that can be used again: the first `idleCount`. An array that is never shortened costs least. */
  private readonly idle: ExchangeRecord[] = [];
  private idleCount = 0;

  constructor(
    private readonly slot: Slot,
    private readonly clock: Clock,
    private readonly log: AccessLog | null,
  ) {}

  /**
   * A request begins. `address`: the client's, where there is a log; the record then refers to the octets of `head` until
   * it ends.
   */
  begin(head: RequestHead, address: Uint8Array | null): ExchangeRecord {
    const { clock } = this;
    const record = this.idleCount > 0 ? this.idle[--this.idleCount]! : new ExchangeRecord();
    record.sequence = this.slot.requestStarted(clock.wallMs, head.method, head.bytes, head.pathStart, head.pathEnd);
    record.startedMs = clock.nowMs;
    record.status = 0;
    record.octetsLeft = 1; // or more: there is no response yet
    if (address === null) return record;
    record.contentOctets = 0;
    describe(record.request, head, address);
    return record;
  }

  /** Its response begins: counted before its first octet leaves, so that who has received it finds it in the totals. */
  respond(record: ExchangeRecord, reply: Reply): void {
    record.status = reply.status;
    if (this.log !== null) record.contentOctets = reply.contentOctets;
    this.slot.responseStarted(reply.status);
  }

  /** The exchange ends with what has been sent. `nowMs`: one reading of the clock serves a whole batch. */
  end(record: ExchangeRecord, nowMs: number = this.clock.update()): void {
    const { sequence, status } = record;
    const microseconds = Math.round((nowMs - record.startedMs) * 1000);
    if (record.octetsLeft <= 0) this.slot.requestFinished(sequence, status, microseconds, 0);
    else this.slot.requestAborted(sequence, microseconds, 0);
    if (this.log !== null) {
      this.log.record(record.request, status || CLIENT_LEFT_STATUS, record.contentSent, microseconds);
      record.request.forget();
    }
    if (this.idleCount < IDLE_MAX) this.idle[this.idleCount++] = record;
  }
}

/** What a line says of a request. */
function describe(request: LoggedRequest, head: RequestHead, address: Uint8Array): void {
  request.address = address;
  request.bytes = head.bytes;
  request.methodStart = head.targetEnd > 0 ? head.methodStart : -1;
  request.targetStart = head.targetStart;
  request.targetEnd = head.targetEnd;
  request.version = 10 + head.minorVersion;
  request.refererStart = head.valueStart(Field.Referer);
  request.refererEnd = head.valueEnd(Field.Referer);
  request.userAgentStart = head.valueStart(Field.UserAgent);
  request.userAgentEnd = head.valueEnd(Field.UserAgent);
}
