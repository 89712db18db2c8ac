import { describe, expect, test } from "bun:test";
import { describeHealth, isHealthy } from "../../src/admin/health.ts";
import { Identity, SlotState } from "../../src/stats/layout.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { TemporarySegment } from "../stats/temporary-segment.ts";

const NOW = 1_700_000_000_000;

function healthOf(temporary: TemporarySegment, withPids = false) {
  const statistics = readStatistics(temporary.segment, NOW);
  return describeHealth(statistics, "1.2.3", (worker) => temporary.segment.restarts(worker), withPids);
}

test("all workers alive: healthy, with the state of each", () => {
  using temporary = new TemporarySegment({ workers: 2, startedMs: NOW - 90_500 });
  temporary.ready(0, 1, NOW - 60_000).heartbeat(NOW - 200);
  temporary.ready(1, 3, NOW - 5_500).heartbeat(NOW - 400);
  temporary.segment.noteRestart(1);
  expect(healthOf(temporary)).toEqual({
    status: "healthy",
    uptime: 90,
    version: "1.2.3",
    workers: 2,
    workers_alive: 2,
    worker: [
      { worker: 0, state: "ready", alive: true, generation: 1, restarts: 0, uptime: 60, heartbeat_age_seconds: 0.2 },
      { worker: 1, state: "ready", alive: true, generation: 3, restarts: 1, uptime: 5, heartbeat_age_seconds: 0.4 },
    ],
  });
});

describe("degraded when a configured worker", () => {
  test.each([
    ["has never started", 0, 0, "dead"],
    ["is starting", SlotState.Starting, 0, "starting"],
    ["drains", SlotState.Draining, 0, "draining"],
    ["died", SlotState.Dead, 0, "dead"],
    ["is silent for 5 s", SlotState.Ready, 5000, "ready"],
  ])("%s", (_what, state, silentMs, shown) => {
    using temporary = new TemporarySegment({ workers: 2 });
    temporary.ready(0, 1, NOW);
    if (state !== SlotState.Free) temporary.ready(1, 1, NOW - silentMs).values[Identity.State] = state;
    const health = healthOf(temporary);
    expect(health).toMatchObject({ status: "degraded", workers: 2, workers_alive: 1 });
    expect(health.worker[1]).toMatchObject({ worker: 1, state: shown, alive: false });
    expect(isHealthy(readStatistics(temporary.segment, NOW))).toBe(false);
  });
});

test("a reload in progress is healthy: old workers drain, new ones are ready", () => {
  using temporary = new TemporarySegment({ workers: 1 });
  temporary.ready(0, 1, NOW - 1000).state = SlotState.Draining;
  temporary.ready(0, 2, NOW);
  expect(healthOf(temporary)).toMatchObject({ status: "healthy", workers_alive: 1, worker: [{ generation: 2 }] });
});

test.each([true, false])("pids are told: %p", (withPids) => {
  using temporary = new TemporarySegment();
  temporary.ready(0, 1, NOW);
  expect(healthOf(temporary, withPids).worker[0]!.pid).toBe(withPids ? process.pid : undefined);
});

test("a state of a newer layout is shown as unknown", () => {
  using temporary = new TemporarySegment();
  temporary.ready(0, 1, NOW).state = 99 as SlotState;
  expect(healthOf(temporary).worker[0]).toMatchObject({ state: "unknown", alive: false });
});
