/**
 * Why requests and handshakes were refused, for the error log at level `debug`: the client's address, the status, and the reason in
 * words.
 *
 * Keeps: a flood of bad requests is not a flood of lines: LINES_PER_SECOND for each worker, and then how many there were
 *        besides. Nothing of what the client sent is shown: the access log has it, escaped.
 */
import type { ErrorLog } from "../log/error-log.ts";

const LINES_PER_SECOND = 20;

export class RefusalLog {
  private shown = 0;
  private left = 0;

  constructor(private readonly log: ErrorLog) {}

  /** Whether `note` would write anything: ask before building what it needs. */
  get isOn(): boolean {
    return this.log.shows("debug");
  }

  note(address: string, status: number, reason: string): void {
    this.write(address, `${status}, ${reason}`);
  }

  /** The same of one that had no request: a TLS handshake failed. */
  noteHandshake(address: string, reason: string): void {
    this.write(address, `TLS handshake failed, ${reason}`);
  }

  /** The same of a whole connection over HTTP/2: `code` is what its client was told (RFC 9113 §7). */
  noteConnection(address: string, code: string, reason: string): void {
    this.write(address, `${code}, ${reason}`);
  }

  private write(address: string, text: string): void {
    if (this.shown === LINES_PER_SECOND) {
      this.left++;
      return;
    }
    this.shown++;
    this.log.debug(`${address}: ${text}`);
  }

  /** Once a second. */
  tick(): void {
    if (this.left > 0) this.log.debug(`${this.left} more requests were refused within a second`);
    this.shown = 0;
    this.left = 0;
  }
}
