/**
 * How long a master bears with a worker process: it is killed when its time is over, and why is remembered.
 *
 * Units: milliseconds, monotonic.
 * Keeps: told again, the process has no more time than before, but maybe less. The first reason counts.
 */
export class KillTimer {
  /** When it is killed; infinite while nothing is set. */
  untilMs = Number.POSITIVE_INFINITY;
  private reason = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly kill: () => void) {}

  /** Kills in `limitMs`, unless it is to be killed before that. */
  within(limitMs: number, reason: string): void {
    const untilMs = performance.now() + limitMs;
    if (untilMs >= this.untilMs) return;
    clearTimeout(this.timer);
    this.untilMs = untilMs;
    this.timer = setTimeout(() => this.atOnce(reason), limitMs);
  }

  atOnce(reason: string): void {
    this.reason ||= reason;
    this.kill();
  }

  /** There is no limit any more. */
  clear(): void {
    clearTimeout(this.timer);
    this.untilMs = Number.POSITIVE_INFINITY;
  }

  /** How the process ended, and why it was killed, if it was. */
  explain(how: string): string {
    return this.reason === "" ? how : `${how}: ${this.reason}`;
  }
}
