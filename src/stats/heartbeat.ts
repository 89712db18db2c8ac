/**
 * Heartbeats: how a worker shows that its event loop is running, and how the master notices that it is not.
 *
 * In:    a slot. Out: the slot's heartbeat, RSS and loop lag; for the master, whether a slot has gone silent.
 * Units: ms.
 * Keeps: heartbeats are wall-clock times (so that any reader can tell their age), but the master judges by whether they
 *        change and measures by its own monotonic clock: a step of the wall clock kills no worker, nor does a pause
 *        of the whole machine, after which the master is awake first.
 */

import { Gauge, Identity } from "./layout.ts";
import type { Slot } from "./slot.ts";

const HEARTBEAT_INTERVAL_MS = 1000;

/** Worker: beats now and then every second, until the returned function is called. Does not keep the process alive. */
export function startHeartbeat(slot: Slot, intervalMs: number = HEARTBEAT_INTERVAL_MS): () => void {
  let dueMs = performance.now() + intervalMs;
  const beat = (): void => {
    const nowMs = performance.now();
    const lagMs = Math.max(0, nowMs - dueMs);
    dueMs = nowMs + intervalMs;
    slot.values[Gauge.LoopLagMs] = lagMs;
    if (lagMs > slot.values[Gauge.LoopLagMsMax]!) slot.values[Gauge.LoopLagMsMax] = lagMs;
    slot.values[Gauge.RssOctets] = process.memoryUsage.rss();
    slot.heartbeat();
  };
  slot.values[Gauge.RssOctets] = process.memoryUsage.rss();
  slot.heartbeat();
  const timer = setInterval(beat, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** Master: one for all slots. */
export class HeartbeatWatch {
  /** By slot number: the heartbeat seen last, the pid that wrote it, and when (monotonic) it was new. */
  private readonly seen = new Map<number, { beat: number; pid: number; changedMs: number }>();
  private lookedMs = Number.NaN;

  constructor(private readonly staleMs: number) {}

  /**
   * Of `slots`, those whose heartbeat has not changed for more than `staleMs`. Call it once a second or more often with all
   * slots that have a running worker; `nowMs` is monotonic (`performance.now()`).
   */
  staleSlots(slots: Iterable<Slot>, nowMs: number = performance.now()): Slot[] {
    // The master itself was held up: the cause may have stopped the workers too. Start measuring anew.
    if (nowMs - this.lookedMs > this.staleMs / 2) this.seen.clear();
    this.lookedMs = nowMs;
    const stale: Slot[] = [];
    for (const slot of slots) {
      const beat = slot.values[Identity.HeartbeatMs]!;
      const pid = slot.values[Identity.Pid]!;
      const last = this.seen.get(slot.index);
      if (last === undefined || last.beat !== beat || last.pid !== pid) {
        this.seen.set(slot.index, { beat, pid, changedMs: nowMs });
      } else if (nowMs - last.changedMs > this.staleMs) {
        stale.push(slot);
      }
    }
    return stale;
  }
}
