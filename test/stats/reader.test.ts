import { describe, expect, test } from "bun:test";
import { COUNTER_COUNT, Counter, Gauge, HeaderWord, Identity, SlotState } from "../../src/stats/layout.ts";
import { HEARTBEAT_STALE_MS, readStatistics } from "../../src/stats/reader.ts";
import { openSegment } from "../../src/stats/segment.ts";
import type { Slot } from "../../src/stats/slot.ts";
import { randomFrom, serve, TemporarySegment } from "./temporary-segment.ts";

describe("totals", () => {
  test("a fresh file is all zeros, and no worker is alive", () => {
    using temporary = new TemporarySegment({ workers: 2, startedMs: 1000 });
    const statistics = readStatistics(temporary.segment, 61_500);
    expect(statistics.total.cells.every((cell) => cell === 0)).toBe(true);
    expect([statistics.uptimeSeconds, statistics.workersConfigured, statistics.workersAlive]).toEqual([60.5, 2, 0]);
    expect([statistics.workers, statistics.slots, statistics.consistent]).toEqual([[null, null], [], true]);
    const { averageMs, hitRatio, responses } = statistics.total;
    expect([averageMs, hitRatio, responses, statistics.total.quantileMs(0.99)]).toEqual([0, 0, 0, 0]);
  });

  test("are base totals plus slots; gauges add up, lag is the worst", () => {
    using temporary = new TemporarySegment({ workers: 2 });
    const [gone, first, second] = [temporary.ready(0), temporary.ready(0), temporary.ready(1)];
    for (const slot of [gone, first, second]) serve(slot, "/", 200, 1000, 5);
    for (const [slot, lag] of [
      [gone, 9],
      [first, 3],
      [second, 1],
    ] as const) {
      slot.values[Gauge.ConnectionsActive] = 10;
      slot.values[Gauge.LoopLagMsMax] = lag;
      slot.values[Counter.CacheHits] = 3;
      slot.values[Counter.CacheMisses] = 1;
    }
    temporary.segment.foldSlot(gone.index);
    const { total } = readStatistics(temporary.segment);
    expect([total.cells[Counter.Requests], total.responses, total.cells[Counter.OctetsOut]]).toEqual([3, 3, 15]);
    expect([total.cells[Gauge.ConnectionsActive], total.cells[Gauge.LoopLagMsMax]]).toEqual([20, 3]);
    expect([total.averageMs, total.hitRatio]).toEqual([1, 0.75]);
  });

  test("a dead slot not yet folded still counts, but its gauges do not", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    serve(slot);
    slot.values[Gauge.RssOctets] = 1e6;
    temporary.segment.markDead(slot.index);
    const { total, slots } = readStatistics(temporary.segment);
    expect([total.cells[Counter.Requests], total.cells[Gauge.RssOctets], slots.length]).toEqual([1, 0, 1]);
  });

  test("are copies: they do not change afterwards", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    serve(slot);
    const { total, slots } = readStatistics(temporary.segment);
    serve(slot);
    expect([total.cells[Counter.Requests], slots[0]!.reading.cells[Counter.Requests]]).toEqual([1, 1]);
  });

  test("property: over claims, deaths and folds no counter goes backwards, and the sum is exact", () => {
    const seed = Date.now() >>> 0;
    const random = randomFrom(seed);
    using temporary = new TemporarySegment({ slotCount: 5, workers: 3 });
    const observer = openSegment(temporary.path);
    const live: Slot[] = [];
    let served = 0;
    let last = readStatistics(observer).total.cells;
    for (let step = 0; step < 3000; step++) {
      const choice = random();
      const index = Math.floor(random() * live.length);
      if (choice < 0.2 && live.length < 5) live.push(temporary.ready(Math.floor(random() * 3), step));
      else if (choice < 0.3 && live.length > 0) live[index]!.state = SlotState.Draining;
      else if (choice < 0.45 && live.length > 0) temporary.segment.foldSlot(live.splice(index, 1)[0]!.index);
      else if (live.length > 0) {
        serve(live[index]!, "/", 100 + Math.floor(random() * 500), random() * 1e6, Math.floor(random() * 1e6));
        served++;
      }
      const { total } = readStatistics(observer);
      for (let counter = 0; counter < COUNTER_COUNT; counter++) {
        if (total.cells[counter]! < last[counter]! - 1e-3)
          throw new Error(`seed ${seed}: counter ${counter}, step ${step}`);
      }
      expect(total.cells[Counter.Requests], `seed ${seed}`).toBe(served);
      last = total.cells;
    }
    expect(served).toBeGreaterThan(100);
  });
});

/** A state that a slot has come to by whatever way. */
function show(slot: Slot, state: SlotState): void {
  slot.values[Identity.State] = state;
}

describe("workers", () => {
  const NOW = 1_700_000_000_000;

  test.each([
    ["ready and beating", SlotState.Ready, 100, true],
    ["ready, beat in the future (a step of the clock)", SlotState.Ready, -5000, true],
    ["ready, just not stale", SlotState.Ready, HEARTBEAT_STALE_MS - 1, true],
    ["ready, but silent for 5 s", SlotState.Ready, HEARTBEAT_STALE_MS, false],
    ["starting", SlotState.Starting, 0, false],
    ["draining", SlotState.Draining, 0, false],
    ["dead", SlotState.Dead, 0, false],
  ])("%s", (_what, state, ageMs, isAlive) => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready(0, 1, NOW - ageMs);
    show(slot, state);
    const statistics = readStatistics(temporary.segment, NOW);
    expect(statistics.workers[0]!.isAlive).toBe(isAlive);
    expect(statistics.workersAlive).toBe(isAlive ? 1 : 0);
    expect(statistics.workers[0]!.heartbeatAgeMs).toBe(Math.max(0, ageMs));
  });

  test("a slot tells its owner's numbers", () => {
    using temporary = new TemporarySegment({ workers: 2 });
    temporary.segment.noteRestart(1);
    const slot = temporary.ready(1, 4, NOW);
    const { reading: _, ...worker } = readStatistics(temporary.segment, NOW + 250).workers[1]!;
    expect(worker).toEqual({
      slot: slot.index,
      workerIndex: 1,
      generation: 4,
      pid: process.pid,
      state: SlotState.Ready,
      startedMs: NOW,
      heartbeatAgeMs: 250,
      isAlive: true,
      restarts: 1,
    });
  });

  test("during a reload a worker index has two slots, counts once, and shows the one that is alive", () => {
    using temporary = new TemporarySegment({ workers: 2 });
    const old = temporary.ready(0, 1, NOW);
    const young = temporary.ready(0, 2, NOW + 10);
    temporary.ready(1, 1, NOW);
    show(young, SlotState.Starting);
    expect(readStatistics(temporary.segment, NOW + 20).workers[0]!.slot).toBe(old.index);
    young.state = SlotState.Ready;
    old.state = SlotState.Draining;
    const statistics = readStatistics(temporary.segment, NOW + 20);
    expect(statistics.workers.map((worker) => worker!.generation)).toEqual([2, 1]);
    expect(statistics.slots.map((slot) => [slot.workerIndex, slot.generation])).toEqual([
      [0, 1],
      [0, 2],
      [1, 1],
    ]);
    expect(statistics.workersAlive).toBe(2);
  });

  test("without one that is alive the youngest shows", () => {
    using temporary = new TemporarySegment();
    temporary.ready(0, 1, NOW).state = SlotState.Draining;
    show(temporary.ready(0, 2, NOW + 5), SlotState.Starting);
    expect(readStatistics(temporary.segment, NOW + 20).workers[0]!.generation).toBe(2);
  });

  test("a worker beyond the configured number (a rescale) is seen, but counts for no one", () => {
    using temporary = new TemporarySegment({ workers: 1 });
    temporary.ready(5, 1, NOW);
    const statistics = readStatistics(temporary.segment, NOW);
    expect([statistics.workersAlive, statistics.slots.length, statistics.workers]).toEqual([0, 1, [null]]);
  });
});

describe("a base total that is being written", () => {
  test("in the middle of a reading makes it read again: nothing is missed or counted twice", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    for (let request = 0; request < 5; request++) serve(slot);
    const observer = openSegment(temporary.path);
    const seen = observer.slot(slot.index);
    let looks = 0;
    Object.defineProperty(seen, "state", {
      get: () => {
        if (++looks === 1) temporary.segment.foldSlot(slot.index); // base totals are copied, this slot is not yet
        return seen.values[Identity.State];
      },
    });
    const { total, consistent } = readStatistics(observer);
    expect([total.cells[Counter.Requests], consistent, looks]).toEqual([5, true, 2]);
  });

  test("forever, by a master that died: the reading is returned all the same, marked as inconsistent", () => {
    using temporary = new TemporarySegment();
    serve(temporary.ready());
    Atomics.add(temporary.segment.words, HeaderWord.Sequence, 1);
    const statistics = readStatistics(temporary.segment);
    expect([statistics.consistent, statistics.total.cells[Counter.Requests]]).toEqual([false, 1]);
  });
});

test("heartbeats can be told from anywhere: they are times of day", () => {
  using temporary = new TemporarySegment();
  const slot = temporary.ready();
  const before = Date.now();
  slot.heartbeat();
  expect(slot.values[Identity.HeartbeatMs]).toBeGreaterThanOrEqual(before);
});
