import { describe, expect, test } from "bun:test";
import { HeartbeatWatch, startHeartbeat } from "../../src/stats/heartbeat.ts";
import { Gauge, Identity } from "../../src/stats/layout.ts";
import { TemporarySegment } from "./temporary-segment.ts";

describe("startHeartbeat", () => {
  test("beats at once and again, notes the RSS, and stops", async () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready(0, 1, 1);
    const stop = startHeartbeat(slot, 1);
    expect(slot.values[Identity.HeartbeatMs]).toBeGreaterThan(1);
    expect(slot.values[Gauge.RssOctets]).toBeGreaterThan(1e6);
    slot.values[Identity.HeartbeatMs] = 1;
    while (slot.values[Identity.HeartbeatMs] === 1) await Bun.sleep(1);
    stop();
    slot.values[Identity.HeartbeatMs] = 1;
    await Bun.sleep(10);
    expect(slot.values[Identity.HeartbeatMs]).toBe(1);
  });

  test("notes how late the loop was, and keeps the worst", async () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    const stop = startHeartbeat(slot, 1);
    Bun.sleepSync(30);
    while (slot.values[Gauge.LoopLagMsMax]! < 25) await Bun.sleep(1);
    while (slot.values[Gauge.LoopLagMs]! >= 25) await Bun.sleep(1);
    stop();
    expect(slot.values[Gauge.LoopLagMsMax]).toBeGreaterThanOrEqual(25);
  });
});

describe("HeartbeatWatch", () => {
  /** One row a look: when (monotonic ms), the beat seen (any number), and whether it is judged stale. */
  type Look = [nowMs: number, beat: number, isStale: boolean];

  const rows: [string, Look[]][] = [
    [
      "a worker that beats",
      [
        [0, 1, false],
        [1000, 2, false],
        [2000, 3, false],
        [9000, 4, false],
      ],
    ],
    ["one look tells nothing", [[0, 1, false]]],
    [
      "silent for the limit, not more",
      [
        [0, 1, false],
        [2000, 1, false],
        [4000, 1, false],
        [5000, 1, false],
      ],
    ],
    [
      "silent for longer",
      [
        [0, 1, false],
        [2000, 1, false],
        [4000, 1, false],
        [5001, 1, true],
      ],
    ],
    [
      "silent since its last beat",
      [
        [0, 1, false],
        [2000, 2, false],
        [4000, 2, false],
        [6000, 2, false],
        [7001, 2, true],
      ],
    ],
    [
      "beats again",
      [
        [0, 1, false],
        [2000, 1, false],
        [4000, 1, false],
        [5001, 1, true],
        [6000, 2, false],
      ],
    ],
    [
      "the wall clock steps back",
      [
        [0, 1e12, false],
        [1000, 5, false],
        [2000, 6, false],
      ],
    ],
    [
      "the wall clock steps ahead",
      [
        [0, 5, false],
        [1000, 1e12, false],
        [2000, 1e12 + 1, false],
      ],
    ],
    [
      "the master slept: it starts measuring again",
      [
        [0, 1, false],
        [60_000, 1, false],
        [62_000, 1, false],
        [64_999, 1, false],
      ],
    ],
    [
      "the master slept, the worker stays silent",
      [
        [0, 1, false],
        [60_000, 1, false],
        [62_000, 1, false],
        [64_000, 1, false],
        [65_001, 1, true],
      ],
    ],
  ];

  test.each(rows)("%s", (_what, looks) => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    const watch = new HeartbeatWatch(5000);
    const judged = looks.map(([nowMs, beat]) => {
      slot.heartbeat(beat);
      return watch.staleSlots([slot], nowMs).length === 1;
    });
    expect(judged).toEqual(looks.map(([, , isStale]) => isStale));
  });

  test("a successor in the same slot is not judged by its predecessor", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready();
    const watch = new HeartbeatWatch(5000);
    slot.heartbeat(1);
    for (const nowMs of [0, 2000, 4000]) expect(watch.staleSlots([slot], nowMs)).toEqual([]);
    slot.values[Identity.Pid] = 77;
    expect(watch.staleSlots([slot], 5500)).toEqual([]);
  });

  test("each slot is judged by itself", () => {
    using temporary = new TemporarySegment();
    const [silent, lively] = [temporary.ready(0), temporary.ready(1)];
    const watch = new HeartbeatWatch(3000);
    for (const nowMs of [0, 1000, 2000, 3001]) {
      lively.heartbeat(nowMs);
      silent.heartbeat(1);
      expect(watch.staleSlots([silent, lively], nowMs)).toEqual(nowMs > 3000 ? [silent] : []);
    }
  });
});
