/**
 * Requests whose responses are in the outbox: they are finished, for the statistics, when it has been flushed.
 *
 * Units: milliseconds of the monotonic clock.
 * Keeps: as many as the outbox has pieces; allocates nothing.
 */
import type { Slot } from "../stats/slot.ts";
import { PIECES_MAX } from "./outbox.ts";

export class UnfinishedRequests {
  private readonly sequences = new Int32Array(PIECES_MAX);
  private readonly statuses = new Int32Array(PIECES_MAX);
  private readonly startedMs = new Float64Array(PIECES_MAX);
  private count = 0;

  add(sequence: number, status: number, startedMs: number): void {
    const index = this.count++;
    this.sequences[index] = sequence;
    this.statuses[index] = status;
    this.startedMs[index] = startedMs;
  }

  /** All of them ended now: one reading of the clock serves a whole batch. */
  finish(slot: Slot, nowMs: number): void {
    for (let index = 0; index < this.count; index++) {
      const microseconds = Math.round((nowMs - this.startedMs[index]!) * 1000);
      slot.requestFinished(this.sequences[index]!, this.statuses[index]!, microseconds, 0);
    }
    this.count = 0;
  }
}
