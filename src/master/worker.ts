/**
 * A worker process as its master sees it, whether this program started it (worker-process.ts) or the one before (adopted-worker.ts).
 *
 *   Starting   not yet accepting
 *   Ready      accepts connections
 *   Draining   told to finish and end, and killed if it takes too long
 *   Ended      the process is gone and everything it said has been heard
 *
 * Units: milliseconds, monotonic; seconds where settings say seconds.
 */

export enum WorkerState {
  Starting,
  Ready,
  Draining,
  Ended,
}

/** The legal steps from each state. */
export const WORKER_NEXT: Readonly<Record<WorkerState, readonly WorkerState[]>> = {
  [WorkerState.Starting]: [WorkerState.Ready, WorkerState.Draining, WorkerState.Ended],
  [WorkerState.Ready]: [WorkerState.Draining, WorkerState.Ended],
  [WorkerState.Draining]: [WorkerState.Ended],
  [WorkerState.Ended]: [],
};

/** The worker cuts what is left at its timeout by itself, and writes its logs; then it has this long to be gone. */
export const KILL_GRACE_MS = 1000;

/** The slot of a worker whose statistics can't be read, because its build has another layout. */
export const NO_SLOT = -1;

export interface Worker {
  readonly pid: number;
  /** Its slot of the statistics, or NO_SLOT. */
  readonly slot: number;
  /** Which of the `num_workers` it is, from 0. */
  readonly index: number;
  readonly generation: number;
  readonly state: WorkerState;
  /** What it said about why it can't start; "" otherwise. */
  readonly fatalMessage: string;
  /** Whether the master told it to drain: then its end is expected. */
  readonly wasTold: boolean;
  /** When it is killed if it hasn't finished draining; infinite before. */
  readonly drainUntilMs: number;
  /** Document roots, as configured, that it has started without: it serves them by their names, as far as it may. */
  readonly rootsMissing: readonly string[];
  /** Resolves with true at Ready, with false at Ended if it never was. */
  readonly ready: Promise<boolean>;
  /** Resolves when it reports that it is leaving although the master hasn't told it to. */
  readonly leaving: Promise<void>;
  readonly ended: Promise<void>;
  /** How the process ended, in words: `exit code 3`, `SIGSEGV`. */
  readonly endReason: string;
  /** Whether it ended as it should: with code 0. */
  readonly endedWell: boolean;
  /** Whether it exited by its own decision before it was ready: a retry won't help. */
  readonly gaveUpStarting: boolean;

  /** How long it has been accepting connections; 0 if it never did. */
  servedMs(nowMs: number): number;
  /**
   * Tells it to finish within `timeoutSeconds` and end, and sees to it that it does. `idleSeconds` is how long idle
   * connections may be kept for one more request. Told again, it has no more time than before, but maybe less.
   */
  drain(timeoutSeconds: number, idleSeconds: number): void;
  /**
   * Tells it that another program takes the master's place: the end of the channel will mean nothing, and SIGTERM
   * replaces `drain`. Resolves when it has confirmed, or is gone.
   */
  handOver(idleSeconds: number): Promise<unknown>;
  reopenLogs(): void;
  /** Says that certificates have changed. */
  announceCredentials(version: number): void;
  kill(reason: string): void;
}
