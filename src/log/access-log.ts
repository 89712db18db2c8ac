/**
 * Access log: one line per exchange, written as octets straight into the log's buffer.
 *
 * In:    a request as offsets into its octets, and the numbers of its response, when it has ended.
 * Out:   a line of the chosen format: combined-line.ts, json-line.ts.
 * Units: octets of content; microseconds; time to the second, local with its offset from UTC.
 * Keeps: `record` makes no string and no object (bench/micro/access-log.bench.ts); a line has at most LINE_OCTETS_MAX
 *        octets, long parts are truncated and marked with `...` (line-limits.ts); what clients sent is escaped.
 */
import { putCombinedLine } from "./combined-line.ts";
import { putJsonLine } from "./json-line.ts";
import { ADDRESS_OCTETS_MAX } from "./line-limits.ts";
import { octetsOfText } from "./line-parts.ts";
import { LogFile } from "./log-file.ts";
import type { LoggedRequest } from "./logged-request.ts";
import { formatCombinedTime, formatJsonTime } from "./log-time.ts";

export type AccessLogFormat = "combined" | "vhost_combined" | "json";

export interface AccessLogOptions {
  /** `-` = standard output, a path, or false = no access log. */
  target: string | false;
  format: AccessLogFormat;
  /** Called when lines are lost; see LogFileOptions.onTrouble. */
  onTrouble?: (message: string) => void;
  /** If true, a failure to open is reported to `onTrouble`, and lines are lost until `reopen`; otherwise it is thrown. */
  mayBeMissing?: boolean;
}

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
  return octetsOfText(address.slice(0, ADDRESS_OCTETS_MAX).replace(/[^\w.:%/-]/g, "?"));
}

export class AccessLog {
  readonly file: LogFile;
  readonly format: AccessLogFormat;
  /** Combined: ` [time] "`; JSON: `{"time":"…`. Remade once a second by the timer. */
  private timeText: Uint8Array = new Uint8Array(0);
  private timer: ReturnType<typeof setTimeout>;

  constructor(file: LogFile, format: AccessLogFormat) {
    this.file = file;
    this.format = format;
    this.tick(Date.now());
    this.timer = setTimeout(() => this.keepTime(), 0);
    this.timer.unref();
  }

  /** Sets the time shown in lines, in milliseconds since the epoch. The log's own timer does this every second. */
  tick(nowMs: number): void {
    const date = new Date(nowMs);
    const text = this.format === "json" ? `{"time":"${formatJsonTime(date)}` : ` [${formatCombinedTime(date)}] "`;
    this.timeText = octetsOfText(text);
  }

  /** Writes the line of an exchange that has ended. `contentOctets`: octets of content that were sent. */
  record(request: LoggedRequest, status: number, contentOctets: number, microseconds: number): void {
    const { file, format, timeText } = this;
    if (!file.reserve()) return;
    const { bytes, end } = file;
    const lineEnd =
      format === "json"
        ? putJsonLine(request, timeText, status, contentOctets, microseconds, bytes, end)
        : putCombinedLine(request, timeText, format === "vhost_combined", status, contentOctets, bytes, end);
    file.commit(lineEnd);
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
