/**
 * Work off the event loop that is done once for all who ask for it meanwhile.
 *
 * In:    a key for what is done; how to begin it, should it not be under way; who wants to know what came of it.
 * Out:   the outcome, to everyone who asked before it was there.
 * Keeps: each piece of work has one of the places, or waits for one (places.ts); who joins needs none.
 */
import type { Places } from "./places.ts";

export class SharedWork<Outcome> {
  private readonly underWay = new Map<string, ((outcome: Outcome) => void)[]>();

  /** `passesOn`: the place is kept for what its waiters begin next. */
  constructor(
    private readonly places: Places,
    private readonly passesOn = false,
  ) {}

  isUnderWay(key: string | null): boolean {
    return key !== null && this.underWay.has(key);
  }

  /**
   * Calls `tell` with the outcome, once; false when there is no place, not even in the queue. `begin` calls back once. `key`: null
   * for work that nobody shares.
   */
  ask(
    key: string | null,
    begin: (done: (outcome: Outcome) => void) => void,
    tell: (outcome: Outcome) => void,
  ): boolean {
    const others = key === null ? undefined : this.underWay.get(key);
    if (others !== undefined) {
      others.push(tell);
      return true;
    }
    const waiting = [tell];
    if (key !== null) this.underWay.set(key, waiting);
    const isTaken = this.places.take({ start: () => begin((outcome) => this.finish(key, waiting, outcome)) });
    if (!isTaken && key !== null) this.underWay.delete(key);
    return isTaken;
  }

  private finish(key: string | null, waiting: readonly ((outcome: Outcome) => void)[], outcome: Outcome): void {
    if (key !== null) this.underWay.delete(key);
    const tellAll = (): void => {
      for (const tell of waiting) tell(outcome);
    };
    if (this.passesOn) return this.places.passOn(tellAll);
    this.places.leave();
    tellAll();
  }
}
