/**
 * How long clients may keep their connections (RFC 9112 §9.3, §9.6): for how many requests, and how long between two of them.
 * Less of both while the server goes away.
 *
 * Units: requests; seconds.
 * Keeps: one per worker. What a request pays for it is a comparison.
 */
import type { Seconds } from "../units.ts";

export class KeepAlive {
  /**
   * @param requestsMax the request of a connection whose response is the last; Infinity: none is
   * @param idleSeconds how long a connection may wait for its next request
   */
  constructor(
    private requestsMax: number,
    private seconds: Seconds,
  ) {}

  /** Whether the response to a connection's `count`th request is its last, whatever it is. */
  endsWith(count: number): boolean {
    return count >= this.requestsMax;
  }

  get idleSeconds(): Seconds {
    return this.seconds;
  }

  /** The server goes away: every response is the last of its connection, and who has none to wait for waits no longer than this. */
  drain(idleSeconds: Seconds): void {
    this.requestsMax = 0;
    if (idleSeconds < this.seconds) this.seconds = idleSeconds;
  }
}
