/**
 * A seat: the place of one of the `num_workers`. Workers come and go; the seat keeps what outlives them.
 *
 * Keeps: at most one worker serves (`worker`); predecessors that drain no longer belong to the seat. At most one restart is
 *        pending.
 */
import { Backoff } from "./backoff.ts";
import { type Worker, WorkerState } from "./worker.ts";

export class Seat {
  readonly backoff = new Backoff();
  /** The worker that serves, or is about to. */
  worker: Worker | null = null;
  private restartTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly index: number) {}

  /** Whether a worker accepts connections here. */
  get isServed(): boolean {
    return this.worker?.state === WorkerState.Ready;
  }

  /** Runs `restart` after `delayMs`, unless `cancelRestart` is called before; 0 runs it at once. */
  restartIn(delayMs: number, restart: () => void): void {
    this.cancelRestart();
    if (delayMs === 0) return restart();
    this.restartTimer = setTimeout(() => {
      this.restartTimer = null;
      restart();
    }, delayMs);
  }

  cancelRestart(): void {
    if (this.restartTimer !== null) clearTimeout(this.restartTimer);
    this.restartTimer = null;
  }
}
