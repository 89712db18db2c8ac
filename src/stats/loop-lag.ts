/**
 * How late the event loop is: how long a request has to wait before it is handled.
 *
 * In:    a slot. Out: its histogram of lag, its counts of pauses, its worst lag.
 * How:   a timer that is due every SAMPLE_MS; how late it fires is the lag. Something that blocks the loop for P shows as a
 *        lag between P - SAMPLE_MS and P: from 10 ms on each block counts as a pause, of shorter ones only some.
 *        While no requests arrive nothing waits and nothing is measured; one check per second notices them.
 * Cause: the runtime doesn't report its garbage collections. An object held only by a weak reference is
 *        gone after one, so a pause during which it disappeared is attributed to collection ("gc"), any other to
 *        "other": saker's own code, a disk, or another process running on this CPU.
 * Cost:  200 short callbacks a second under load, none of them in a request's way, and an object for each collection.
 */
import { Counter, Gauge } from "./layout.ts";
import { lagBucketOf } from "./lag-histogram.ts";
import type { Slot } from "./slot.ts";

export const SAMPLE_MS = 5;

/** Longer lags are counted as pauses. */
export const PAUSE_MS = 5;

/** How often to check whether there are requests. */
const LOOK_MS = 1000;

/** Measures from now on, until the returned function is called. Does not keep the process alive. */
export function startLoopLag(slot: Slot, lookMs: number = LOOK_MS): () => void {
  const { values } = slot;
  let canary = new WeakRef({});
  let dueMs = 0;
  let requests = values[Counter.Requests]!;
  let sampler: ReturnType<typeof setInterval> | null = null;

  const sample = (): void => {
    const nowMs = performance.now();
    const lagMs = Math.max(0, nowMs - dueMs);
    dueMs = nowMs + SAMPLE_MS;
    const isCollected = canary.deref() === undefined;
    if (isCollected) canary = new WeakRef({});
    noteLag(slot, lagMs, isCollected);
  };

  const look = (): void => {
    const isBusy = values[Counter.Requests] !== requests;
    requests = values[Counter.Requests]!;
    if (isBusy === (sampler !== null)) return;
    if (sampler !== null) clearInterval(sampler);
    sampler = null;
    if (!isBusy) return;
    dueMs = performance.now() + SAMPLE_MS;
    sampler = setInterval(sample, SAMPLE_MS);
    sampler.unref();
  };

  const looker = setInterval(look, lookMs);
  looker.unref();
  return () => {
    clearInterval(looker);
    if (sampler !== null) clearInterval(sampler);
  };
}

/** Counts one measurement. `isCollected`: there was a garbage collection since the one before. */
export function noteLag({ values }: Slot, lagMs: number, isCollected: boolean): void {
  const lagMicroseconds = Math.round(lagMs * 1000); // whole: sums of fractions depend on their order, and could go backwards
  values[Counter.LagFirst + lagBucketOf(lagMicroseconds)]! += 1;
  values[Counter.LagMicroseconds]! += lagMicroseconds;
  if (lagMs > PAUSE_MS) values[isCollected ? Counter.PausesCollection : Counter.PausesOther]! += 1;
  if (lagMs > values[Gauge.LoopLagMsMax]!) values[Gauge.LoopLagMsMax] = lagMs;
}
