/**
 * Restart intensity: how many restarts within a period mean that restarting doesn't help (OTP's supervisor rule).
 *
 * In:    points in time at which a worker died. Out: whether that was one too many.
 * Units: milliseconds, monotonic.
 * Keeps: at most `restartsMax + 1` points in time.
 */

export class RestartIntensity {
  private readonly deathsMs: number[] = [];

  /** More than `restartsMax` within `windowMs` are too many. */
  constructor(
    public restartsMax: number,
    public windowMs: number,
  ) {}

  /** Notes a death that calls for a restart; true when it exceeds the limit. Call it in order of time. */
  record(nowMs: number): boolean {
    this.deathsMs.push(nowMs);
    while (this.deathsMs.length > 0 && nowMs - this.deathsMs[0]! >= this.windowMs) this.deathsMs.shift();
    if (this.deathsMs.length <= this.restartsMax) return false;
    this.deathsMs.splice(0, this.deathsMs.length - this.restartsMax - 1);
    return true;
  }
}
