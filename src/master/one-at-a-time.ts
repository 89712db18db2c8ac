/**
 * Works that must not overlap (reloads, upgrades): each begins when the one before has ended.
 */
export class OneAtATime {
  private last: Promise<unknown> = Promise.resolve();

  /** Resolves (or rejects) as the work does. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work, work);
    this.last = done.catch(() => {});
    return done;
  }
}
