/**
 * What saker must reach: the table for plain HTTP/1.1 (that for TLS and HTTP/2 is tls-targets.ts), and the judge that holds a result
 * against one.
 *
 * In:    a `BenchResult`.
 * Out:   one `Verdict` per target.
 * Units: ratios are saker / reference, "cpu above" is saker − reference in microseconds; limits in the unit of their metric.
 * Keeps: pure. References: "floor"; a group of contenders ("nginx": its better setting by that metric, "bun-serve"); "cheapest peer":
 *        the best of all but saker and the floor; null: an absolute limit.
 *        A ratio is the median of those of the same rounds; one beyond its limit while some round's is within it counts as "unclear":
 *        more rounds or a quieter machine must decide.
 */
import { CLIENTS_WORKLOAD, IDLE_WORKLOAD, START_UP_WORKLOAD } from "./workloads.ts";
import { spreadOf, type Spread } from "./spread.ts";
import {
  bestOf,
  differencesOf,
  ratioOf,
  requestsByClient,
  type BenchResult,
  type LoadMetric,
  type WorkloadResult,
} from "./result.ts";

export interface Target {
  workload: string;
  metric: LoadMetric | "cpu above" | IdleMetric | "start to first response" | "failed requests";
  reference: "floor" | "nginx" | "nginx-tuned" | "bun-serve" | "bun-listen" | "h2o" | "cheapest peer" | null;
  bound: "at most" | "at least";
  limit: number;
  /** Beyond what it must: what would be good. */
  good?: number;
}

type IdleMetric = "rss per idle connection" | "pss per idle connection";

function cpu(workload: string, reference: Target["reference"], limit: number): Target {
  return { workload, metric: "cpu", reference, bound: "at most", limit };
}

function throughput(workload: string, reference: Target["reference"], limit: number): Target {
  return { workload, metric: "throughput", reference, bound: "at least", limit };
}

/**
 * "nginx" is the better of the two settings contenders/nginx.ts calls so.
 */
export const TARGETS: readonly Target[] = [
  cpu("hot", "floor", 1.15),
  cpu("hot", "cheapest peer", 1.0),
  cpu("browser", "floor", 1.15),
  cpu("browser", "cheapest peer", 1.0),
  cpu("range", "floor", 1.15),
  cpu("range", "cheapest peer", 1.0),
  cpu("zipf", "nginx", 0.9),
  cpu("not-modified", "nginx", 1.0),
  cpu("not-found", "nginx", 0.85),
  cpu("pipelined", "bun-serve", 1.0),
  cpu("pipelined", "nginx", 0.3),
  cpu("close", "nginx", 1.0),
  cpu("64k", "nginx", 0.85),
  cpu("1m", "nginx", 0.6),
  throughput("1m", "nginx", 1.0),
  cpu("100m", "nginx", 1.0),
  throughput("100m", "nginx", 1.0),
  {
    workload: IDLE_WORKLOAD,
    metric: "rss per idle connection",
    reference: null,
    bound: "at most",
    limit: 1.5 * 1024,
  },
  { workload: START_UP_WORKLOAD, metric: "start to first response", reference: null, bound: "at most", limit: 100 },
  { workload: CLIENTS_WORKLOAD, metric: "failed requests", reference: null, bound: "at most", limit: 0 },
];

/** The same limits against nginx tuned further than the targets ask: for information. */
export const BEYOND_TARGETS: readonly Target[] = [
  cpu("not-found", "nginx-tuned", 0.85),
  cpu("close", "nginx-tuned", 1.0),
  cpu("64k", "nginx-tuned", 0.85),
  cpu("1m", "nginx-tuned", 0.6),
];

export interface Verdict {
  target: Target;
  outcome: "good" | "reached" | "missed" | "unclear" | "not measured";
  /** The ratio, or the absolute number; NaN when not measured. */
  value: number;
  spread: Spread;
  /** Which contender it was held against; "" for an absolute limit. */
  against: string;
}

const NOT_MEASURED = { outcome: "not measured", value: NaN, spread: spreadOf([]), against: "" } as const;

function isWithin(value: number, { bound }: Target, limit: number): boolean {
  return bound === "at most" ? value <= limit : value >= limit;
}

function judgeValue(target: Target, value: number, spread: Spread, against: string): Verdict {
  const bestRound = target.bound === "at most" ? spread.least : spread.most;
  const missed = isWithin(bestRound, target, target.limit) ? "unclear" : "missed";
  const isGood = target.good !== undefined && isWithin(value, target, target.good);
  const reached = isGood ? "good" : "reached";
  return { target, outcome: isWithin(value, target, target.limit) ? reached : missed, value, spread, against };
}

function judgeAgainst(
  target: Target,
  metric: LoadMetric | "cpu above",
  workload: WorkloadResult,
  result: BenchResult,
): Verdict {
  const compared = metric === "cpu above" ? "cpu" : metric;
  const saker = bestOf(workload, result.contenders, (group) => group === "saker", compared);
  const isReference = (group: string): boolean =>
    target.reference === "cheapest peer" ? group !== "saker" && group !== "floor" : group === target.reference;
  const reference = bestOf(workload, result.contenders, isReference, compared);
  if (saker === null || reference === null) return { target, ...NOT_MEASURED };
  const rounds =
    metric === "cpu above" ? differencesOf(saker, reference, compared) : ratioOf(saker, reference, metric).rounds;
  return judgeValue(target, rounds.median, rounds, reference.contender);
}

/** The sum over all clients, once another than wrk was among them. */
function judgeFailures(target: Target, result: BenchResult): Verdict {
  if (result.clients.length === 0) return { target, ...NOT_MEASURED };
  const failed = requestsByClient(result).reduce((sum, client) => sum + client.failed, 0);
  return judgeValue(target, failed, spreadOf([failed]), "");
}

/** One target against the result. */
export function judge(target: Target, result: BenchResult): Verdict {
  if (target.metric === "failed requests") return judgeFailures(target, result);
  if (target.metric === "start to first response") {
    const values = result.startUp.find(({ contender }) => contender === "saker")?.milliseconds ?? [];
    const spread = spreadOf(values);
    return values.length === 0 ? { target, ...NOT_MEASURED } : judgeValue(target, spread.median, spread, "");
  }
  const workload = result.workloads.find((one) => one.workload === target.workload);
  if (workload === undefined) return { target, ...NOT_MEASURED };
  const { metric } = target;
  if (metric === "cpu" || metric === "throughput" || metric === "cpu above")
    return judgeAgainst(target, metric, workload, result);
  const samples = workload.contenders.find(({ contender }) => contender === "saker")?.idle ?? [];
  const isRss = metric === "rss per idle connection";
  const spread = spreadOf(
    samples.map((sample) => (isRss ? sample.rssOctetsPerConnection : sample.pssOctetsPerConnection)),
  );
  return samples.length === 0 ? { target, ...NOT_MEASURED } : judgeValue(target, spread.median, spread, "");
}

/** True if saker got where it must. */
export function isReached({ outcome }: Verdict): boolean {
  return outcome === "good" || outcome === "reached";
}

export function judgeAll(targets: readonly Target[], result: BenchResult): Verdict[] {
  return targets.map((target) => judge(target, result));
}
