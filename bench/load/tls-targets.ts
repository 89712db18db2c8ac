/**
 * What saker must reach with TLS and HTTP/2, and what would be good: ONE table.
 *
 * Units: ratios of CPU per request; octets of PSS per idle connection.
 */
import type { Target } from "./targets.ts";

function cpu(workload: string, reference: "h2o" | "nginx", limit: number, good: number): Target {
  return { workload, metric: "cpu", reference, bound: "at most", limit, good };
}

function idle(workload: string, kibibytes: number, good: number): Target {
  const limit = 1024 * kibibytes;
  return {
    workload,
    metric: "pss per idle connection",
    reference: null,
    bound: "at most",
    limit,
    good: 1024 * good,
  };
}

export const TLS_TARGETS: readonly Target[] = [
  cpu("h2-1k", "h2o", 0.75, 0.6),
  cpu("h2-1k-c1", "h2o", 0.65, 0.5),
  cpu("h2-1k-m1", "h2o", 0.95, 0.85),
  cpu("h2-page", "h2o", 0.65, 0.55),
  cpu("h2-64k", "h2o", 0.9, 0.75),
  cpu("h2-1m", "h2o", 0.9, 0.75),
  cpu("h2c-1k", "h2o", 0.75, 0.55),
  cpu("h1-1k", "nginx", 0.9, 0.8),
  { workload: "h1-1k", metric: "cpu above", reference: "bun-listen", bound: "at most", limit: 0.4, good: 0.25 },
  cpu("h1-1m", "nginx", 0.7, 0.55),
  cpu("h1-100m", "nginx", 0.75, 0.65),
  cpu("handshake", "nginx", 0.75, 0.65),
  idle("idle-h1", 8, 5),
  idle("idle-h2", 16, 12),
];
