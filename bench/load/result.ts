/**
 * The result of a run: what the JSON file holds, and the numbers everything else reads from it.
 *
 * Units: named in each field; "Octets" are octets, "Microseconds" microseconds, a busy share is CPU time / wall time.
 * Keeps: samples stay raw, one a round, in the order of the rounds; medians and ratios are derived when read.
 */
import { paired, pairedRatios, spreadOf, type Spread } from "./spread.ts";

export const RESULT_FORMAT = 1;

/** One timed run. */
export interface LoadSample {
  /** Responses, by the workload's way of counting. */
  requests: number;
  requestsPerSecond: number;
  octetsPerSecond: number;
  /** CPU time of all threads of the server's process tree / requests. */
  cpuMicrosecondsPerRequest: number;
  /** 0: the client can't tell (wrk of pipelines, h2load). */
  p50Microseconds: number;
  p99Microseconds: number;
  failedRequests: number;
  serverBusy: number;
  clientBusy: number;
  /** What other processes took of the server's core meanwhile: above a few percent the sample is not worth much. */
  strangersBusy: number;
}

/** Beyond this share of the server's core taken by others a sample counts as disturbed. */
export const STRANGERS_MAX = 0.05;

/** What idle connections cost, beside the load that ran over 64 others. */
export interface IdleSample {
  connections: number;
  rssOctetsPerConnection: number;
  pssOctetsPerConnection: number;
  /** Connections the server closed although they were to stay. */
  lost: number;
}

export interface ContenderResult {
  contender: string;
  samples: LoadSample[];
  idle: IdleSample[];
  /** Why it has no (more) samples; null if nothing went wrong. */
  failure: string | null;
}

export interface WorkloadResult {
  workload: string;
  title: string;
  contenders: ContenderResult[];
}

export interface StartUpResult {
  contender: string;
  /** From exec to the last octet of the first 200. */
  milliseconds: number[];
  /** Of the tree, a second after the first 200. */
  pssOctets: number[];
  rssOctets: number[];
  failure: string | null;
}

/** Another client's requests to saker, all of which must succeed. */
export interface ClientResult {
  client: string;
  requests: number;
  failed: number;
}

export interface ContenderInfo {
  name: string;
  group: string;
  title: string;
  version: string;
}

export interface Machine {
  cpu: string;
  cores: number;
  kernel: string;
  serverCore: number;
  clientCore: number;
  pinned: boolean;
  loadAverage: number;
}

export interface BenchResult {
  format: typeof RESULT_FORMAT;
  startedAt: string;
  commit: string;
  command: string;
  /** As in suites.ts; results of old have none and are of plain HTTP/1.1. */
  suite?: string;
  rounds: number;
  seconds: number;
  machine: Machine;
  contenders: ContenderInfo[];
  workloads: WorkloadResult[];
  startUp: StartUpResult[];
  clients: ClientResult[];
  notes: string[];
}

/** Which number of a sample is meant. */
export type LoadMetric = "cpu" | "throughput";

const METRIC: Readonly<Record<LoadMetric, (sample: LoadSample) => number>> = {
  cpu: (sample) => sample.cpuMicrosecondsPerRequest,
  throughput: (sample) => sample.requestsPerSecond,
};

/** True if less of this metric is better. */
export function lessIsBetter(metric: LoadMetric): boolean {
  return metric === "cpu";
}

export function valuesOf(contender: ContenderResult, metric: LoadMetric): number[] {
  return contender.samples.map(METRIC[metric]);
}

/** The best by median among the contenders of these groups; null if none was measured. */
export function bestOf(
  workload: WorkloadResult,
  infos: readonly ContenderInfo[],
  isMember: (group: string) => boolean,
  metric: LoadMetric,
): ContenderResult | null {
  let best: ContenderResult | null = null;
  let bestMedian = NaN;
  for (const contender of workload.contenders) {
    const group = infos.find((info) => info.name === contender.contender)?.group ?? contender.contender;
    if (!isMember(group) || contender.samples.length === 0) continue;
    const { median } = spreadOf(valuesOf(contender, metric));
    const better = lessIsBetter(metric) ? median < bestMedian : median > bestMedian;
    if (best !== null && !better) continue;
    best = contender;
    bestMedian = median;
  }
  return best;
}

/** All of saker's requests in the run, by client: wrk's of all workloads first; empty if there were none. */
export function requestsByClient({ workloads, contenders, clients }: BenchResult): ClientResult[] {
  const names = contenders.filter(({ group }) => group === "saker").map(({ name }) => name);
  const samples = workloads
    .flatMap((workload) => workload.contenders)
    .filter(({ contender }) => names.includes(contender))
    .flatMap((contender) => contender.samples);
  if (samples.length === 0) return clients;
  const requests = Math.round(samples.reduce((sum, sample) => sum + sample.requests, 0));
  const failed = samples.reduce((sum, sample) => sum + sample.failedRequests, 0);
  return [{ client: "wrk, all workloads", requests, failed }, ...clients];
}

export interface Ratio {
  /** The median over the rounds of one / the other in the same round. */
  value: number;
  rounds: Spread;
}

export function ratioOf(one: ContenderResult, other: ContenderResult, metric: LoadMetric): Ratio {
  const rounds = spreadOf(pairedRatios(valuesOf(one, metric), valuesOf(other, metric)));
  return { value: rounds.median, rounds };
}

/** Round by round one − the other. */
export function differencesOf(one: ContenderResult, other: ContenderResult, metric: LoadMetric): Spread {
  return spreadOf(paired(valuesOf(one, metric), valuesOf(other, metric), (a, b) => a - b));
}
