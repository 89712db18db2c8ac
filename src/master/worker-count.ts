/**
 * How many workers `num_workers` means, and why.
 *
 * In:    the setting, `cache_size_mb`, the CPUs that this process may use, the memory limit of its control group.
 * Out:   the number; for "auto" one per CPU, but no more than memory carries with full caches, and at least one.
 * Units: octets.
 * Why:   each worker has a cache of its own. In a container with many CPUs and little memory one per CPU would be killed by the
 *        kernel one after the other, as soon as their caches fill.
 */
import { NUM_WORKERS_MAX } from "../config/worker-rows.ts";
import type { Settings } from "../config/settings.ts";
import { usableCpus } from "../sys/cpus.ts";
import { memoryLimit } from "../sys/memory-limit.ts";

type CountSettings = Pick<Settings, "num_workers" | "cache_size_mb">;

const MIB = 1024 * 1024;

/** What a worker or the master needs before it has cached anything. */
const PROCESS_OCTETS = 48 * MIB;

/** The rest is for connections, for what is being compressed, and for the kernel's own cache of files. */
const MEMORY_SHARE = 0.75;

export type WorkerChoice = {
  readonly workers: number;
  /** What decided. */
  readonly by: "configuration" | "CPUs" | "memory";
  /** Memory limit of the control group; Infinity = none. */
  readonly memoryOctets: number;
};

export function workerCount(settings: CountSettings): number {
  return chooseWorkers(settings, usableCpus(), memoryLimit()).workers;
}

export function chooseWorkers(settings: CountSettings, cpus: number, memoryOctets: number): WorkerChoice {
  const { num_workers } = settings;
  if (num_workers !== "auto") return { workers: num_workers, by: "configuration", memoryOctets };
  const byCpus = Math.min(cpus, NUM_WORKERS_MAX);
  const byMemory = Math.max(1, Math.floor(workersThatFit(settings, memoryOctets)));
  if (byMemory < byCpus) return { workers: byMemory, by: "memory", memoryOctets };
  return { workers: byCpus, by: "CPUs", memoryOctets };
}

/** Memory of the whole server when all caches are full. */
export function octetsNeeded({ cache_size_mb }: Pick<Settings, "cache_size_mb">, workers: number): number {
  return workers * (cache_size_mb * MIB + PROCESS_OCTETS) + PROCESS_OCTETS;
}

/** Whether so much memory is enough for it. */
export function isEnough(memoryOctets: number, needed: number): boolean {
  return needed <= memoryOctets * MEMORY_SHARE;
}

/** One line for the log where memory decides; null where it doesn't. */
export function describeChoice({ workers, by, memoryOctets }: WorkerChoice, cpus: number): string | null {
  if (by !== "memory") return null;
  const limit = `${Math.floor(memoryOctets / MIB)} MiB`;
  return `num_workers = "auto" is ${workers} on ${cpus} CPUs: the memory limit of ${limit} carries no more full caches`;
}

function workersThatFit({ cache_size_mb }: CountSettings, memoryOctets: number): number {
  return (memoryOctets * MEMORY_SHARE - PROCESS_OCTETS) / (cache_size_mb * MIB + PROCESS_OCTETS);
}
