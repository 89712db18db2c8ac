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
import { parseAuthority } from "../http/authority.ts";
import { Field } from "../http/field.ts";
import { textOf } from "../http/octets.ts";
import { dissectRequestLine } from "../http/refused-request-line.ts";
import { HttpVersion, type RequestHead } from "../http/request-head.ts";
import type { AccessLog } from "../log/access-log.ts";
import { type LoggedClient, LoggedRequest } from "../log/logged-request.ts";
import type { Slot } from "../stats/slot.ts";
import type { Clock } from "./clock.ts";

/** In the log, for a request whose client left before there was a response; nginx writes the same. */
const CLIENT_LEFT_STATUS = 499;

/** Where the minor version's digit is, seen from the end of the target: behind " HTTP/1." */
const MINOR_VERSION_OFFSET = 8;
const DIGIT_ZERO = 0x30;

/** In the log. */
const HTTP_2 = 20;

/** Records kept for the next burst. */
const IDLE_MAX = 1024;

/** Paths whose requests needn't be logged while they succeed. */
export interface SkippedPaths {
  /** `sentPath`: as it was sent, without a query. */
  includes(sentPath: string): boolean;
}

export class ExchangeRecord {
  /** What the access log says of the request; left alone where there is none. */
  readonly request = new LoggedRequest();
  /** The request's number in the ring of the last requests. */
  sequence = 0;
  startedMs = 0;
  /** Of the response; 0 while there is none. */
  status = 0;
  /** Octets of content in the response, where there is a log. */
  contentOctets = 0;
  /** The stream of the response in HTTP/2. */
  stream = 0;
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
    private readonly skipped: SkippedPaths | null,
  ) {}

  /**
   * A request begins. `client`: where there is a log; the record then refers to the octets of `head` until
   * it ends.
   */
  begin(head: RequestHead, client: LoggedClient | null): ExchangeRecord {
    const { clock } = this;
    const record = this.idleCount === 0 ? this.make() : this.idle[--this.idleCount]!;
    record.sequence = this.slot.requestStarted(clock.wallMs, head.method, head.bytes, head.pathStart, head.pathEnd);
    record.startedMs = clock.nowMs;
    record.status = 0;
    record.octetsLeft = 1; // or more: there is no response yet
    if (client === null) return record;
    record.contentOctets = 0;
    describe(record.request, head, client);
    return record;
  }

  private make(): ExchangeRecord {
    return new ExchangeRecord();
  }

  /** A request that is refused begins: of its octets those before `end` are there. */
  beginRefused(head: RequestHead, end: number, client: LoggedClient | null): ExchangeRecord {
    const record = this.begin(head, null);
    if (client === null) return record;
    record.contentOctets = 0;
    if (head.version === HttpVersion.Http2) describeRefusedFields(record.request, head, client);
    else describeRefused(record.request, head, end, client);
    return record;
  }

  /** Its response begins: counted before its first octet leaves, so that who has received it finds it in the totals. */
  respond(record: ExchangeRecord, status: number, contentOctets: number): void {
    record.status = status;
    if (this.log !== null) record.contentOctets = contentOctets;
    this.slot.responseStarted(status);
  }

  /** The exchange ends with what has been sent. `nowMs`: one reading of the clock serves a whole batch. */
  end(record: ExchangeRecord, nowMs: number = this.clock.update()): void {
    const microseconds = Math.round((nowMs - record.startedMs) * 1000);
    if (record.octetsLeft <= 0) this.slot.requestFinished(record.sequence, record.status, microseconds, 0);
    else this.slot.requestAborted(record.sequence, microseconds, 0);
    if (this.log !== null) this.write(this.log, record, microseconds);
    if (this.idleCount < IDLE_MAX) this.idle[this.idleCount++] = record;
  }

  private write(log: AccessLog, record: ExchangeRecord, microseconds: number): void {
    const { request, status } = record;
    if (this.skipped === null || !isSkipped(this.skipped, record)) {
      log.record(request, status || CLIENT_LEFT_STATUS, record.contentSent, microseconds);
    }
    request.forget();
  }
}

/** A request whose path needn't be logged while the answer is a success or a redirect. */
function isSkipped(paths: SkippedPaths, { request, status }: ExchangeRecord): boolean {
  if (status < 200 || status > 399) return false;
  return paths.includes(textOf(request.bytes, request.pathStart, request.pathEnd));
}

/** What a line says of a request. */
function describe(request: LoggedRequest, head: RequestHead, client: LoggedClient): void {
  const { bytes, targetEnd } = head;
  request.client = client;
  request.bytes = bytes;
  request.methodStart = head.methodStart;
  request.methodEnd = head.methodEnd;
  request.targetStart = head.targetStart;
  request.targetEnd = targetEnd;
  request.isTargetValid = true;
  request.pathStart = head.pathStart;
  request.pathEnd = head.pathEnd;
  const isHttp2 = head.version === HttpVersion.Http2;
  request.version = isHttp2 ? HTTP_2 : 10 + bytes[targetEnd + MINOR_VERSION_OFFSET]! - DIGIT_ZERO; // as sent: 1.2 is answered as 1.1
  request.authorityStart = head.authorityStart;
  request.hostEnd = head.hostEnd;
  request.authorityEnd = head.authorityEnd;
  describeClient(request, head);
}

function describeClient(request: LoggedRequest, head: RequestHead): void {
  request.refererStart = head.valueStart(Field.Referer);
  request.refererEnd = head.valueEnd(Field.Referer);
  request.userAgentStart = head.valueStart(Field.UserAgent);
  request.userAgentEnd = head.valueEnd(Field.UserAgent);
}

/** The same of a request that was refused, of which octets up to `end` are there. */
function describeRefused(request: LoggedRequest, head: RequestHead, end: number, client: LoggedClient): void {
  const { bytes } = head;
  request.client = client;
  request.bytes = bytes;
  request.isTargetValid = false;
  dissectRequestLine(bytes, head.start, end, request);
  describeHost(request, head);
  describeClient(request, head);
}

/** The same of a request in HTTP/2, which has no line: of its fields those that were understood. */
function describeRefusedFields(request: LoggedRequest, head: RequestHead, client: LoggedClient): void {
  request.client = client;
  request.bytes = head.bytes;
  request.isTargetValid = false;
  request.version = HTTP_2;
  request.methodStart = head.methodEnd > 0 ? head.methodStart : -1;
  request.methodEnd = head.methodEnd > 0 ? head.methodEnd : -1;
  request.targetStart = head.targetEnd > 0 ? head.targetStart : -1;
  request.targetEnd = head.targetEnd > 0 ? head.targetEnd : -1;
  request.pathStart = 0;
  request.pathEnd = 0;
  describeHost(request, head);
  describeClient(request, head);
}

/** The parser may have come as far as Host, but not to what it means. */
function describeHost(request: LoggedRequest, head: RequestHead): void {
  const isKnown = head.authorityStart >= 0;
  const start = isKnown ? head.authorityStart : head.valueStart(Field.Host);
  const end = isKnown ? head.authorityEnd : head.valueEnd(Field.Host);
  const hostEnd = start < 0 ? -1 : parseAuthority(head.bytes, start, end);
  request.authorityStart = hostEnd < 0 ? -1 : start;
  request.hostEnd = hostEnd;
  request.authorityEnd = hostEnd < 0 ? -1 : end;
}
