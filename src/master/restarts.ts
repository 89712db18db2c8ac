/**
 * The response to a death: a wait before the next attempt, or giving up when there are too many in too short a time.
 *
 * In:    deaths, the settings that limit them.
 * Out:   the wait (ms); `gaveUp` with the reason.
 * Keeps: restarts are counted in the statistics, by worker index.
 */
import type { Settings } from "../config/settings.ts";
import type { Segment } from "../stats/segment.ts";
import { RestartIntensity } from "./restart-intensity.ts";
import type { Seat } from "./seat.ts";

type Limits = Pick<Settings, "max_restarts" | "restart_window_seconds">;

export class Restarts {
  /** Resolves when workers die more often than `max_restarts` allows. Never rejects. */
  readonly gaveUp: Promise<string>;
  private readonly giveUp: (reason: string) => void;
  private readonly intensity: RestartIntensity;

  constructor(
    private limits: Limits,
    private readonly segment: Segment,
  ) {
    this.intensity = new RestartIntensity(limits.max_restarts, limits.restart_window_seconds * 1000);
    ({ promise: this.gaveUp, resolve: this.giveUp } = Promise.withResolvers<string>());
  }

  /** The limits from now on. */
  adapt(limits: Limits): void {
    this.limits = limits;
    this.intensity.restartsMax = limits.max_restarts;
    this.intensity.windowMs = limits.restart_window_seconds * 1000;
  }

  /** Counts a death; the wait before the next try, or null when it was one too many. `servedMs` as Backoff has it. */
  count(seat: Seat, servedMs: number): number | null {
    if (this.intensity.record(performance.now())) {
      const { max_restarts, restart_window_seconds } = this.limits;
      this.giveUp(`more than ${max_restarts} worker restarts within ${restart_window_seconds} s`);
      return null;
    }
    this.segment.noteRestart(seat.index);
    return seat.backoff.nextDelay(servedMs);
  }
}
