/**
 * Deadlines of all connections, to the second, with one timer for all of them.
 *
 * A wheel of lists, one per second. A deadline that moves later, as it does with every request, is only written down:
 * when its old second comes round, the node is put where it belongs now. One that moves earlier is moved at once.
 *
 * Units: `tick` and `deadline` in seconds since the wheel was made (`WheelSecond`); durations in seconds.
 * Keeps: `setDeadline` is a store in the common case; nothing is allocated; a node is on at most one list.
 */
import { type Seconds, WheelSecond } from "../units.ts";

/** Longest wait that a list stands for; a later deadline is checked again after so many seconds. */
const WHEEL_SECONDS = 128;

/** A member of a wheel; connections have these fields. */
export interface Timed {
  /** The second in which it expires. */
  deadline: WheelSecond;
  /** The second whose list it is on; -1 = none. */
  scheduled: number;
  wheelNext: Timed | null;
  wheelPrevious: Timed | null;
  /** Its deadline has passed. */
  expired(): void;
}

export class TimerWheel {
  tick = WheelSecond(0);
  private readonly lists: (Timed | null)[] = new Array<Timed | null>(WHEEL_SECONDS).fill(null);

  /** `node` expires when at least `seconds` and at most one more second have gone by. */
  setDeadline(node: Timed, seconds: Seconds): void {
    const deadline = WheelSecond(this.tick + Math.ceil(seconds) + 1);
    node.deadline = deadline;
    if (node.scheduled !== -1 && node.scheduled <= deadline) return;
    if (node.scheduled !== -1) this.unlink(node);
    this.link(node);
  }

  /** `node` expires no more. */
  remove(node: Timed): void {
    if (node.scheduled !== -1) this.unlink(node);
  }

  /**
   * Call once a second. Nodes may be removed, or given a new deadline, while it runs. After `countMax` of them have expired
   * it stops and returns false: then `proceed` goes on, at the latest the next `advance`.
   */
  advance(countMax = Number.POSITIVE_INFINITY): boolean {
    this.proceed(Number.POSITIVE_INFINITY);
    this.tick = WheelSecond(this.tick + 1);
    return this.proceed(countMax);
  }

  /** Goes on with this second's list; true when it is done. */
  proceed(countMax: number): boolean {
    const index = this.tick % WHEEL_SECONDS;
    let count = 0;
    let node = this.lists[index] as Timed | null;
    while (node !== null) {
      if (count === countMax) return false;
      this.unlink(node);
      if (node.deadline > this.tick) {
        this.link(node); // never onto this list: it stands for another second
      } else {
        node.expired();
        count++;
      }
      node = this.lists[index] as Timed | null;
    }
    return true;
  }

  private link(node: Timed): void {
    const second = Math.min(node.deadline, this.tick + WHEEL_SECONDS - 1);
    const index = second % WHEEL_SECONDS;
    const first = this.lists[index]!;
    node.scheduled = second;
    node.wheelPrevious = null;
    node.wheelNext = first;
    if (first !== null) first.wheelPrevious = node;
    this.lists[index] = node;
  }

  private unlink(node: Timed): void {
    const { wheelPrevious, wheelNext } = node;
    if (wheelPrevious !== null) wheelPrevious.wheelNext = wheelNext;
    else this.lists[node.scheduled % WHEEL_SECONDS] = wheelNext;
    if (wheelNext !== null) wheelNext.wheelPrevious = wheelPrevious;
    node.wheelNext = null;
    node.wheelPrevious = null;
    node.scheduled = -1;
  }
}
