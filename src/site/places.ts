/**
 * The places for work that a request waits for: a fixed number of them, and a queue (serving/admission.ts), as the statistics see it.
 *
 * In:    tasks: loads, password checks, representations to be made.
 * Keeps: who has waited for a place keeps it for what comes next (`passOn`): a client that was admitted to have its password
 *        checked isn't refused afterwards for want of a place to load the file.
 */
import { Admission, type Task } from "../serving/admission.ts";

/** What becomes known of this work. */
export interface LoadReport {
  /** A request was taken in. */
  admitted(): void;
  /** A request was refused, because the queue is full. */
  rejected(): void;
  /** How many tasks wait, and how many run. */
  occupied(waiting: number, active: number): void;
  /** The cache may have changed. */
  loaded(): void;
}

export class Places {
  private readonly admission: Admission;
  /** A task has ended, and its place is for whatever its waiters begin now. */
  private hasSpare = false;

  /** `threads_per_worker` and `queue_size`. */
  constructor(
    count: number,
    queueSize: number,
    private readonly report: LoadReport,
  ) {
    this.admission = new Admission(count, queueSize);
  }

  /** Whether a task that is taken in now starts now. */
  get hasFree(): boolean {
    return this.hasSpare || this.admission.hasPlace;
  }

  /** Starts a task, now or when its turn comes; false when the queue is full. */
  take(task: Task): boolean {
    if (this.hasSpare) {
      this.hasSpare = false;
      task.start();
      return true;
    }
    if (!this.admission.admit(task)) {
      this.report.rejected();
      return false;
    }
    this.report.admitted();
    this.publish();
    return true;
  }

  /** A task has ended. */
  leave(): void {
    this.admission.release();
    this.publish();
    this.report.loaded();
  }

  /** The same, after `tell`: the first task that it begins takes over the place. */
  passOn(tell: () => void): void {
    this.hasSpare = true;
    tell();
    if (!this.hasSpare) return;
    this.hasSpare = false;
    this.leave();
  }

  private publish(): void {
    this.report.occupied(this.admission.waiting, this.admission.active);
  }
}
