/**
 * Which stream sends next (RFC 9218 §10): streams that have something to send, and a window that lets them.
 *
 *   1  the lowest urgency
 *   2  in it, small responses, in the order of their streams: who asks for little never waits behind who asks for much
 *   3  then in turns: those that are incremental, and, as one of them, the first of those that aren't
 *
 * Keeps: streams are few (`max_concurrent_streams`), so the next one is found by a look at each; nothing is allocated but the list.
 */
import { isIncremental, type Priority, urgencyOf } from "./priority.ts";

/** A stream, as far as its turn depends on it. */
export interface Sendable {
  readonly id: number;
  readonly priority: Priority;
  /** All of it fits into one frame. */
  readonly isSmall: boolean;
  /** When it last had its turn, 0 at first; the queue writes it. */
  lastTurn: number;
  /** Whether it is in the queue; the queue writes it. */
  isQueued: boolean;
}

export class SendQueue<S extends Sendable> {
  private readonly streams: S[] = [];
  private turn = 0;

  get isEmpty(): boolean {
    return this.streams.length === 0;
  }

  /** Does nothing if it is here already. */
  add(stream: S): void {
    if (stream.isQueued) return;
    stream.isQueued = true;
    this.streams.push(stream);
  }

  /** Does nothing if it isn't here. */
  remove(stream: S): void {
    if (!stream.isQueued) return;
    stream.isQueued = false;
    const index = this.streams.indexOf(stream);
    const last = this.streams.pop()!;
    if (last !== stream) this.streams[index] = last;
  }

  /** The stream whose turn it is: to send a frame's worth. It stays in the queue. */
  next(): S | null {
    const best = this.best();
    if (best !== null) best.lastTurn = ++this.turn;
    return best;
  }

  /** Those that are here; `visit` mustn't add or remove any. */
  forEach(visit: (stream: S) => void): void {
    for (const stream of this.streams) visit(stream);
  }

  private best(): S | null {
    let urgency = Number.POSITIVE_INFINITY;
    let small: S | null = null;
    let first: S | null = null;
    let turning: S | null = null;
    for (const stream of this.streams) {
      const ownUrgency = urgencyOf(stream.priority);
      if (ownUrgency > urgency) continue;
      if (ownUrgency < urgency) {
        urgency = ownUrgency;
        small = first = turning = null;
      }
      if (stream.isSmall) small = small === null || stream.id < small.id ? stream : small;
      else if (!isIncremental(stream.priority)) first = first === null || stream.id < first.id ? stream : first;
      else turning = turning === null || isBefore(stream, turning) ? stream : turning;
    }
    if (small !== null) return small;
    if (first === null || turning === null) return first ?? turning;
    return turning.lastTurn <= first.lastTurn ? turning : first;
  }
}

/** Whether `one` has waited longer for its turn than `other`. */
function isBefore(one: Sendable, other: Sendable): boolean {
  return one.lastTurn < other.lastTurn || (one.lastTurn === other.lastTurn && one.id < other.id);
}
