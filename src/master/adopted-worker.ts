/**
 * A worker process started by the previous master in this process: a child without an IPC channel.
 *
 *   Ready      serves; was told of the upgrade (`hand-over`)
 *   Draining   got SIGTERM, from this master or the previous one; killed if it takes too long
 *   Ended      reaped
 *
 * Keeps: it is checked every REAP_MS; Bun doesn't know about it.
 */
import { CLOSE_IDLE_SIGNAL } from "../process/messages.ts";
import { type ChildEnd, reapChild } from "../sys/reap.ts";
import type { HandedWorker } from "./hand-over-format.ts";
import { KillTimer } from "./kill-timer.ts";
import { KILL_GRACE_MS, type Worker, WorkerState } from "./worker.ts";

const REAP_MS = 50;

export class AdoptedWorker implements Worker {
  readonly pid: number;
  readonly slot: number;
  readonly index: number;
  readonly generation: number;
  state: WorkerState;
  readonly fatalMessage = "";
  readonly gaveUpStarting = false;
  wasTold = false;
  readonly rootsMissing = [];
  readonly ready = Promise.resolve(true);
  /** It has no way to say so, and is about to be replaced. */
  readonly leaving: Promise<void> = new Promise<void>(() => {});
  readonly ended: Promise<void>;

  private end: ChildEnd = { exitCode: null, signalCode: null };
  private readonly killTimer = new KillTimer(() => this.signal("SIGKILL"));
  private readonly sinceMs = performance.now();

  /** `slot` is NO_SLOT when the statistics are of another layout than the worker's. */
  constructor({ pid, index, generation, drainMs }: HandedWorker, slot: number) {
    this.pid = pid;
    this.slot = slot;
    this.index = index;
    this.generation = generation;
    this.state = drainMs === null ? WorkerState.Ready : WorkerState.Draining;
    this.wasTold = drainMs !== null;
    if (drainMs !== null) this.killWithin(drainMs);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    const timer = setInterval(() => {
      const end = reapChild(pid);
      if (end === null) return;
      clearInterval(timer);
      this.killTimer.clear();
      this.end = end;
      this.state = WorkerState.Ended;
      resolve();
    }, REAP_MS);
  }

  get drainUntilMs(): number {
    return this.killTimer.untilMs;
  }

  servedMs(nowMs: number): number {
    return nowMs - this.sinceMs;
  }

  get endReason(): string {
    const how = this.end.signalCode ?? `exit code ${this.end.exitCode ?? "unknown"}`;
    return this.killTimer.explain(how);
  }

  get endedWell(): boolean {
    return this.end.exitCode === 0;
  }

  /** How long idle connections are kept was set at the hand-over; all that can be said now is that they aren't. */
  drain(timeoutSeconds: number, idleSeconds: number): void {
    if (this.state === WorkerState.Ended) return;
    if (idleSeconds === 0) this.signal(CLOSE_IDLE_SIGNAL);
    if (this.state !== WorkerState.Draining) this.signal("SIGTERM");
    this.state = WorkerState.Draining;
    this.wasTold = true;
    this.killWithin(timeoutSeconds * 1000 + KILL_GRACE_MS);
  }

  handOver(): Promise<unknown> {
    return Promise.resolve();
  }

  reopenLogs(): void {
    this.signal("SIGUSR2");
  }

  /** It has no channel, and looks by itself once a second. */
  announceCredentials(): void {}

  kill(reason: string): void {
    this.killTimer.atOnce(reason);
  }

  private killWithin(limitMs: number): void {
    this.killTimer.within(limitMs, "it did not finish in time");
  }

  private signal(name: NodeJS.Signals): void {
    if (this.state === WorkerState.Ended) return;
    try {
      process.kill(this.pid, name);
    } catch {
      // It has ended, and is about to be reaped.
    }
  }
}
