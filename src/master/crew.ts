/**
 * All running worker processes, including those that are draining, and operations on all of them.
 *
 * Keeps: a worker that was added stays until it has ended.
 */
import type { Segment } from "../stats/segment.ts";
import { HangWatch } from "./hang-watch.ts";
import { type Worker, WorkerState } from "./worker.ts";

/** A worker answers at once, unless it hangs; a worker that hangs ends when its channel does. */
const HAND_OVER_MS_MAX = 1000;

export class Crew {
  private readonly workers = new Set<Worker>();
  private readonly hangs: HangWatch;

  constructor(segment: Segment) {
    this.hangs = new HangWatch(segment);
  }

  get all(): readonly Worker[] {
    return [...this.workers];
  }

  get size(): number {
    return this.workers.size;
  }

  add(worker: Worker): void {
    this.workers.add(worker);
    void worker.ended.then(() => this.workers.delete(worker));
  }

  /** Twice a second: kills workers whose event loop has stopped. */
  watchHeartbeats(): void {
    this.hangs.look(this.all);
  }

  reopenLogs(): void {
    for (const worker of this.workers) worker.reopenLogs();
  }

  announceCredentials(version: number): void {
    for (const worker of this.workers) worker.announceCredentials(version);
  }

  drain(timeoutSeconds: number): Promise<void> {
    for (const worker of this.workers) worker.drain(timeoutSeconds, 0);
    return this.allEnded();
  }

  kill(reason: string): Promise<void> {
    for (const worker of this.workers) worker.kill(reason);
    return this.allEnded();
  }

  /**
   * Tells all that another program will look after them. Resolves with those that run on. One that isn't ready yet is ended: the
   * next program starts its successor.
   */
  async handOver(idleSeconds: number): Promise<readonly Worker[]> {
    const told = this.all.map((worker) => {
      if (worker.state === WorkerState.Starting) worker.kill("the master is upgraded");
      return worker.handOver(idleSeconds);
    });
    await Promise.race([Promise.all(told), Bun.sleep(HAND_OVER_MS_MAX)]);
    return this.all;
  }

  private async allEnded(): Promise<void> {
    while (this.workers.size > 0) await Promise.all(this.all.map((worker) => worker.ended));
  }
}
