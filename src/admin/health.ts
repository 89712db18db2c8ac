/**
 * Content of /health: whether as many workers are alive as are configured.
 *
 * In:    statistics, version. Out: a plain object for JSON, and whether all is well (200) or not (503).
 * Units: seconds.
 * Keeps: pids are shown only to clients in the allow-list; everything else to all clients.
 */

import { SlotState } from "../stats/layout.ts";
import type { Statistics, WorkerReading } from "../stats/reader.ts";
import { type CertificateOrders, orderWarnings } from "./certificate-orders.ts";
import { certificateWarnings, type ServedCertificate } from "./served-certificates.ts";

export interface Health {
  readonly status: "healthy" | "degraded";
  readonly uptime: number;
  readonly version: string;
  readonly workers: number;
  readonly workers_alive: number;
  readonly worker: readonly WorkerHealth[];
  /** What will make it unhealthy unless somebody sees to it; absent where there is nothing. */
  readonly warnings?: readonly string[];
}

export interface WorkerHealth {
  readonly worker: number;
  readonly state: string;
  readonly alive: boolean;
  readonly pid?: number;
  readonly generation?: number;
  readonly restarts: number;
  readonly uptime?: number;
  readonly heartbeat_age_seconds?: number;
}

export function isHealthy(statistics: Statistics): boolean {
  return statistics.workersAlive >= statistics.workersConfigured;
}

/** `restartsOf` counts restarts by worker index, also of a worker that has no slot now. */
export function describeHealth(
  statistics: Statistics,
  version: string,
  restartsOf: (workerIndex: number) => number,
  withPids: boolean,
  certificates: readonly ServedCertificate[] = [],
  orders: CertificateOrders | null = null,
): Health {
  const warnings = [...certificateWarnings(certificates, statistics.nowMs), ...orderWarnings(orders)];
  return {
    status: isHealthy(statistics) ? "healthy" : "degraded",
    uptime: Math.floor(statistics.uptimeSeconds),
    version,
    workers: statistics.workersConfigured,
    workers_alive: statistics.workersAlive,
    worker: statistics.workers.map((worker, index) =>
      describeWorker(index, worker, restartsOf(index), statistics.nowMs, withPids),
    ),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

/** What both /health and /stats report about a worker; without a slot it is "dead". */
export function describeWorker(
  workerIndex: number,
  worker: WorkerReading | null,
  restarts: number,
  nowMs: number,
  withPid: boolean,
): WorkerHealth {
  if (worker === null) return { worker: workerIndex, state: "dead", alive: false, restarts };
  return {
    worker: workerIndex,
    state: (SlotState[worker.state] ?? "unknown").toLowerCase(),
    alive: worker.isAlive,
    ...(withPid ? { pid: worker.pid } : {}),
    generation: worker.generation,
    restarts,
    uptime: Math.max(0, Math.floor((nowMs - worker.startedMs) / 1000)),
    heartbeat_age_seconds: worker.heartbeatAgeMs / 1000,
  };
}
