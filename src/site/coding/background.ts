/**
 * Compressing that no request waits for: jobs one after the other, without delaying requests.
 *
 * In:    jobs; a tick a second. Out: each is run once, unless it isn't wanted any more when its turn comes.
 * Bounds: one at a time, in a process of the lowest priority (low-priority-compressor.ts); a job that can wait is not begun while
 *        this worker was busy in the last second; after each a pause, so that on average `cpuPercent` of one CPU is never
 *        exceeded; a queue of QUEUE_MAX.
 */
export interface BackgroundJob {
  /** Nobody misses its result while the worker is busy. */
  readonly canWait: boolean;
  isWanted(): boolean;
  /** Returns the CPU time it took, in milliseconds. */
  run(): Promise<number>;
}

const QUEUE_MAX = 64;

/** More of one CPU than this in the last second is "busy". */
const BUSY_SHARE = 0.5;

/** What a job that failed is taken to have cost. */
const FAILURE_CPU_MS = 1000;

export class Background {
  private queue: BackgroundJob[] = [];
  private isRunning = false;
  private isStopped = false;
  private notBeforeMs = 0;
  private lastTickMs = Number.NaN;
  private lastCpuMs = 0;

  constructor(private readonly cpuPercent: number) {}

  /** False when too many are waiting. */
  add(job: BackgroundJob): boolean {
    if (this.queue.length >= QUEUE_MAX) return false;
    this.queue.push(job);
    return true;
  }

  /** Once a second. `nowMs`: the monotonic clock; `cpuMs`: CPU time this process has taken in all. */
  tick(nowMs: number, cpuMs: number): void {
    const share = (cpuMs - this.lastCpuMs) / (nowMs - this.lastTickMs);
    this.lastTickMs = nowMs;
    this.lastCpuMs = cpuMs;
    const isIdle = share <= BUSY_SHARE; // not so at the first tick, when nothing is known
    if (!this.isRunning && !this.isStopped && nowMs >= this.notBeforeMs) void this.runNext(isIdle);
  }

  /** The worker is about to end: nothing new is begun. */
  stop(): void {
    this.isStopped = true;
  }

  private async runNext(isIdle: boolean): Promise<void> {
    this.queue = this.queue.filter((job) => job.isWanted());
    const next = this.queue.find(({ canWait }) => isIdle || !canWait);
    if (next === undefined) return;
    this.queue.splice(this.queue.indexOf(next), 1);
    this.isRunning = true;
    // No process, no memory: what there is stays as it is. No request waits for this.
    const cpuMs = await next.run().catch(() => FAILURE_CPU_MS);
    this.notBeforeMs = performance.now() + cpuMs * (100 / this.cpuPercent - 1);
    this.isRunning = false;
  }
}
