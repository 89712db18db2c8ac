import { describe, expect, test } from "bun:test";
import { formatMetrics } from "../../src/admin/metrics.ts";
import { Counter, Gauge, SlotState } from "../../src/stats/layout.ts";
import { noteLag } from "../../src/stats/loop-lag.ts";
import { readStatistics } from "../../src/stats/reader.ts";
import { type Metrics, parseMetrics } from "../support/metrics.ts";
import { PROMISED_METRICS } from "../support/promised-metrics.ts";
import { serve, TemporarySegment } from "../stats/temporary-segment.ts";

const NOW = 1_700_000_000_000;

function metricsOf(temporary: TemporarySegment, sinceLast = 0, version = "1.2.3"): Metrics {
  const statistics = readStatistics(temporary.segment, NOW);
  const build = { version, commit: "abc" };
  return parseMetrics(formatMetrics(statistics, build, sinceLast, (worker) => temporary.segment.restarts(worker)));
}

describe("names of the contract are there from the start, with their types", () => {
  using temporary = new TemporarySegment();
  temporary.ready(0, 1, NOW);
  const metrics = metricsOf(temporary);

  test.each(PROMISED_METRICS)("%s: %s", (name, type) => {
    expect(metrics.types.get(name)).toBe(type);
    expect(metrics.helps.get(name)).toBeString();
  });

  test("every family has a help, and counters end in _total", () => {
    for (const [name, type] of metrics.types) {
      expect(metrics.helps.has(name)).toBe(true);
      expect(name.endsWith("_total")).toBe(type === "counter");
    }
  });

  test.each([
    "max_connections",
    "queue_full",
    "malformed",
    "rate_limit",
    "max_connections_per_ip",
    "deny",
    "proxy_protocol",
  ])("rejections for %s show as 0", (reason) => {
    expect(metrics.value("http_requests_rejected_total", { reason })).toBe(0);
  });
});

describe("values", () => {
  test.each([
    ["http_requests_aborted_total", {}, Counter.RequestsAborted],
    ["http_sent_bytes_total", {}, Counter.OctetsOut],
    ["http_received_bytes_total", {}, Counter.OctetsIn],
    ["http_connections_accepted_total", {}, Counter.ConnectionsAccepted],
    ["http_connections_aborted_total", {}, Counter.ConnectionsAborted],
    ["http_connections_cut_total", {}, Counter.ConnectionsCut],
    ["http_connections_active", {}, Gauge.ConnectionsActive],
    ["http_requests_in_flight", {}, Gauge.RequestsInFlight],
    ["http_requests_rejected_total", { reason: "max_connections" }, Counter.ConnectionsRejectedMax],
    ["http_requests_rejected_total", { reason: "queue_full" }, Counter.QueueRejections],
    ["http_requests_rejected_total", { reason: "malformed" }, Counter.ParseErrors],
    ["saker_timeouts_total", { kind: "header" }, Counter.TimeoutsHeader],
    ["saker_timeouts_total", { kind: "idle" }, Counter.TimeoutsIdle],
    ["saker_timeouts_total", { kind: "keepalive" }, Counter.TimeoutsKeepalive],
    ["saker_timeouts_total", { kind: "send_rate" }, Counter.TimeoutsSendRate],
    ["saker_handler_errors_total", {}, Counter.HandlerErrors],
    ["saker_queue_depth", {}, Gauge.QueueDepth],
    ["saker_sendfile_calls_total", {}, Counter.SendfileCalls],
    ["saker_sendfile_bytes_total", {}, Counter.SendfileOctets],
    ["saker_compression_responses_total", { coding: "gzip" }, Counter.CodedGzip],
    ["saker_compression_responses_total", { coding: "br" }, Counter.CodedBr],
    ["saker_compression_responses_total", { coding: "zstd" }, Counter.CodedZstd],
    ["saker_compression_saved_bytes_total", {}, Counter.CodingSavedOctets],
    ["saker_compression_made_total", { for: "request" }, Counter.CodingsMade],
    ["saker_compression_made_total", { for: "upgrade" }, Counter.CodingsUpgraded],
    ["saker_cache_hits_total", {}, Counter.CacheHits],
    ["saker_cache_misses_total", {}, Counter.CacheMisses],
    ["saker_cache_evictions_total", {}, Counter.CacheEvictions],
    ["saker_cache_stale_total", {}, Counter.CacheStale],
    ["saker_cache_bytes", {}, Gauge.CacheOctets],
    ["saker_cache_entries", {}, Gauge.CacheEntries],
  ] as const)("%s %j sums its own cell over slots", (name, labels, cell) => {
    using temporary = new TemporarySegment({ workers: 2 });
    temporary.ready(0, 1, NOW).values[cell] = 3;
    temporary.ready(1, 1, NOW).values[cell] = 2 ** 40;
    expect(metricsOf(temporary).value(name, labels)).toBe(2 ** 40 + 3);
  });

  test("requests by method and responses by code", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready(0, 1, NOW);
    for (const [status, method] of [
      [200, 1],
      [200, 2],
      [404, 1],
      [503, 3],
    ] as const)
      serve(slot, "/", status, 1, 0, method);
    const metrics = metricsOf(temporary);
    expect(metrics.value("http_requests_total")).toBe(4);
    expect(metrics.matching("http_responses_total").map(({ labels, value }) => [labels.code, value])).toEqual([
      ["200", 2],
      ["404", 1],
      ["503", 1],
    ]);
    expect(metrics.value("http_requests_by_method_total", { method: "GET" })).toBe(2);
    expect(metrics.sum("http_requests_by_method_total")).toBe(4);
  });

  test("the histogram: cumulative, +Inf is the count, the sum is in seconds", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready(0, 1, NOW);
    for (const microseconds of [0, 5, 40, 700, 9000, 2e5, 3e6, 4e9]) serve(slot, "/", 200, microseconds);
    const metrics = metricsOf(temporary);
    const buckets = metrics.matching("http_request_duration_seconds_bucket");
    const bounds = buckets.map(({ labels }) => (labels.le === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels.le)));
    expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
    expect(buckets.every(({ value }, index) => index === 0 || value >= buckets[index - 1]!.value)).toBe(true);
    const at = (le: string): number => metrics.value("http_request_duration_seconds_bucket", { le });
    expect([at("0.00001"), at("0.001"), at("1"), at("60"), at("+Inf")]).toEqual([2, 4, 6, 7, 8]);
    expect(metrics.value("http_request_duration_seconds_count")).toBe(8);
    expect(metrics.value("http_request_duration_seconds_sum")).toBeCloseTo(4003.209745, 6);
  });

  test("the event loops' lag: a histogram of all workers, pauses by cause, the worst of each worker", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready(0, 1, NOW);
    noteLag(slot, 0.1, true);
    noteLag(slot, 3, false);
    noteLag(slot, 12, true);
    noteLag(slot, 70, false);
    const metrics = metricsOf(temporary);
    const at = (le: string): number => metrics.value("saker_event_loop_lag_seconds_bucket", { le });
    expect([at("0.000256"), at("0.004096"), at("0.016384"), at("1.048576"), at("+Inf")]).toEqual([1, 2, 3, 4, 4]);
    expect(metrics.value("saker_event_loop_lag_seconds_count")).toBe(4);
    expect(metrics.value("saker_event_loop_lag_seconds_sum")).toBeCloseTo(0.0851, 6);
    expect(metrics.value("saker_event_loop_pauses_total", { cause: "gc" })).toBe(1);
    expect(metrics.value("saker_event_loop_pauses_total", { cause: "other" })).toBe(1);
    expect(metrics.value("saker_worker_loop_lag_max_seconds", { worker: "0" })).toBe(0.07);
  });

  test("average response time, whole and since the last scrape", () => {
    using temporary = new TemporarySegment();
    const slot = temporary.ready(0, 1, NOW);
    serve(slot, "/", 200, 1000);
    serve(slot, "/", 200, 2000);
    const metrics = metricsOf(temporary, 12.5);
    expect(metrics.value("http_response_time_milliseconds_avg")).toBe(1.5);
    expect(metrics.value("http_response_time_milliseconds_since_last")).toBe(12.5);
    expect(metrics.value("http_response_time_seconds_avg")).toBe(0.0015);
    expect(metrics.value("http_response_time_seconds_since_last")).toBe(0.0125);
  });

  test("version and commit, escaped, and when the master started", () => {
    using temporary = new TemporarySegment({ startedMs: 1_600_000_000_500 });
    const metrics = metricsOf(temporary, 0, 'odd "version"\\\n');
    expect(metrics.value("saker_build_info", { version: 'odd "version"\\\n', commit: "abc" })).toBe(1);
    expect(metrics.value("process_start_time_seconds")).toBe(1_600_000_000.5);
  });
});

describe("workers", () => {
  test("one without a slot is down, keeps its restarts, and has no RSS or heartbeat", () => {
    using temporary = new TemporarySegment({ workers: 2 });
    const slot = temporary.ready(0, 1, NOW - 250);
    slot.values[Gauge.RssOctets] = 5e7;
    slot.values[Gauge.LoopLagMs] = 20;
    temporary.segment.noteRestart(1);
    const metrics = metricsOf(temporary);
    const of = (name: string) => metrics.matching(name).map(({ labels, value }) => [labels.worker, value]);
    expect(of("saker_worker_up")).toEqual([
      ["0", 1],
      ["1", 0],
    ]);
    expect(of("saker_worker_restarts_total")).toEqual([
      ["0", 0],
      ["1", 1],
    ]);
    expect(of("saker_worker_rss_bytes")).toEqual([["0", 5e7]]);
    expect(of("saker_worker_heartbeat_age_seconds")).toEqual([["0", 0.25]]);
    expect(of("saker_worker_loop_lag_seconds")).toEqual([["0", 0.02]]);
  });

  test("during a reload each worker has one series all the same (the parser refuses two)", () => {
    using temporary = new TemporarySegment({ workers: 1 });
    temporary.ready(0, 1, NOW).state = SlotState.Draining;
    temporary.ready(0, 2, NOW);
    expect(metricsOf(temporary).matching("saker_worker_up")).toHaveLength(1);
  });
});
