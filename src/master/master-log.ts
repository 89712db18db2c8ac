/**
 * The master's error log, which may change with a reload.
 *
 * Keeps: a log that can't be opened doesn't end the server: the open one stays, and reports it.
 */
import type { Settings } from "../config/settings.ts";
import { createErrorLog, type ErrorLog } from "../log/error-log.ts";
import type { Log } from "./launcher.ts";
import { messageOf } from "../sys/errno.ts";

export class MasterLog implements Log {
  private log: ErrorLog;
  private target: string;

  constructor({ error_log, log_level }: Settings) {
    this.log = createErrorLog({ target: error_log, level: log_level });
    this.target = error_log;
  }

  info(message: string): void {
    this.log.info(message);
  }

  warn(message: string): void {
    this.log.warn(message);
  }

  error(message: string): void {
    this.log.error(message);
  }

  /** Lines that were requested explicitly: `log_level` doesn't apply to them. */
  infoAnyway(lines: readonly string[]): void {
    const { level } = this.log;
    this.log.level = "info";
    for (const line of lines) this.log.info(line);
    this.log.level = level;
  }

  /** Applies the level, and the file if it has changed. */
  adapt({ error_log, log_level }: Settings): void {
    this.log.level = log_level;
    if (error_log === this.target) return;
    this.attempt(() => {
      const before = this.log;
      this.log = createErrorLog({ target: error_log, level: log_level });
      this.target = error_log;
      before.close();
    });
  }

  /** For SIGUSR2. */
  reopen(): void {
    this.attempt(() => this.log.reopen());
  }

  close(): void {
    this.log.close();
  }

  private attempt(open: () => void): void {
    try {
      open();
    } catch (error) {
      this.log.error(messageOf(error));
    }
  }
}
