/**
 * Connections that wait for a request, in the order in which they began to: the oldest makes room when there are too many.
 *
 * In:    connections that carry their links; the current second of the timer wheel (timer-wheel.ts).
 * Out:   `oldest`: the one that has waited longest, to the second.
 * Units: seconds.
 * Keeps: every operation is O(1) and allocates nothing; a connection is on at most one list.
 * Why by the second: a busy keep-alive connection begins to wait again after each response. It is moved once a second at
 *        most, so a response costs two comparisons and no store.
 */

import type { WheelSecond } from "../units.ts";

/** A member of a list; connections have these fields. */
export interface Waiter {
  /** The list it is on; null = none. */
  waitingList: WaitingList | null;
  /** The second in which it began to wait. */
  waitingSince: WheelSecond;
  waitingNext: Waiter | null;
  waitingPrevious: Waiter | null;
  /** It makes room for another. */
  giveWay(): void;
}

export class WaitingList {
  oldest: Waiter | null = null;
  private newest: Waiter | null = null;

  /** `waiter` begins to wait in this second, whether or not it waited before. */
  add(waiter: Waiter, second: WheelSecond): void {
    if (waiter.waitingList === this && waiter.waitingSince === second) return;
    waiter.waitingList?.remove(waiter);
    waiter.waitingList = this;
    waiter.waitingSince = second;
    waiter.waitingPrevious = this.newest;
    if (this.newest !== null) this.newest.waitingNext = waiter;
    else this.oldest = waiter;
    this.newest = waiter;
  }

  /** A member waits no more. */
  remove(waiter: Waiter): void {
    const { waitingNext, waitingPrevious } = waiter;
    if (waitingPrevious !== null) waitingPrevious.waitingNext = waitingNext;
    else this.oldest = waitingNext;
    if (waitingNext !== null) waitingNext.waitingPrevious = waitingPrevious;
    else this.newest = waitingPrevious;
    waiter.waitingNext = null;
    waiter.waitingPrevious = null;
    waiter.waitingList = null;
  }
}
