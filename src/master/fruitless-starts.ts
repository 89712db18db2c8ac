/**
 * Attempts to start a server none of whose workers has served yet: after a few of them it gives up, since nobody is served meanwhile
 * and whoever started it can do something about it.
 *
 * In:    failed attempts, and that a worker is ready. Out: whether an attempt was the last one.
 * Units: milliseconds, monotonic.
 * Why not `max_restarts`: waits between attempts become so long that there are never too many within its window.
 */

/** With the waits of backoff.ts between them this takes 0.7 s: a lack of memory or processes may pass in that time. */
const ATTEMPTS_MAX = 5;

/** A worker that hangs while it starts is killed after a longer time than this: there is no second one. */
const PATIENCE_MS = 10_000;

export class FruitlessStarts {
  private attempts = 0;
  private hasServed = false;

  constructor(private readonly beganMs: number) {}

  /** A worker is ready: from now on restarts.ts decides alone. */
  noteServed(): void {
    this.hasServed = true;
  }

  /** Notes an attempt that failed; true when it was one too many. */
  record(nowMs: number): boolean {
    this.attempts++;
    return !this.hasServed && (this.attempts >= ATTEMPTS_MAX || nowMs - this.beganMs >= PATIENCE_MS);
  }
}
