/**
 * Access log: one line per request, written as octets straight into the log's buffer.
 *
 * In:    a finished request as offsets into its buffer, and the numbers of its response.
 * Out:   combined:  127.0.0.1 - - [20/Nov/2026:16:12:37 +0000] "GET / HTTP/1.1" 200 612 "-" "curl/8.5.0"
 *        JSON:      {"time":"2026-11-20T16:12:37+00:00","client":"127.0.0.1","method":"GET","target":"/",
 *                    "protocol":"HTTP/1.1","status":200,"bytes":612,"microseconds":41,"referer":null,"user_agent":"…"}
 * Units: octets of content; microseconds; time to the second, local with its offset from UTC.
 * Keeps: `record` makes no string and no object (bench/micro/access-log.bench.ts); a line has at most LINE_OCTETS_MAX
 *        octets, long parts are truncated and marked with `...`; what clients sent is escaped (escape.ts).
 */
import { putDecimal } from "../http/decimal.ts";
import { EscapeStyle, ESCAPE_OVERRUN, putEscaped, putOctets, putTarget } from "./escape.ts";
import { LogFile } from "./log-file.ts";
import { LINE_OCTETS_MAX } from "./sink.ts";
import { formatCombinedTime, formatJsonTime } from "./log-time.ts";

export type AccessLogFormat = "combined" | "json";

export interface AccessLogOptions {
  /** `-` = standard output, a path, or false = no access log. */
  target: string | false;
  format: AccessLogFormat;
  /** Called when lines are lost; see LogFileOptions.onTrouble. */
  onTrouble?: (message: string) => void;
  /** If true, a failure to open is reported to `onTrouble`, and lines are lost until `reopen`; otherwise it is thrown. */
  mayBeMissing?: boolean;
}

/** Octets that a part of the line may take, escapes included. */
const ADDRESS_OCTETS_MAX = 64;
const METHOD_OCTETS_MAX = 32;
const TARGET_OCTETS_MAX = 2048;
const REFERER_OCTETS_MAX = 640;
const USER_AGENT_OCTETS_MAX = 640;
/** What the rest takes: names and punctuation of the JSON form, time, protocol, three numbers; and the overruns. */
const FIXED_OCTETS_MAX = 320 + 5 * ESCAPE_OVERRUN;

if (
  ADDRESS_OCTETS_MAX +
    METHOD_OCTETS_MAX +
    TARGET_OCTETS_MAX +
    REFERER_OCTETS_MAX +
    USER_AGENT_OCTETS_MAX +
    FIXED_OCTETS_MAX >
  LINE_OCTETS_MAX
) {
  throw new Error("access log: the parts of a line may not exceed the longest line");
}

const LF = 0x0a;
const SP = 0x20;
const QUOTE = 0x22;
const MINUS = 0x2d;
const ZERO = 0x30;

const encoder = new TextEncoder();
const COMBINED_VERSION = encoder.encode(" HTTP/");
const JSON_CLIENT = encoder.encode(`","client":"`);
const JSON_METHOD = encoder.encode(`","method":"`);
const JSON_TARGET = encoder.encode(`","target":"`);
const JSON_PROTOCOL = encoder.encode(`","protocol":"HTTP/`);
const JSON_STATUS = encoder.encode(`","status":`);
const JSON_NO_REQUEST = encoder.encode(`","method":null,"target":null,"protocol":null,"status":`);
const JSON_BYTES = encoder.encode(`,"bytes":`);
const JSON_MICROSECONDS = encoder.encode(`,"microseconds":`);
const JSON_REFERER = encoder.encode(`,"referer":`);
const JSON_USER_AGENT = encoder.encode(`,"user_agent":`);
const JSON_NULL = encoder.encode("null");

/** The access log that settings ask for, or null when they ask for none. Throws LogOpenError, unless told otherwise. */
export function createAccessLog(options: AccessLogOptions): AccessLog | null {
  if (options.target === false) return null;
  const { target, format, onTrouble, mayBeMissing = false } = options;
  const whenMissing = mayBeMissing ? "lose" : "throw";
  const file = new LogFile({ target, standardFd: 1, whenMissing, onTrouble });
  return new AccessLog(file, format);
}

/** A peer's address as `record` takes it; make it once per connection. Characters that can't occur in an address become `?`. */
export function encodeAddress(address: string): Uint8Array {
  return encoder.encode(address.slice(0, ADDRESS_OCTETS_MAX).replace(/[^\w.:%/-]/g, "?"));
}

export class AccessLog {
  readonly file: LogFile;
  private readonly json: boolean;
  /** Combined: ` - - [time] "`; JSON: `{"time":"…","client":"`. Remade once a second by the timer. */
  private timeText: Uint8Array = new Uint8Array(0);
  private timer: ReturnType<typeof setTimeout>;

  constructor(file: LogFile, format: AccessLogFormat) {
    this.file = file;
    this.json = format === "json";
    this.tick(Date.now());
    this.timer = setTimeout(() => this.keepTime(), 0);
    this.timer.unref();
  }

  /** Sets the time shown in lines, in milliseconds since the epoch. The log's own timer does this every second. */
  tick(nowMs: number): void {
    const date = new Date(nowMs);
    this.timeText = encoder.encode(
      this.json ? `{"time":"${formatJsonTime(date)}` : ` - - [${formatCombinedTime(date)}] "`,
    );
  }

  /**
   * Writes the line of one finished request. Nothing is kept of `bytes`.
   *
   * `address`: from `encodeAddress`. `bytes`: the request's buffer; the method is `[methodStart, targetStart - 1)`, the
   * request-target `[targetStart, targetEnd)` (RFC 9112 §3); `methodStart` -1 = no request line could be read.
   * `version`: ten times the HTTP version: 10, 11, 20. `contentOctets`: octets of content sent. `refererStart` and
   * `userAgentStart`: -1 = no such field.
   */
  record(
    address: Uint8Array,
    bytes: Uint8Array,
    methodStart: number,
    targetStart: number,
    targetEnd: number,
    version: number,
    status: number,
    contentOctets: number,
    microseconds: number,
    refererStart: number,
    refererEnd: number,
    userAgentStart: number,
    userAgentEnd: number,
  ): void {
    const file = this.file;
    if (!file.reserve()) return;
    const out = file.bytes;
    const time = this.timeText;
    if (this.json) {
      let at = putOctets(time, time.length, out, file.end);
      at = putOctets(JSON_CLIENT, JSON_CLIENT.length, out, at);
      at = putOctets(address, address.length, out, at);
      at = putJsonRequest(bytes, methodStart, targetStart, targetEnd, version, out, at);
      at = putDecimal(status, out, at);
      at = putOctets(JSON_BYTES, JSON_BYTES.length, out, at);
      at = putDecimal(contentOctets, out, at);
      at = putOctets(JSON_MICROSECONDS, JSON_MICROSECONDS.length, out, at);
      at = putDecimal(microseconds, out, at);
      at = putOctets(JSON_REFERER, JSON_REFERER.length, out, at);
      at = putJsonField(bytes, refererStart, refererEnd, out, at, REFERER_OCTETS_MAX);
      at = putOctets(JSON_USER_AGENT, JSON_USER_AGENT.length, out, at);
      at = putJsonField(bytes, userAgentStart, userAgentEnd, out, at, USER_AGENT_OCTETS_MAX);
      out[at] = 0x7d; // }
      out[at + 1] = LF;
      file.commit(at + 2);
      return;
    }
    let at = putOctets(address, address.length, out, file.end);
    at = putOctets(time, time.length, out, at);
    at = putCombinedRequest(bytes, methodStart, targetStart, targetEnd, version, out, at);
    out[at] = QUOTE;
    out[at + 1] = SP;
    at = putDecimal(status, out, at + 2);
    out[at] = SP;
    at = putDecimal(contentOctets, out, at + 1);
    out[at] = SP;
    at = putCombinedField(bytes, refererStart, refererEnd, out, at + 1, REFERER_OCTETS_MAX);
    out[at] = SP;
    at = putCombinedField(bytes, userAgentStart, userAgentEnd, out, at + 1, USER_AGENT_OCTETS_MAX);
    out[at] = LF;
    file.commit(at + 1);
  }

  /** Writes out what is buffered. */
  flush(): void {
    this.file.flush();
  }

  /** For SIGUSR2; see LogFile.reopen. A failure is reported to `onTrouble`. */
  reopen(): void {
    this.file.reopen();
  }

  close(): void {
    clearTimeout(this.timer);
    this.file.close();
  }

  /** Fires at the start of each second, so the time in a line is late by no more than the timer's delay. */
  private keepTime(): void {
    const nowMs = Date.now();
    this.tick(nowMs);
    this.timer = setTimeout(() => this.keepTime(), 1000 - (nowMs % 1000));
    this.timer.unref();
  }
}

/** `GET / HTTP/1.1`, or `-` when there was no request line. */
function putCombinedRequest(
  bytes: Uint8Array,
  methodStart: number,
  targetStart: number,
  targetEnd: number,
  version: number,
  out: Uint8Array,
  at: number,
): number {
  if (methodStart < 0) {
    out[at] = MINUS;
    return at + 1;
  }
  at = putEscaped(bytes, methodStart, targetStart - 1, out, at, at + METHOD_OCTETS_MAX, EscapeStyle.Combined);
  out[at] = SP;
  at = putTarget(bytes, targetStart, targetEnd, out, at + 1, at + 1 + TARGET_OCTETS_MAX);
  at = putOctets(COMBINED_VERSION, COMBINED_VERSION.length, out, at);
  return putVersion(version, out, at);
}

function putJsonRequest(
  bytes: Uint8Array,
  methodStart: number,
  targetStart: number,
  targetEnd: number,
  version: number,
  out: Uint8Array,
  at: number,
): number {
  if (methodStart < 0) return putOctets(JSON_NO_REQUEST, JSON_NO_REQUEST.length, out, at);
  at = putOctets(JSON_METHOD, JSON_METHOD.length, out, at);
  at = putEscaped(bytes, methodStart, targetStart - 1, out, at, at + METHOD_OCTETS_MAX, EscapeStyle.Json);
  at = putOctets(JSON_TARGET, JSON_TARGET.length, out, at);
  at = putTarget(bytes, targetStart, targetEnd, out, at, at + TARGET_OCTETS_MAX);
  at = putOctets(JSON_PROTOCOL, JSON_PROTOCOL.length, out, at);
  at = putVersion(version, out, at);
  return putOctets(JSON_STATUS, JSON_STATUS.length, out, at);
}

/** `1.1` of 11. */
function putVersion(version: number, out: Uint8Array, at: number): number {
  const major = (version / 10) | 0;
  out[at] = ZERO + major;
  out[at + 1] = 0x2e; // .
  out[at + 2] = ZERO + (version - major * 10);
  return at + 3;
}

/** `"value"`, or `"-"` for a field that isn't there. */
function putCombinedField(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
  octetsMax: number,
): number {
  out[at] = QUOTE;
  at++;
  if (start < 0) {
    out[at] = MINUS;
    at++;
  } else {
    at = putEscaped(bytes, start, end, out, at, at + octetsMax, EscapeStyle.Combined);
  }
  out[at] = QUOTE;
  return at + 1;
}

/** `"value"`, or `null` for a field that isn't there. */
function putJsonField(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
  octetsMax: number,
): number {
  if (start < 0) return putOctets(JSON_NULL, JSON_NULL.length, out, at);
  out[at] = QUOTE;
  at = putEscaped(bytes, start, end, out, at + 1, at + 1 + octetsMax, EscapeStyle.Json);
  out[at] = QUOTE;
  return at + 1;
}
