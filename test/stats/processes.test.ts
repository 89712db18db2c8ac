/** The statistics file between real processes: several writers, a reader, a master that folds. */
import { describe, expect, test } from "bun:test";
import { COUNTER_COUNT, Counter, Gauge, Identity, SlotState } from "../../src/stats/layout.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { readRequestRing } from "../../src/stats/request-ring.ts";
import { serve, TemporarySegment } from "./temporary-segment.ts";

function spawn(script: string, ...parameters: (string | number)[]) {
  return Bun.spawn([process.execPath, `${import.meta.dir}/children/${script}`, ...parameters.map(String)], {
    stdout: "pipe",
    stderr: "inherit",
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await Bun.sleep(1);
}

describe("workers that write while the master reads", () => {
  test("the totals are exact, to the request, before and after folding, and never go backwards", async () => {
    const WORKERS = 3;
    const REQUESTS = 60_000;
    using temporary = new TemporarySegment({ workers: WORKERS });
    const { segment } = temporary;
    const slots = Array.from({ length: WORKERS }, (_, worker) => segment.claimSlot(worker, 1));
    const workers = slots.map((slot) => spawn("write-slot.ts", temporary.path, slot, REQUESTS));
    let last = readStatistics(segment).total.cells;
    let areDone = false;
    const ended = Promise.all(workers.map((worker) => worker.exited)).then(() => (areDone = true));
    while (!areDone) {
      const { total } = readStatistics(segment);
      for (let counter = 0; counter < COUNTER_COUNT; counter++) {
        if (total.cells[counter]! < last[counter]!) throw new Error(`counter ${counter} went backwards`);
      }
      last = total.cells;
      await Bun.sleep(0);
    }
    await ended;
    const expected = WORKERS * REQUESTS;
    const check = (): void => {
      const { total, consistent } = readStatistics(segment);
      const cells = total.cells;
      expect(consistent).toBe(true);
      expect([cells[Counter.Requests], cells[Counter.CacheHits], total.responses]).toEqual([
        expected,
        expected,
        expected,
      ]);
      expect(total.byStatus()).toEqual([
        [200, (expected * 2) / 3],
        [404, expected / 3],
      ]);
      expect(cells[Counter.OctetsOut]).toBe(10 * expected);
      expect(cells[Gauge.RequestsInFlight]).toBe(0);
      expect(cells[Counter.LatencyMicroseconds]).toBe(WORKERS * (REQUESTS / 1000) * ((999 * 1000) / 2));
    };
    check();
    expect(slots.map((slot) => segment.slot(slot).state)).toEqual(slots.map(() => SlotState.Draining));
    expect(slots.map((slot) => segment.slot(slot).values[Identity.Pid])).toEqual(workers.map((worker) => worker.pid));
    for (const slot of slots) {
      segment.foldSlot(slot);
      check();
    }
  });

  test("a worker that is killed leaves its last requests, and the sum stays whole", async () => {
    using temporary = new TemporarySegment();
    const { segment } = temporary;
    const slot = segment.slot(segment.claimSlot(0, 1));
    const worker = spawn("write-slot.ts", temporary.path, slot.index, Number.POSITIVE_INFINITY);
    await until(() => slot.values[Counter.Requests]! > 1000);
    worker.kill("SIGKILL");
    await worker.exited;
    segment.markDead(slot.index);
    const entries = readRequestRing(segment, slot.index);
    expect(entries.length).toBeGreaterThanOrEqual(255); // the record being written when it died may be missing
    expect(entries.every((entry) => entry.path.startsWith("/") && entry.method !== "UNKNOWN")).toBe(true);
    expect(entries.filter((entry) => entry.state === "in flight").length).toBeLessThanOrEqual(1);
    segment.foldSlot(slot.index);
    const { total } = readStatistics(segment);
    const accounted = total.responses + total.cells[Counter.RequestsAborted]!;
    expect(Math.abs(total.cells[Counter.Requests]! - accounted)).toBeLessThanOrEqual(1);
  });
});

test("a reader in another process sees no counter go backwards while slots come and go", async () => {
  using temporary = new TemporarySegment({ slotCount: 6, workers: 1 });
  const { segment } = temporary;
  const watcher = spawn("watch-totals.ts", temporary.path);
  await until(() => segment.cacheGeneration >= 1);
  const ROUNDS_MIN = 20_000;
  let round = 0;
  for (; round < ROUNDS_MIN || segment.cacheGeneration <= 11; round++) {
    const slot = temporary.ready(0, round);
    for (let request = 0; request < 5; request++) serve(slot, "/", 200, 100, 7);
    segment.markDead(slot.index);
    segment.foldSlot(slot.index);
  }
  segment.workersConfigured = 2;
  const found = JSON.parse(await watcher.stdout.text());
  expect(await watcher.exited).toBe(0);
  expect(found).toMatchObject({ backwards: 0, requests: 5 * round });
  expect(found.readings).toBeGreaterThan(10);
});
