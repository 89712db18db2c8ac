/**
 * How long to wait before a worker that died is started again.
 *
 * Out:   0 for the first death, then 100 ms, doubled for each further one, up to 10 s. A worker that served for a
 *        while before it died resets the count: that is an accident, and not a worker that can't run.
 * Units: milliseconds.
 * Keeps: one per worker index; no timer of its own.
 */

const BACKOFF_MS_MIN = 100;
export const BACKOFF_MS_MAX = 10_000;

/**
 * Served this long = it can run, and connections that wait in its backlog must not wait for a successor: at most two starts
 * a second are harmless, and `max_restarts` ends what never recovers. Waiting is not serving and resets nothing.
 */
export const SETTLED_MS = 500;

export class Backoff {
  private deaths = 0;

  /** The wait after a death; `servedMs` is how long the worker had been ready (0 if it never was). */
  nextDelay(servedMs: number): number {
    if (servedMs >= SETTLED_MS) this.deaths = 0;
    const delayMs = this.deaths === 0 ? 0 : Math.min(BACKOFF_MS_MIN * 2 ** (this.deaths - 1), BACKOFF_MS_MAX);
    this.deaths++;
    return delayMs;
  }
}
