/**
 * Bounded work on the slow path: a fixed number of running and of waiting tasks.
 *
 * In:    `threads_per_worker` places and a ring of `queue_size` waiting tasks.
 * Out:   `admit` says at once whether a task was taken; a refused one is answered with 503 (RFC 9110 §15.6.4).
 * Keeps: first come, first served; a task ends by `release`, exactly once; nothing is allocated after construction.
 */

export interface Task {
  /** Begins the work; the task calls `release` when it is done. */
  start(): void;
}

export class Admission {
  /** Places taken. */
  active = 0;
  /** Tasks in the ring. */
  waiting = 0;
  private readonly ring: (Task | null)[];
  private first = 0;

  constructor(
    private readonly places: number,
    queueSize: number,
  ) {
    this.ring = new Array<Task | null>(queueSize).fill(null);
  }

  /** Whether a task that is admitted now starts now. */
  get hasPlace(): boolean {
    return this.active < this.places;
  }

  /** Starts the task or queues it; false when the ring is full. */
  admit(task: Task): boolean {
    if (this.hasPlace) {
      this.active++;
      task.start();
      return true;
    }
    if (this.waiting === this.ring.length) return false;
    this.ring[(this.first + this.waiting) % this.ring.length] = task;
    this.waiting++;
    return true;
  }

  /** A task has ended: its place goes to the one that has waited longest. */
  release(): void {
    if (this.waiting === 0) {
      this.active--;
      return;
    }
    const task = this.ring[this.first]!;
    this.ring[this.first] = null;
    this.first = (this.first + 1) % this.ring.length;
    this.waiting--;
    task.start();
  }
}
