/**
 * Content of /metrics: the statistics as Prometheus families.
 *
 * In:    statistics of one reading, the scrape interval's average. Out: text (exposition format 0.0.4).
 * Units: base units of Prometheus in the names (seconds, bytes); two metrics are there in milliseconds, too.
 * Keeps: names are a contract with dashboards; add, do not rename. A worker is labelled by its index, once each, so that
 *        its series continue across restarts and reloads.
 */

import { foldForPrometheus, PROMETHEUS_LE_SECONDS } from "../stats/histogram.ts";
import { foldLagForPrometheus, LAG_LE_SECONDS, lagCount } from "../stats/lag-histogram.ts";
import { Counter, Gauge } from "../stats/layout.ts";
import type { Reading, Statistics } from "../stats/reader.ts";
import { PrometheusText } from "./prometheus-text.ts";
import { type Build, PAUSES, CODED, COMPRESSED, REJECTIONS, TIMEOUTS } from "./stats.ts";

/** The base unit, and the one that dashboards knew first. */
const MEAN_UNITS = [
  ["milliseconds", 1],
  ["seconds", 1000],
] as const;

/** `averageSinceLastMs`: mean response time since the previous scrape; `restartsOf` counts restarts by worker index. */
export function formatMetrics(
  statistics: Statistics,
  build: Build,
  averageSinceLastMs: number,
  restartsOf: (workerIndex: number) => number,
): string {
  const text = new PrometheusText();
  addTraffic(text, statistics.total);
  addLatency(text, statistics.total, averageSinceLastMs);
  addCache(text, statistics.total, statistics.cacheGeneration);
  addCompression(text, statistics.total);
  addLoopLag(text, statistics.total);
  addWorkers(text, statistics, restartsOf);
  text.family("saker_build_info", "gauge", "Version and commit of this build; always 1").sample("saker_build_info", 1, {
    version: build.version,
    commit: build.commit,
  });
  text.single(
    "process_start_time_seconds",
    "gauge",
    "When the master started, seconds since 1970",
    statistics.startedMs / 1000,
  );
  return text.toString();
}

function addTraffic(text: PrometheusText, total: Reading): void {
  const cells = total.cells;
  const counter = (name: string, help: string, index: Counter): void => {
    text.single(name, "counter", help, cells[index]!);
  };
  counter("http_requests_total", "Requests started", Counter.Requests);
  addLabelled(text, "http_requests_by_method_total", "Requests started, by method", "method", total.byMethod());
  counter("http_requests_aborted_total", "Requests whose response was never completed", Counter.RequestsAborted);
  text.single("http_requests_in_flight", "gauge", "Requests being answered", cells[Gauge.RequestsInFlight]!);
  addLabelled(text, "http_responses_total", "Responses, by status code", "code", total.byStatus());
  counter("http_sent_bytes_total", "Bytes written to clients", Counter.OctetsOut);
  counter("http_received_bytes_total", "Bytes read from clients", Counter.OctetsIn);
  text.single("http_connections_active", "gauge", "Connections open", cells[Gauge.ConnectionsActive]!);
  counter("http_connections_accepted_total", "Connections accepted", Counter.ConnectionsAccepted);
  counter("http_connections_aborted_total", "Connections the peer broke off", Counter.ConnectionsAborted);
  counter(
    "http_connections_displaced_total",
    "Idle connections closed because others needed their place",
    Counter.ConnectionsDisplaced,
  );
  counter("http_connections_cut_total", "Connections cut at the end of a drain", Counter.ConnectionsCut);
  const values = (rows: typeof REJECTIONS) => rows.map(([name, index]) => [name, cells[index]!] as const);
  addLabelled(text, "http_requests_rejected_total", "Refused, by reason", "reason", values(REJECTIONS));
  addLabelled(text, "saker_timeouts_total", "Connections ended by a time limit", "kind", values(TIMEOUTS));
  counter("saker_handler_errors_total", "Requests answered 500 because of an exception", Counter.HandlerErrors);
  text.single("saker_queue_depth", "gauge", "Requests waiting for the slow path", cells[Gauge.QueueDepth]!);
  counter("saker_sendfile_calls_total", "Calls of sendfile(2)", Counter.SendfileCalls);
  counter("saker_sendfile_bytes_total", "Bytes sent by sendfile(2)", Counter.SendfileOctets);
}

/** The +Inf bucket and `_count` come from the same cells as the others, so they always agree. */
function addLatency(text: PrometheusText, total: Reading, averageSinceLastMs: number): void {
  const name = "http_request_duration_seconds";
  text.family(name, "histogram", "Time to answer a request");
  const cumulative = foldForPrometheus(total.histogram);
  for (const [index, le] of PROMETHEUS_LE_SECONDS.entries()) {
    text.sample(`${name}_bucket`, cumulative[index]!, { le });
  }
  const count = total.responses;
  text.sample(`${name}_bucket`, count, { le: "+Inf" });
  text.sample(`${name}_sum`, total.cells[Counter.LatencyMicroseconds]! / 1e6);
  text.sample(`${name}_count`, count);
  for (const [unit, perUnitMs] of MEAN_UNITS) {
    const gauge = (kind: string, help: string, meanMs: number): void => {
      text.single(
        `http_response_time_${unit}_${kind}`,
        "gauge",
        `Mean response time since ${help}`,
        meanMs / perUnitMs,
      );
    };
    gauge("avg", `the start, ${unit}`, total.averageMs);
    gauge("since_last", `the previous scrape, ${unit}; 0 if nothing was answered`, averageSinceLastMs);
  }
}

function addCache(text: PrometheusText, total: Reading, generation: number): void {
  const cells = total.cells;
  const counter = (name: string, help: string, index: Counter): void => {
    text.single(`saker_cache_${name}`, "counter", help, cells[index]!);
  };
  counter("hits_total", "Lookups answered from the cache", Counter.CacheHits);
  counter("misses_total", "Lookups not in the cache", Counter.CacheMisses);
  counter("evictions_total", "Entries dropped for room", Counter.CacheEvictions);
  counter("stale_total", "Entries dropped because their file changed, or by a purge", Counter.CacheStale);
  text.single("saker_cache_bytes", "gauge", "Bytes held by the caches", cells[Gauge.CacheOctets]!);
  text.single("saker_cache_entries", "gauge", "Entries in the caches", cells[Gauge.CacheEntries]!);
  text.single("saker_cache_generation", "gauge", "Raised by every purge", generation);
}

function addCompression(text: PrometheusText, { cells }: Reading): void {
  const name = "saker_compression";
  const values = (rows: typeof CODED) => rows.map(([label, index]) => [label, cells[index]!] as const);
  addLabelled(text, `${name}_responses_total`, "Responses with compressed content", "coding", values(CODED));
  text.single(
    `${name}_saved_bytes_total`,
    "counter",
    "Bytes that compressed content was shorter by",
    cells[Counter.CodingSavedOctets]!,
  );
  addLabelled(
    text,
    `${name}_made_total`,
    "Representations compressed here: for a request, or better ones later",
    "for",
    values(COMPRESSED),
  );
  text.single(`${name}_seconds_total`, "counter", "Time compressing took", cells[Counter.CodingMicroseconds]! / 1e6);
}

/** Measured while there are requests; of all workers. */
function addLoopLag(text: PrometheusText, total: Reading): void {
  const name = "saker_event_loop_lag_seconds";
  text.family(name, "histogram", "How late the event loops are, measured every 5 ms while requests come");
  const cumulative = foldLagForPrometheus(total.lag);
  for (const [index, le] of LAG_LE_SECONDS.entries()) text.sample(`${name}_bucket`, cumulative[index]!, { le });
  const count = lagCount(total.lag);
  text.sample(`${name}_bucket`, count, { le: "+Inf" });
  text.sample(`${name}_sum`, total.cells[Counter.LagMicroseconds]! / 1e6);
  text.sample(`${name}_count`, count);
  const pauses = PAUSES.map(([cause, index]) => [cause, total.cells[index]!] as const);
  addLabelled(text, "saker_event_loop_pauses_total", "Lags over 5 ms, by what was seen meanwhile", "cause", pauses);
}

/** A worker that has no slot (dead, not yet replaced) shows as not up, with its restarts, and without the rest. */
function addWorkers(text: PrometheusText, statistics: Statistics, restartsOf: (workerIndex: number) => number): void {
  const { workers } = statistics;
  text.single("saker_workers_configured", "gauge", "Workers that ought to be alive", workers.length);
  const up = "saker_worker_up";
  text.family(up, "gauge", "1 if the worker is ready and its event loop turns");
  for (const [index, worker] of workers.entries()) text.sample(up, worker?.isAlive ? 1 : 0, { worker: index });
  const restarts = "saker_worker_restarts_total";
  text.family(restarts, "counter", "Times the worker was started again after its death");
  for (const index of workers.keys()) text.sample(restarts, restartsOf(index), { worker: index });
  const present = workers.flatMap((worker, index) => (worker === null ? [] : [[index, worker] as const]));
  const rss = "saker_worker_rss_bytes";
  text.family(rss, "gauge", "Resident set size");
  for (const [index, { reading }] of present) text.sample(rss, reading.cells[Gauge.RssOctets]!, { worker: index });
  const age = "saker_worker_heartbeat_age_seconds";
  text.family(age, "gauge", "Time since the worker's last sign of life");
  for (const [index, worker] of present) text.sample(age, worker.heartbeatAgeMs / 1000, { worker: index });
  const lag = "saker_worker_loop_lag_seconds";
  text.family(lag, "gauge", "How late the worker's last heartbeat came");
  for (const [index, { reading }] of present)
    text.sample(lag, reading.cells[Gauge.LoopLagMs]! / 1000, { worker: index });
  const worst = "saker_worker_loop_lag_max_seconds";
  text.family(worst, "gauge", "How late the worker's event loop was at worst");
  for (const [index, { reading }] of present)
    text.sample(worst, reading.cells[Gauge.LoopLagMsMax]! / 1000, { worker: index });
}

function addLabelled(
  text: PrometheusText,
  name: string,
  help: string,
  label: string,
  rows: Iterable<readonly [string | number, number]>,
): void {
  text.family(name, "counter", help);
  for (const [value, count] of rows) text.sample(name, count, { [label]: value });
}
