/**
 * The start of a server: from its first worker to the moment when every seat is served, or when it is known that some can't be, or
 * all. Workers that are started after it find settings that have been served with.
 *
 * In:    workers that are ready, attempts that failed, and why.
 * Out:   the outcome, for who waits for it. StartError when a worker reports that it can't start, or none does.
 * Keeps: there is one outcome; what is said later changes nothing.
 */
import { StartAttempts, Verdict } from "./start-attempts.ts";
import { StartError } from "./start-error.ts";

export class FirstStart {
  private readonly attempts = new StartAttempts(performance.now());
  private readonly outcome = Promise.withResolvers<void>();
  private hasEnded = false;

  constructor() {
    this.outcome.promise.catch(() => {}); // it may come when nothing waits for it any more
  }

  /** Whether who waited for it knows the outcome, or there was nothing to wait for. */
  get isOver(): boolean {
    return this.hasEnded;
  }

  /** Resolves or rejects with the outcome. */
  async end(): Promise<void> {
    try {
      await this.outcome.promise;
    } finally {
      this.hasEnded = true;
    }
  }

  /** Workers of the previous program serve already. */
  skip(): void {
    this.hasEnded = true;
  }

  /** A worker accepts connections. */
  noteServed(): void {
    this.attempts.noteServed();
  }

  /** Nothing is left to wait for: every seat is served, or the server stops. */
  complete(): void {
    this.outcome.resolve();
  }

  /** Notes an attempt that failed, of which `problem` tells; true when it was the last one, because no worker serves. */
  failed(problem: string): boolean {
    const verdict = this.isOver ? Verdict.TryAgain : this.attempts.failed(performance.now());
    if (verdict === Verdict.ServeWithout) this.complete();
    if (verdict === Verdict.GiveUp) this.refuse(problem);
    return verdict === Verdict.GiveUp;
  }

  refuse(reason: string): void {
    this.outcome.reject(new StartError(reason));
  }
}
