/**
 * Statistics as lines of text: the regular one (`stats_interval_seconds`) and the full account (SIGUSR1).
 *
 * In:    readings of the shared statistics. Out: lines, without their ends.
 * Units: in the text, each number carries its own.
 * Keeps: pure.
 */
import { histogramCount, quantile } from "../stats/histogram.ts";
import { lagCount, lagQuantile } from "../stats/lag-histogram.ts";
import { Counter, Gauge, SlotState } from "../stats/layout.ts";
import type { Reading, Statistics, WorkerReading } from "../stats/reader.ts";

const MIB = 1_048_576;

/** What happened since `before` (null = since the start): one line. */
export function formatStatsLine(now: Statistics, before: Statistics | null): string {
  const cells = difference(now.total.cells, before?.total.cells ?? null);
  const seconds = Math.max(0.001, (now.nowMs - (before?.nowMs ?? now.startedMs)) / 1000);
  const requests = cells[Counter.Requests]!;
  return [
    `${requests} requests in ${seconds.toFixed(0)} s (${rate(requests / seconds)}/s)`,
    ...describeTraffic(cells),
    `${now.total.cells[Gauge.ConnectionsActive]} connections`,
    `${now.workersAlive} of ${now.workersConfigured} workers`,
    mebibytes(now.total.cells[Gauge.RssOctets]!, "RSS"),
  ].join(", ");
}

/** Every worker, then their sum with what ended workers had counted: one line each. */
export function formatFullStatistics(now: Statistics): string[] {
  const { over1s, over10s, over60s } = now.rates;
  const total = [
    `statistics of all workers since the start, ${now.uptimeSeconds.toFixed(0)} s ago`,
    ...describeReading(now.total),
    `${rate(over1s)}/s, ${rate(over10s)}/s, ${rate(over60s)}/s over 1, 10, 60 s`,
    `${now.workersAlive} of ${now.workersConfigured} workers`,
  ];
  return [...now.slots.map(formatWorker), total.join(", ")];
}

function formatWorker(worker: WorkerReading): string {
  return [
    `statistics of worker ${worker.workerIndex} (pid ${worker.pid}, ${SlotState[worker.state]!.toLowerCase()})`,
    ...describeReading(worker.reading),
    `${worker.restarts} restarts`,
    `heartbeat ${(worker.heartbeatAgeMs / 1000).toFixed(1)} s ago`,
  ].join(", ");
}

function describeReading({ cells }: Reading): string[] {
  return [
    `${cells[Counter.Requests]} requests`,
    ...describeTraffic(cells),
    `${cells[Gauge.ConnectionsActive]} of ${cells[Counter.ConnectionsAccepted]} connections open`,
    `${cells[Gauge.RequestsInFlight]} requests in flight`,
    ...describeLag(cells),
    mebibytes(cells[Gauge.CacheOctets]!, "cached"),
    mebibytes(cells[Gauge.RssOctets]!, "RSS"),
  ];
}

/** Requests over a period; events that didn't happen are not mentioned. */
function describeTraffic(cells: Float64Array): string[] {
  const histogram = cells.subarray(Counter.HistogramFirst);
  const lookups = cells[Counter.CacheHits]! + cells[Counter.CacheMisses]!;
  const parts: string[] = [];
  if (histogramCount(histogram) > 0) {
    const [median, high] = [quantile(histogram, 0.5), quantile(histogram, 0.99)];
    parts.push(`p50 ${duration(median)}, p99 ${duration(high)}`);
  }
  const [clientErrors, serverErrors] = [countStatus(cells, 400), countStatus(cells, 500)];
  if (clientErrors > 0) parts.push(`${clientErrors} 4xx`);
  if (serverErrors > 0) parts.push(`${serverErrors} 5xx`);
  if (lookups > 0) parts.push(`${((100 * cells[Counter.CacheHits]!) / lookups).toFixed(1)} % cache hits`);
  parts.push(mebibytes(cells[Counter.OctetsOut]!, "sent"));
  return parts;
}

/** How late the event loop was; nothing if there were no requests. */
function describeLag(cells: Float64Array): string[] {
  const lag = cells.subarray(Counter.LagFirst);
  if (lagCount(lag) === 0) return [];
  const [high, worst] = [lagQuantile(lag, 0.99), cells[Gauge.LoopLagMsMax]! * 1000];
  const pauses = cells[Counter.PausesCollection]! + cells[Counter.PausesOther]!;
  const collections = `${cells[Counter.PausesCollection]} with a collection`;
  return [`loop lag p99 ${duration(high)}, worst ${duration(worst)}, ${pauses} pauses over 5 ms (${collections})`];
}

/** Responses with a status code in [from, from + 100). */
function countStatus(cells: Float64Array, from: number): number {
  let count = 0;
  for (let status = from; status < from + 100; status++) count += cells[Counter.StatusFirst + status - 100]!;
  return count;
}

function difference(now: Float64Array, before: Float64Array | null): Float64Array {
  return before === null ? now : now.map((value, index) => value - before[index]!);
}

function rate(perSecond: number): string {
  return perSecond.toFixed(perSecond < 100 ? 1 : 0);
}

function duration(microseconds: number): string {
  if (microseconds < 1000) return `${microseconds.toFixed(0)} us`;
  const milliseconds = microseconds / 1000;
  return `${milliseconds.toFixed(milliseconds < 10 ? 2 : 0)} ms`;
}

function mebibytes(octets: number, what: string): string {
  return `${(octets / MIB).toFixed(1)} MiB ${what}`;
}
