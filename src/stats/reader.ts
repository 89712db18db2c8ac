/**
 * Reads the shared statistics: base totals and slots at one moment, summed and per worker.
 *
 * In:    a segment (mapped, or a snapshot of the file).
 * Out:   `Statistics`, plain copies that no longer change.
 * Units: ms, octets, microseconds, as in `layout.ts`.
 * Keeps: totals = base totals + slots, read under the header's seqlock, so two readings in a row, in any processes,
 *        never show a counter going backwards. Retries are bounded: a master killed in the middle of a fold leaves the lock
 *        locked forever, with at most one cell counted twice; then `consistent` is false.
 */

import { HISTOGRAM_BUCKETS, histogramCount, quantile } from "./histogram.ts";
import { LAG_BUCKETS } from "./lag-histogram.ts";
import { COUNTER_COUNT, Counter, Gauge, HeaderWord, Identity, METHOD_NAMES, SLOT_CELLS, SlotState } from "./layout.ts";
import { STATUS_MAX, STATUS_MIN } from "./layout.ts";
import { type Rates, readRates } from "./rates.ts";
import type { Segment } from "./segment.ts";

/** A worker that is silent for longer is not alive: heartbeats come every second. */
export const HEARTBEAT_STALE_MS = 5000;

const SPINS_MAX = 64;
const SLEEPS_MAX = 20;
const SLEEP_MS = 1;

/** Counters and gauges of one worker or of all: `reading.cells[Counter.Requests]`. */
export class Reading {
  /** By `Counter` and `Gauge`. */
  readonly cells = new Float64Array(SLOT_CELLS);

  /** Cells of the latency histogram. */
  get histogram(): Float64Array {
    return this.cells.subarray(Counter.HistogramFirst, Counter.HistogramFirst + HISTOGRAM_BUCKETS);
  }

  /** Cells of the histogram of event-loop lag. */
  get lag(): Float64Array {
    return this.cells.subarray(Counter.LagFirst, Counter.LagFirst + LAG_BUCKETS);
  }

  /** Finished responses; the sum over status codes also includes those in flight or aborted. */
  get responses(): number {
    return histogramCount(this.histogram);
  }

  /** Latency (ms) that a fraction `q` of the responses did not exceed, within 5 %. */
  quantileMs(q: number): number {
    return quantile(this.histogram, q) / 1000;
  }

  /** Mean latency (ms) of all responses; 0 before the first. */
  get averageMs(): number {
    const responses = this.responses;
    return responses === 0 ? 0 : this.cells[Counter.LatencyMicroseconds]! / responses / 1000;
  }

  /** Cache hits of all lookups, 0..1; 0 before the first. */
  get hitRatio(): number {
    const hits = this.cells[Counter.CacheHits]!;
    const lookups = hits + this.cells[Counter.CacheMisses]!;
    return lookups === 0 ? 0 : hits / lookups;
  }

  /** `[status code, responses]` for each code seen, ascending. */
  byStatus(): [number, number][] {
    const found: [number, number][] = [];
    for (let status = STATUS_MIN; status <= STATUS_MAX; status++) {
      const count = this.cells[Counter.StatusFirst + status - STATUS_MIN]!;
      if (count > 0) found.push([status, count]);
    }
    return found;
  }

  /** `[protocol, requests]` for every major version. */
  byProtocol(): [string, number][] {
    const http2 = this.cells[Counter.RequestsHttp2]!;
    return [
      ["HTTP/1", Math.max(0, this.cells[Counter.Requests]! - http2)],
      ["HTTP/2", http2],
    ];
  }

  /** `[method, requests]` for every method. */
  byMethod(): [string, number][] {
    return METHOD_NAMES.map((name, method) => [name, this.cells[Counter.MethodFirst + method]!]);
  }
}

/** One occupied slot. */
export interface WorkerReading {
  readonly slot: number;
  readonly workerIndex: number;
  readonly generation: number;
  readonly pid: number;
  readonly state: SlotState;
  readonly startedMs: number;
  readonly heartbeatAgeMs: number;
  /** Ready, with a heartbeat within `HEARTBEAT_STALE_MS`. */
  readonly isAlive: boolean;
  readonly restarts: number;
  readonly reading: Reading;
}

export interface Statistics {
  readonly nowMs: number;
  readonly startedMs: number;
  readonly uptimeSeconds: number;
  readonly masterPid: number;
  readonly cacheGeneration: number;
  readonly workersConfigured: number;
  /** Configured workers with a slot that is alive. */
  readonly workersAlive: number;
  readonly total: Reading;
  readonly rates: Rates;
  /** Every occupied slot, by worker index, then by age; during a reload a worker index has more than one. */
  readonly slots: readonly WorkerReading[];
  /** One entry per configured worker: its slot that is alive, else its youngest, else null. */
  readonly workers: readonly (WorkerReading | null)[];
  /** False if the base totals were being written at every attempt. */
  readonly consistent: boolean;
}

/** Reads everything once. Tens of microseconds; makes plain copies. */
export function readStatistics(segment: Segment, nowMs: number = Date.now()): Statistics {
  const total = new Reading();
  const readings: (Reading | null)[] = segment.slots.map(() => null);
  let consistent = false;
  for (let attempt = 0; attempt < SPINS_MAX + SLEEPS_MAX && !consistent; attempt++) {
    if (attempt >= SPINS_MAX) Bun.sleepSync(SLEEP_MS);
    const sequence = Atomics.load(segment.words, HeaderWord.Sequence);
    const isLast = attempt === SPINS_MAX + SLEEPS_MAX - 1;
    if (sequence % 2 !== 0 && !isLast) continue;
    copyCells(segment, total, readings);
    consistent = sequence % 2 === 0 && Atomics.load(segment.words, HeaderWord.Sequence) === sequence;
  }
  const slots = readings
    .map((reading, index) => (reading === null ? null : describeSlot(index, reading, nowMs)))
    .filter((slot) => slot !== null)
    .sort((a, b) => a.workerIndex - b.workerIndex || a.startedMs - b.startedMs || a.slot - b.slot);
  const workers = Array.from({ length: segment.workersConfigured }, (_, index) => pickWorker(slots, index));
  return {
    nowMs,
    startedMs: segment.startedMs,
    uptimeSeconds: Math.max(0, (nowMs - segment.startedMs) / 1000),
    masterPid: segment.masterPid,
    cacheGeneration: segment.cacheGeneration,
    workersConfigured: segment.workersConfigured,
    workersAlive: workers.filter((worker) => worker?.isAlive).length,
    total,
    rates: readRates(segment, nowMs, total.cells[Counter.Requests]!),
    slots,
    workers,
    consistent,
  };
}

/** One pass over base totals and slots; overwrites the results of an earlier pass. */
function copyCells(segment: Segment, total: Reading, readings: (Reading | null)[]): void {
  total.cells.fill(0);
  total.cells.set(segment.base);
  for (const slot of segment.slots) {
    if (slot.state === SlotState.Free) {
      readings[slot.index] = null;
      continue;
    }
    const reading = (readings[slot.index] ??= new Reading());
    reading.cells.set(slot.values);
    for (let counter = 0; counter < COUNTER_COUNT; counter++) total.cells[counter]! += reading.cells[counter]!;
    if (reading.cells[Identity.State] !== SlotState.Dead) addGauges(total.cells, reading.cells);
  }
}

/** Gauges are added up, except for lag, where the worst counts. Dead slots have none. */
function addGauges(total: Float64Array, cells: Float64Array): void {
  for (let gauge = Gauge.ConnectionsActive; gauge <= Gauge.RssOctets; gauge++) total[gauge]! += cells[gauge]!;
  for (const lag of [Gauge.LoopLagMs, Gauge.LoopLagMsMax]) total[lag] = Math.max(total[lag]!, cells[lag]!);
}

function describeSlot(slot: number, reading: Reading, nowMs: number): WorkerReading {
  const cells = reading.cells;
  const state: SlotState = cells[Identity.State]!;
  const heartbeatAgeMs = Math.max(0, nowMs - cells[Identity.HeartbeatMs]!);
  return {
    slot,
    workerIndex: cells[Identity.WorkerIndex]!,
    generation: cells[Identity.Generation]!,
    pid: cells[Identity.Pid]!,
    state,
    startedMs: cells[Identity.StartedMs]!,
    heartbeatAgeMs,
    isAlive: state === SlotState.Ready && heartbeatAgeMs < HEARTBEAT_STALE_MS,
    restarts: cells[Identity.Restarts]!,
    reading,
  };
}

function pickWorker(slots: readonly WorkerReading[], workerIndex: number): WorkerReading | null {
  const own = slots.filter((slot) => slot.workerIndex === workerIndex);
  return own.findLast((slot) => slot.isAlive) ?? own.at(-1) ?? null;
}
