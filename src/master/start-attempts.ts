/**
 * Attempts to start the first workers of a server: after a few that failed it gives up, since nobody is served meanwhile and whoever
 * started it can do something about it. Where some workers serve, the start is over without the others, which are tried again.
 *
 * In:    failed attempts, and that a worker is ready. Out: what to do.
 * Units: milliseconds, monotonic.
 * Why not `max_restarts`: waits between attempts become so long that there are never too many within its window.
 */

/** With the waits of backoff.ts between them this takes 0.7 s: a lack of memory or processes may pass in that time. */
const ATTEMPTS_MAX = 5;

/** A worker that hangs while it starts is killed after a longer time than this: there is no second one. */
const PATIENCE_MS = 10_000;

export enum Verdict {
  TryAgain,
  /** No worker has ever served. */
  GiveUp,
  /** As TryAgain, but those that wait for the start need wait no longer. */
  ServeWithout,
}

export class StartAttempts {
  private failures = 0;
  private hasServed = false;

  constructor(private readonly beganMs: number) {}

  noteServed(): void {
    this.hasServed = true;
  }

  /** Notes an attempt that failed. */
  failed(nowMs: number): Verdict {
    this.failures++;
    if (this.failures < ATTEMPTS_MAX && nowMs - this.beganMs < PATIENCE_MS) return Verdict.TryAgain;
    return this.hasServed ? Verdict.ServeWithout : Verdict.GiveUp;
  }
}
