/**
 * Content of /stats: everything in the statistics file, in total and per worker.
 *
 * In:    statistics of one reading. Out: a plain object for JSON.
 * Units: in the names (`_ms`, `_bytes`, `_seconds`); ratios 0..1; `by_method` and `by_status` list only what was seen.
 * Keeps: names are a contract with dashboards; add, do not rename.
 */

import { lagQuantile } from "../stats/lag-histogram.ts";
import { Counter, Gauge } from "../stats/layout.ts";
import type { Reading, Statistics } from "../stats/reader.ts";
import { peekScrapeInterval } from "../stats/scrape.ts";
import type { Segment } from "../stats/segment.ts";
import { describeWorker } from "./health.ts";

export interface Build {
  readonly version: string;
  readonly commit: string;
}

/** Why connections and requests were refused: label of `http_requests_rejected_total`, and the counter. */
export const REJECTIONS: readonly (readonly [reason: string, counter: Counter])[] = [
  ["max_connections", Counter.ConnectionsRejectedMax],
  ["queue_full", Counter.QueueRejections],
  ["malformed", Counter.ParseErrors],
  ["rate_limit", Counter.RejectedRateLimit],
  ["max_connections_per_ip", Counter.RejectedConnectionsPerIp],
  ["deny", Counter.RejectedDeny],
  ["proxy_protocol", Counter.RejectedProxyHeader],
];

/** Which time limit ran out: label of `saker_timeouts_total`, and the counter. */
export const TIMEOUTS: readonly (readonly [kind: string, counter: Counter])[] = [
  ["header", Counter.TimeoutsHeader],
  ["idle", Counter.TimeoutsIdle],
  ["keepalive", Counter.TimeoutsKeepalive],
  ["send_rate", Counter.TimeoutsSendRate],
];

/** Content codings of responses: label of `saker_compression_responses_total`, and the counter. */
export const CODED: readonly (readonly [coding: string, counter: Counter])[] = [
  ["gzip", Counter.CodedGzip],
  ["br", Counter.CodedBr],
  ["zstd", Counter.CodedZstd],
];

/** How representations were compressed here: label of `saker_compression_made_total`, and the counter. */
export const COMPRESSED: readonly (readonly [how: string, counter: Counter])[] = [
  ["request", Counter.CodingsMade],
  ["upgrade", Counter.CodingsUpgraded],
];

/** What pauses of the event loop over 5 ms are attributed to: label of `saker_event_loop_pauses_total`, and the counter. */
export const PAUSES: readonly (readonly [cause: string, counter: Counter])[] = [
  ["gc", Counter.PausesCollection],
  ["other", Counter.PausesOther],
];

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

function describeReading(reading: Reading): Record<string, unknown> {
  const cells = reading.cells;
  const named = (rows: readonly (readonly [string, Counter])[]) =>
    Object.fromEntries(rows.map(([name, counter]) => [name, cells[counter]!]));
  return {
    requests: {
      total: cells[Counter.Requests]!,
      in_flight: cells[Gauge.RequestsInFlight]!,
      aborted: cells[Counter.RequestsAborted]!,
      by_method: Object.fromEntries(reading.byMethod().filter(([, count]) => count > 0)),
      rejected: named(REJECTIONS),
    },
    responses: { total: reading.responses, by_status: Object.fromEntries(reading.byStatus()) },
    latency_ms: {
      average: round(reading.averageMs),
      p50: round(reading.quantileMs(0.5)),
      p90: round(reading.quantileMs(0.9)),
      p99: round(reading.quantileMs(0.99)),
      "p99.9": round(reading.quantileMs(0.999)),
    },
    connections: {
      accepted: cells[Counter.ConnectionsAccepted]!,
      active: cells[Gauge.ConnectionsActive]!,
      aborted: cells[Counter.ConnectionsAborted]!,
      cut: cells[Counter.ConnectionsCut]!,
    },
    timeouts: named(TIMEOUTS),
    received_bytes: cells[Counter.OctetsIn]!,
    sent_bytes: cells[Counter.OctetsOut]!,
    cache: {
      hits: cells[Counter.CacheHits]!,
      misses: cells[Counter.CacheMisses]!,
      hit_ratio: round(reading.hitRatio),
      evictions: cells[Counter.CacheEvictions]!,
      stale: cells[Counter.CacheStale]!,
      bytes: cells[Gauge.CacheOctets]!,
      entries: cells[Gauge.CacheEntries]!,
    },
    compression: {
      responses: named(CODED),
      saved_bytes: cells[Counter.CodingSavedOctets]!,
      made: named(COMPRESSED),
      seconds: round(cells[Counter.CodingMicroseconds]! / 1e6),
    },
    sendfile: { calls: cells[Counter.SendfileCalls]!, bytes: cells[Counter.SendfileOctets]! },
    queue: {
      depth: cells[Gauge.QueueDepth]!,
      busy: cells[Gauge.SlowPathBusy]!,
      admissions: cells[Counter.QueueAdmissions]!,
      rejections: cells[Counter.QueueRejections]!,
    },
    errors: cells[Counter.HandlerErrors]!,
    rss_bytes: cells[Gauge.RssOctets]!,
    loop_lag_ms: {
      last: round(cells[Gauge.LoopLagMs]!),
      p50: round(lagQuantile(reading.lag, 0.5) / 1000),
      p99: round(lagQuantile(reading.lag, 0.99) / 1000),
      max: round(cells[Gauge.LoopLagMsMax]!),
      pauses: named(PAUSES),
    },
  };
}

/** More than four decimal places would only be noise to a reader. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
