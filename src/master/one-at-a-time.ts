/**
 * Tasks that must not overlap (reloads, upgrades): each begins when the previous one has ended.
 */
export class OneAtATime {
  private last: Promise<unknown> = Promise.resolve();

  /** Resolves (or rejects) as the task does. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work, work);
    this.last = done.catch(() => {});
    return done;
  }
}
