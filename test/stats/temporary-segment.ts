/**
 * A statistics file for one test, removed with its folder when the test's scope ends.
 *
 * In:    slots and workers. Out: the segment and its path; `await using` or `using` cleans up.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SlotState } from "../../src/stats/layout.ts";
import { createSegment, type Segment } from "../../src/stats/segment.ts";
import type { Slot } from "../../src/stats/slot.ts";

export class TemporarySegment implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "saker-stats-"));
  readonly path = join(this.folder, "stats");
  readonly segment: Segment;

  constructor({ slotCount = 4, workers = 1, startedMs = Date.now() } = {}) {
    this.segment = createSegment(this.path, { slotCount, workersConfigured: workers, startedMs });
  }

  /** A slot with a worker that is ready. */
  ready(workerIndex = 0, generation = 1, nowMs = Date.now()): Slot {
    const slot = this.segment.slot(this.segment.claimSlot(workerIndex, generation, nowMs));
    slot.adopt(process.pid);
    slot.heartbeat(nowMs);
    slot.state = SlotState.Ready;
    return slot;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Counts a request and its response in one go. */
export function serve(slot: Slot, path = "/", status = 200, microseconds = 50, octetsOut = 0, method = 1): number {
  const bytes = Buffer.from(path, "latin1");
  const sequence = slot.requestStarted(Date.now(), method, bytes, 0, bytes.length);
  slot.responseStarted(status);
  slot.requestFinished(sequence, status, microseconds, octetsOut);
  return sequence;
}

/** A small reproducible generator of numbers in [0, 1) (mulberry32); print the seed when a property fails. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
