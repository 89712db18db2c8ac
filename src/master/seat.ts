/**
 * A seat: one of the `num_workers`, whoever holds it. Workers come and go; the seat keeps what outlives them.
 *
 * Keeps: at most one worker serves (`worker`); predecessors that drain are no longer the seat's. At most one restart is
 *        pending.
 */
import { Backoff } from "./backoff.ts";
import { type Worker, WorkerState } from "./worker-process.ts";

export class Seat {
  readonly backoff = new Backoff();
  /** Who serves, or is about to. */
  worker: Worker | null = null;
  private restartTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(readonly index: number) {}

  /** Whether somebody accepts connections here. */
  get isServed(): boolean {
    return this.worker?.state === WorkerState.Ready;
  }

  /** Runs `restart` after `delayMs`, unless `cancelRestart` comes before; a wait of 0 is no wait. */
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
