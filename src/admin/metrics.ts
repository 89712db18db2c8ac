/**
 * Content of /metrics: the statistics as Prometheus families.
 *
 * In:    statistics of one reading, the scrape interval's average. Out: text (exposition format 0.0.4).
 * Units: base units of Prometheus in the names (seconds, bytes); two metrics are there in milliseconds, too.
 * Keeps: what shows a cell is named by its row (stats/layout-table.ts), only what is derived is named here. Names are a contract with dashboards; add, do not rename. A worker is labelled by its index, once each, so that
 *        its series continue across restarts and reloads.
 */

import { foldForPrometheus, PROMETHEUS_LE_SECONDS } from "../stats/histogram.ts";
import { foldLagForPrometheus, LAG_LE_SECONDS, lagCount } from "../stats/lag-histogram.ts";
import { Counter } from "../stats/layout.ts";
import { SLOT_TABLE } from "../stats/layout-table.ts";
import { FAMILIES, type Family, type Section } from "../stats/metric-families.ts";
import type { Reading, Statistics } from "../stats/reader.ts";
import { addOrders, type CertificateOrders } from "./certificate-orders.ts";
import { type Labels, PrometheusText } from "./prometheus-text.ts";
import { addCertificates, type ServedCertificate } from "./served-certificates.ts";
import type { Build } from "./stats.ts";

type Worker = NonNullable<Statistics["workers"][number]>;

/** Units of cells whose metrics are in seconds. */
const PER_SECOND: Readonly<Record<string, number>> = { microseconds: 1e6, ms: 1000 };

/** Cells that are a sample of a metric. */
const CELLS = SLOT_TABLE.filter(({ shown }) => shown.family !== undefined);

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
  certificates: readonly ServedCertificate[] = [],
  orders: CertificateOrders | null = null,
): string {
  const text = new PrometheusText();
  addSection(text, "traffic", statistics.total);
  addSection(text, "tls", statistics.total);
  addCertificates(text, certificates);
  addOrders(text, orders);
  addLatency(text, statistics.total, averageSinceLastMs);
  addSection(text, "cache", statistics.total);
  text.single("saker_cache_generation", "gauge", "Raised by every purge", statistics.cacheGeneration);
  addSection(text, "compression", statistics.total);
  addLoopLag(text, statistics.total);
  addSection(text, "loop lag", statistics.total);
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

/** The families of one section, each with the cells that show it. */
function addSection(text: PrometheusText, section: Section, reading: Reading): void {
  for (const family of Object.values(FAMILIES)) {
    if (family.section === section && family.type !== "histogram") addFamily(text, family, reading);
  }
}

function addFamily(text: PrometheusText, family: Family, reading: Reading): void {
  text.family(family.name, family.type, family.help);
  for (const [label, value] of samplesOf(family, reading)) {
    text.sample(family.name, value, labelsOf(family, String(label)));
  }
}

function labelsOf({ label }: Family, values: string): Labels {
  if (label === "") return {};
  const parts = values.split(",");
  return Object.fromEntries(label.split(",").map((name, index) => [name, parts[index]!]));
}

function samplesOf(family: Family, reading: Reading): Iterable<readonly [string | number, number]> {
  if (family === FAMILIES.byMethod) return reading.byMethod();
  if (family === FAMILIES.byProtocol) return reading.byProtocol();
  if (family === FAMILIES.byStatus) return reading.byStatus();
  return CELLS.filter(({ shown }) => shown.family === family).map(
    ({ index, unit, shown }) => [shown.sample ?? "", reading.cells[index]! / (PER_SECOND[unit] ?? 1)] as const,
  );
}

/** The +Inf bucket and `_count` come from the same cells as the others, so they always agree. */
function addLatency(text: PrometheusText, total: Reading, averageSinceLastMs: number): void {
  const { name, type, help } = FAMILIES.duration;
  text.family(name, type, help);
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

/** Measured while there are requests; of all workers. */
function addLoopLag(text: PrometheusText, total: Reading): void {
  const { name, type, help } = FAMILIES.lag;
  text.family(name, type, help);
  const cumulative = foldLagForPrometheus(total.lag);
  for (const [index, le] of LAG_LE_SECONDS.entries()) text.sample(`${name}_bucket`, cumulative[index]!, { le });
  const count = lagCount(total.lag);
  text.sample(`${name}_bucket`, count, { le: "+Inf" });
  text.sample(`${name}_sum`, total.cells[Counter.LagMicroseconds]! / 1e6);
  text.sample(`${name}_count`, count);
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
  addWorkerFamily(text, FAMILIES.rss, present);
  const age = "saker_worker_heartbeat_age_seconds";
  text.family(age, "gauge", "Time since the worker's last sign of life");
  for (const [index, worker] of present) text.sample(age, worker.heartbeatAgeMs / 1000, { worker: index });
  addWorkerFamily(text, FAMILIES.lastLag, present);
  addWorkerFamily(text, FAMILIES.worstLag, present);
}

function addWorkerFamily(text: PrometheusText, family: Family, present: Iterable<readonly [number, Worker]>): void {
  text.family(family.name, family.type, family.help);
  for (const [worker, { reading }] of present) {
    for (const [, value] of samplesOf(family, reading)) text.sample(family.name, value, { [family.label]: worker });
  }
}
