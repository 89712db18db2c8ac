/**
 * Content of /stats: everything in the statistics file, in total and per worker.
 *
 * In:    statistics of one reading. Out: a plain object for JSON.
 * Units: in the names (`_ms`, `_bytes`, `_seconds`); ratios 0..1; `by_method` and `by_status` list only what was seen.
 * Keeps: names are a contract with dashboards; add, do not rename.
 */

import { lagQuantile } from "../stats/lag-histogram.ts";
import { SLOT_TABLE } from "../stats/layout-table.ts";
import type { Reading, Statistics } from "../stats/reader.ts";
import { peekScrapeInterval } from "../stats/scrape.ts";
import type { Segment } from "../stats/segment.ts";
import { describeWorker } from "./health.ts";

export interface Build {
  readonly version: string;
  readonly commit: string;
}

export function describeStatistics(segment: Segment, statistics: Statistics, build: Build): Record<string, unknown> {
  const { nowMs, rates } = statistics;
  return {
    ...build,
    time: new Date(nowMs).toISOString(),
    started: new Date(statistics.startedMs).toISOString(),
    uptime: Math.floor(statistics.uptimeSeconds),
    master_pid: statistics.masterPid,
    workers: statistics.workersConfigured,
    workers_alive: statistics.workersAlive,
    cache_generation: statistics.cacheGeneration,
    consistent: statistics.consistent,
    requests_per_second: { "1s": round(rates.over1s), "10s": round(rates.over10s), "60s": round(rates.over60s) },
    response_time_milliseconds_since_last: round(peekScrapeInterval(segment, statistics.total)),
    total: describeReading(statistics.total),
    worker: [
      ...statistics.slots.map((slot) => ({
        ...describeWorker(slot.workerIndex, slot, segment.restarts(slot.workerIndex), nowMs, true),
        slot: slot.slot,
        ...describeReading(slot.reading),
      })),
      ...statistics.workers
        .map((worker, index) =>
          worker === null ? describeWorker(index, null, segment.restarts(index), nowMs, true) : null,
        )
        .filter((worker) => worker !== null),
    ],
  };
}

/** What is derived, and then each cell at the path that its row names. */
function describeReading(reading: Reading): Record<string, unknown> {
  const report = {
    requests: {
      by_method: Object.fromEntries(reading.byMethod().filter(([, count]) => count > 0)),
      by_protocol: Object.fromEntries(reading.byProtocol()),
    },
    responses: { total: reading.responses, by_status: Object.fromEntries(reading.byStatus()) },
    latency_ms: {
      average: round(reading.averageMs),
      p50: round(reading.quantileMs(0.5)),
      p90: round(reading.quantileMs(0.9)),
      p99: round(reading.quantileMs(0.99)),
      "p99.9": round(reading.quantileMs(0.999)),
    },
    cache: { hit_ratio: round(reading.hitRatio) },
    loop_lag_ms: {
      p50: round(lagQuantile(reading.lag, 0.5) / 1000),
      p99: round(lagQuantile(reading.lag, 0.99) / 1000),
    },
  };
  for (const { index, unit, shown } of SLOT_TABLE) {
    for (const path of shown.json ?? []) put(report, path.split("."), valueOf(reading.cells[index]!, unit));
  }
  return report;
}

/** Durations that workers add up in microseconds are shown in seconds. */
function valueOf(value: number, unit: string): number {
  if (unit === "microseconds") return round(value / 1e6);
  return unit === "ms" ? round(value) : value;
}

function put(report: Record<string, any>, [name, ...rest]: readonly string[], value: number): void {
  if (rest.length === 0) report[name!] = value;
  else put((report[name!] ??= {}), rest, value);
}

/** More than four decimal places would only be noise to a reader. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
