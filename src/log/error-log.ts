/**
 * Error log: messages for the people who run the server, one line each.
 *
 * In:    a level and a message of any text.
 * Out:   [2026-11-20 16:12:37] WARN message
 * Units: local time, to the second.
 * Keeps: a message is always one line (escapeMessage) of at most LINE_OCTETS_MAX octets; a line is written at once, not
 *        gathered; writing never throws.
 */
import { escapeMessage } from "./escape.ts";
import { LogFile } from "./log-file.ts";
import { formatErrorTime } from "./log-time.ts";

/** In order of severity: a level shows itself and all that follow. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface ErrorLogOptions {
  /** `-` = standard error, or a path. */
  target: string;
  level: LogLevel;
  /** If it can't be opened, lines go to standard error until `reopen`; otherwise that is an error. */
  mayBeMissing?: boolean;
  /** Put before every message, as it is: `worker 3: `. */
  prefix?: string;
}

/** The configured error log. Throws LogOpenError. */
export function createErrorLog(options: ErrorLogOptions): ErrorLog {
  return new ErrorLog(options);
}

export class ErrorLog {
  /** May change while running, by a reload. */
  level: LogLevel;
  private readonly prefix: string;
  private readonly file: LogFile;

  constructor(options: ErrorLogOptions) {
    this.level = options.level;
    this.prefix = options.prefix ?? "";
    // Every line is flushed as it comes; the timer retries what a busy reader didn't take.
    let problem = "";
    const whenMissing = options.mayBeMissing ? "standard" : "throw";
    const onTrouble = (message: string): void => void (problem = message);
    this.file = new LogFile({ target: options.target, standardFd: 2, whenMissing, onTrouble });
    if (problem !== "") this.warn(problem);
  }

  debug(message: string): void {
    this.write("debug", message);
  }

  info(message: string): void {
    this.write("info", message);
  }

  warn(message: string): void {
    this.write("warn", message);
  }

  error(message: string): void {
    this.write("error", message);
  }

  /** Whether a message of that level would be written: check before building a costly one. */
  shows(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(this.level);
  }

  flush(): void {
    this.file.flush();
  }

  /** For SIGUSR2; see LogFile.reopen. A failure is logged to the old file. */
  reopen(): void {
    const problem = this.file.reopen();
    if (problem !== null) this.error(problem);
  }

  close(): void {
    this.file.close();
  }

  private write(level: LogLevel, message: string): void {
    if (!this.shows(level)) return;
    const time = formatErrorTime(new Date());
    this.file.writeLine(`[${time}] ${level.toUpperCase()} ${this.prefix}${escapeMessage(message)}`);
    this.file.flush();
  }
}
