import { describe, expect, test } from "bun:test";
import { describeStatistics } from "../../src/admin/stats.ts";
import { Counter, Gauge, SlotState } from "../../src/stats/layout.ts";
import { sampleRates } from "../../src/stats/rates.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { serve, TemporarySegment } from "../stats/temporary-segment.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

function statsOf(temporary: TemporarySegment): Record<string, any> {
  const build = { version: "1.2.3", commit: "abc" };
  const content = describeStatistics(temporary.segment, readStatistics(temporary.segment, NOW), build);
  return JSON.parse(JSON.stringify(content));
}

test("says what is running, since when, and how many", () => {
  using temporary = new TemporarySegment({ workers: 2, startedMs: NOW - 61_900 });
  temporary.ready(0, 1, NOW);
  temporary.segment.raiseCacheGeneration();
  expect(statsOf(temporary)).toMatchObject({
    version: "1.2.3",
    commit: "abc",
    time: "2026-01-02T03:04:05.000Z",
    started: "2026-01-02T03:03:03.100Z",
    uptime: 61,
    master_pid: process.pid,
    workers: 2,
    workers_alive: 1,
    cache_generation: 1,
    consistent: true,
  });
});

test("the whole and each worker have the same shape, and the workers add up to the whole", () => {
  using temporary = new TemporarySegment({ workers: 2 });
  const [first, second] = [temporary.ready(0, 1, NOW), temporary.ready(1, 1, NOW)];
  for (let request = 0; request < 10; request++) serve(first, "/", request < 9 ? 200 : 404, 100 * request, 50);
  serve(second, "/", 200, 1000, 7, 2);
  const { total, worker } = statsOf(temporary);
  const {
    worker: _w,
    slot,
    state,
    alive,
    pid,
    generation,
    restarts,
    uptime,
    heartbeat_age_seconds: _h,
    ...own
  } = worker[0];
  expect([slot, state, alive, pid, generation, restarts, uptime]).toEqual([0, "ready", true, process.pid, 1, 0, 0]);
  expect(Object.keys(own)).toEqual(Object.keys(total));
  expect([worker[0].requests.total, worker[1].requests.total, total.requests.total]).toEqual([10, 1, 11]);
  expect(total.requests.by_method).toEqual({ GET: 10, HEAD: 1 });
  expect(total.responses).toEqual({ total: 11, by_status: { 200: 10, 404: 1 } });
  expect(total.sent_bytes).toBe(507);
});

test("latency: average and p50, p90, p99, p99.9 in milliseconds, within 5 %", () => {
  using temporary = new TemporarySegment();
  const slot = temporary.ready(0, 1, NOW);
  for (let rank = 1; rank <= 1000; rank++) serve(slot, "/", 200, rank * 1000);
  const { latency_ms: latency } = statsOf(temporary).total;
  expect(latency.average).toBe(500.5);
  for (const [name, exact] of [
    ["p50", 500],
    ["p90", 900],
    ["p99", 990],
    ["p99.9", 999],
  ] as const) {
    expect(Math.abs(latency[name] - exact) / exact).toBeLessThanOrEqual(0.05);
  }
});

test("requests per second, hit ratio, refusals and time limits", () => {
  using temporary = new TemporarySegment();
  const { segment } = temporary;
  const slot = temporary.ready(0, 1, NOW);
  sampleRates(segment, NOW - 10_000);
  const set: [number, number][] = [
    [Counter.Requests, 500],
    [Counter.CacheHits, 3],
    [Counter.CacheMisses, 1],
    [Counter.QueueRejections, 4],
    [Counter.TimeoutsKeepalive, 5],
    [Gauge.QueueDepth, 6],
  ];
  for (const [cell, value] of set) slot.values[cell] = value;
  const stats = statsOf(temporary);
  expect(stats.requests_per_second).toEqual({ "1s": 50, "10s": 50, "60s": 50 });
  expect(stats.total.cache).toMatchObject({ hits: 3, misses: 1, hit_ratio: 0.75 });
  expect(stats.total.requests.rejected).toMatchObject({
    max_connections: 0,
    queue_full: 4,
    malformed: 0,
    rate_limit: 0,
  });
  expect(stats.total.timeouts).toEqual({ header: 0, idle: 0, keepalive: 5, send_rate: 0 });
  expect(stats.total.queue).toMatchObject({ depth: 6, rejections: 4 });
});

describe("workers", () => {
  test("each occupied slot is listed, and a configured worker without one as dead", () => {
    using temporary = new TemporarySegment({ workers: 2 });
    temporary.ready(0, 1, NOW).state = SlotState.Draining;
    temporary.ready(0, 2, NOW);
    temporary.segment.noteRestart(1);
    const listed = statsOf(temporary).worker.map((one: any) => [one.worker, one.state, one.generation, one.restarts]);
    expect(listed).toEqual([
      [0, "draining", 1, 0],
      [0, "ready", 2, 0],
      [1, "dead", undefined, 1],
    ]);
  });
});

test("an empty file gives zeros, not NaN", () => {
  using temporary = new TemporarySegment();
  const text = JSON.stringify(statsOf(temporary));
  expect(text).not.toMatch(/null|NaN/);
});
