import { describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  Counter,
  Gauge,
  HEADER_OCTETS,
  HeaderCell,
  HeaderWord,
  Identity,
  LAYOUT_VERSION,
  SLOT_OCTETS,
  SlotState,
  segmentOctets,
  WORKERS_MAX,
} from "../../src/stats/layout.ts";
import { readRequestRing } from "../../src/stats/request-ring.ts";
import {
  createSegment,
  openSegment,
  SegmentError,
  SLOTS_MAX,
  slotCountFor,
  snapshotSegment,
} from "../../src/stats/segment.ts";
import { serve, TemporarySegment } from "./temporary-segment.ts";

describe("createSegment", () => {
  test("makes the file with its full size, on disk and not only in name, readable by the group", () => {
    using temporary = new TemporarySegment({ slotCount: 3 });
    const status = statSync(temporary.path);
    expect(status.size).toBe(segmentOctets(3));
    expect(status.size).toBe(HEADER_OCTETS + 3 * SLOT_OCTETS);
    expect(status.blocks * 512).toBeGreaterThanOrEqual(status.size);
    expect(status.mode & 0o777 & ~0o640).toBe(0);
  });

  test("records its maker, the time, and the number of workers", () => {
    using temporary = new TemporarySegment({ slotCount: 9, workers: 2, startedMs: 12345 });
    const { segment } = temporary;
    expect(segment.slots).toHaveLength(9);
    expect([segment.masterPid, segment.startedMs, segment.workersConfigured]).toEqual([process.pid, 12345, 2]);
    expect(segment.slots.every((slot) => slot.state === SlotState.Free)).toBe(true);
  });

  test("replaces a stale file, whose old mappings live on", () => {
    using temporary = new TemporarySegment();
    serve(temporary.ready());
    const renewed = createSegment(temporary.path, { slotCount: 1, workersConfigured: 1 });
    expect(renewed.slot(0).values[Counter.Requests]).toBe(0);
    expect(temporary.segment.slot(0).values[Counter.Requests]).toBe(1);
    expect(openSegment(temporary.path).slots).toHaveLength(1);
  });

  test.each([0, -1, 1.5, Number.NaN, SLOTS_MAX + 1])("refuses %p slots and makes no file", (slotCount) => {
    using temporary = new TemporarySegment();
    const path = join(temporary.folder, "other");
    expect(() => createSegment(path, { slotCount, workersConfigured: 1 })).toThrow(SegmentError);
    expect(existsSync(path)).toBe(false);
  });

  test.each([0, -1, 2.5, Number.NaN, WORKERS_MAX + 1])("refuses %p workers", (workers) => {
    using temporary = new TemporarySegment();
    expect(() => (temporary.segment.workersConfigured = workers)).toThrow(/number of workers must be an integer/);
  });

  test("says which file could not be made", () => {
    const path = "/nonexistent-folder/stats";
    expect(() => createSegment(path, { slotCount: 1, workersConfigured: 1 })).toThrow(
      /^statistics file \/nonexistent-folder\/stats: cannot be created with \d+ octets: .*ENOENT/,
    );
  });
});

describe("openSegment and snapshotSegment refuse, with the path and the reason,", () => {
  const damage: [string, (path: string) => void, RegExp][] = [
    ["an empty file", (path) => writeFileSync(path, ""), /is too short \(0 octets\)/],
    ["a short file", (path) => writeFileSync(path, "SAKERSTA"), /is too short \(8 octets\)/],
    ["a header without slots", (path) => truncateSync(path, HEADER_OCTETS), /is too short/],
    ["zeros", (path) => writeFileSync(path, new Uint8Array(segmentOctets(4))), /no magic/],
    ["another kind of file", (path) => writeFileSync(path, "x".repeat(segmentOctets(4))), /no magic/],
    ["a cut file", (path) => truncateSync(path, segmentOctets(4) - 1), /has \d+ octets where 4 slots need \d+/],
    ["a file that is too long", (path) => truncateSync(path, segmentOctets(5)), /has \d+ octets where 4 slots need/],
    ["another layout", (path) => poke(path, HeaderCell.LayoutVersion, LAYOUT_VERSION + 1), /has layout version 4/],
    ["slots of another size", (path) => poke(path, HeaderCell.SlotOctets, 8192), /has slots of 8192 octets/],
    ["no slots", (path) => poke(path, HeaderCell.SlotCount, 0), /number of slots must be/],
    ["a fraction of a slot", (path) => poke(path, HeaderCell.SlotCount, 3.5), /number of slots must be/],
    ["too many slots", (path) => poke(path, HeaderCell.SlotCount, 1e9), /number of slots must be/],
    ["more slots than it has", (path) => poke(path, HeaderCell.SlotCount, 5), /5 slots need/],
    ["a wrong size in the header", (path) => poke(path, HeaderCell.SegmentOctets, 1), /4 slots need/],
  ];

  function poke(path: string, cell: HeaderCell, value: number): void {
    const octets = new Uint8Array(readFileSync(path));
    new Float64Array(octets.buffer, 0, 64)[cell] = value;
    writeFileSync(path, octets);
  }

  test.each(damage)("%s", (_what, spoil, reason) => {
    using temporary = new TemporarySegment();
    const path = join(temporary.folder, "spoilt");
    copyFileSync(temporary.path, path); // never spoil a file that is mapped
    spoil(path);
    for (const open of [openSegment, snapshotSegment]) {
      expect(() => open(path)).toThrow(SegmentError);
      expect(() => open(path)).toThrow(reason);
      expect(() => open(path)).toThrow(path);
    }
  });

  test("a file that does not exist", () => {
    expect(() => openSegment("/nonexistent/stats")).toThrow(/cannot be opened: .*ENOENT/);
    expect(() => snapshotSegment("/nonexistent/stats")).toThrow(/cannot be read: .*ENOENT/);
  });

  test.skipIf(process.getuid?.() === 0)("a file they may not read (root may)", () => {
    using temporary = new TemporarySegment();
    chmodSync(temporary.path, 0);
    expect(() => openSegment(temporary.path)).toThrow(/cannot be opened: .*EACCES/);
    expect(() => snapshotSegment(temporary.path)).toThrow(/cannot be read: .*EACCES/);
  });
});

describe("an opened segment", () => {
  test("is the same memory: what one writes the other reads", () => {
    using temporary = new TemporarySegment();
    const other = openSegment(temporary.path);
    serve(temporary.ready());
    expect(other.slot(0).values[Counter.Requests]).toBe(1);
    expect(other.raiseCacheGeneration()).toBe(1);
    expect(temporary.segment.cacheGeneration).toBe(1);
    expect(temporary.segment.words[HeaderWord.CacheGeneration]).toBe(1);
  });

  test("a snapshot is not: it stays as it was", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    serve(slot);
    const snapshot = snapshotSegment(temporary.path);
    serve(slot);
    expect(snapshot.slot(0).values[Counter.Requests]).toBe(1);
    expect(snapshotSegment(temporary.path).slot(0).values[Counter.Requests]).toBe(2);
  });

  test("a snapshot of a file whose master died in a fold is taken all the same", () => {
    using temporary = new TemporarySegment();
    serve(temporary.ready());
    Atomics.add(temporary.segment.words, HeaderWord.Sequence, 1);
    expect(snapshotSegment(temporary.path).slot(0).values[Counter.Requests]).toBe(1);
  });

  test.each([-1, 4, 0.5, Number.NaN])("has no slot %p", (index) => {
    using temporary = new TemporarySegment({ slotCount: 4 });
    expect(() => temporary.segment.slot(index)).toThrow(RangeError);
  });
});

describe("life of a slot", () => {
  test("claimed: starting, with its owner's numbers and an empty ring", () => {
    using temporary = new TemporarySegment();
    const { segment } = temporary;
    const index = segment.claimSlot(3, 7, 99_000);
    const { values, state } = segment.slot(index);
    expect(state).toBe(SlotState.Starting);
    const identity = [
      Identity.WorkerIndex,
      Identity.Generation,
      Identity.StartedMs,
      Identity.HeartbeatMs,
      Identity.Pid,
    ];
    expect(identity.map((cell) => values[cell])).toEqual([3, 7, 99_000, 99_000, 0]);
    expect(readRequestRing(segment, index)).toEqual([]);
  });

  test("-1 when every slot is taken, until one is folded", () => {
    using temporary = new TemporarySegment({ slotCount: 2 });
    const { segment } = temporary;
    expect([segment.claimSlot(0, 1), segment.claimSlot(1, 1), segment.claimSlot(2, 1)]).toEqual([0, 1, -1]);
    segment.markDead(0);
    expect(segment.claimSlot(2, 1)).toBe(-1); // dead is not free: its numbers are not folded yet
    segment.foldSlot(0);
    expect(segment.claimSlot(2, 1)).toBe(0);
  });

  test("folded: counters move to the base totals, gauges are gone, the ring can still be read", () => {
    using temporary = new TemporarySegment();
    const { segment } = temporary;
    const slot = temporary.ready();
    serve(slot, "/a", 200, 100, 10);
    serve(slot, "/b", 404, 100, 20);
    slot.values[Gauge.CacheOctets] = 5000;
    segment.markDead(slot.index);
    segment.foldSlot(slot.index);
    expect(segment.base[Counter.Requests]).toBe(2);
    expect(segment.base[Counter.StatusFirst + 404 - 100]).toBe(1);
    expect(segment.base[Counter.OctetsOut]).toBe(30);
    expect(slot.values[Counter.Requests]).toBe(0);
    expect(slot.values[Gauge.CacheOctets]).toBe(0);
    expect(slot.state).toBe(SlotState.Free);
    expect(readRequestRing(segment, slot.index).map((entry) => entry.path)).toEqual(["/a", "/b"]);
    segment.claimSlot(0, 2);
    expect(readRequestRing(segment, slot.index)).toEqual([]);
  });

  test("folding what is in flight counts it as aborted, so that requests = responses + aborted", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    serve(slot);
    slot.requestStarted(1, 1, Buffer.from("/x"), 0, 2);
    slot.values[Gauge.ConnectionsActive] = 2;
    temporary.segment.foldSlot(slot.index);
    const { base } = temporary.segment;
    expect([base[Counter.Requests], base[Counter.RequestsAborted], base[Counter.ConnectionsAborted]]).toEqual([
      2, 1, 2,
    ]);
  });

  test("folding a free slot, or one twice, changes nothing", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    serve(slot);
    temporary.segment.foldSlot(slot.index);
    temporary.segment.foldSlot(slot.index);
    temporary.segment.foldSlot(3);
    expect(temporary.segment.base[Counter.Requests]).toBe(1);
    expect(temporary.segment.words[HeaderWord.Sequence]! % 2).toBe(0);
  });

  test("restarts are counted by worker index, and a slot knows the count at its start", () => {
    using temporary = new TemporarySegment();
    const { segment } = temporary;
    segment.noteRestart(1);
    segment.noteRestart(1);
    expect([0, 1, 2].map((index) => segment.restarts(index))).toEqual([0, 2, 0]);
    expect(segment.slot(segment.claimSlot(1, 1)).values[Identity.Restarts]).toBe(2);
    expect(() => segment.noteRestart(WORKERS_MAX)).toThrow(SegmentError);
  });
});

test.each([
  [1, 16],
  [4, 16],
  [5, 20],
  [64, 256],
  [WORKERS_MAX, SLOTS_MAX],
])("%p workers get %p slots: enough for old and new ones side by side", (workers, slots) => {
  expect(slotCountFor(workers)).toBe(slots);
});
