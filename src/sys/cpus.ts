/**
 * How many CPUs this process may keep busy, for `num_workers = "auto"`.
 *
 * In:    the affinity mask (/proc/self/status) and the CPU quota of this process' cgroup and each of its parents
 *        (v2 `cpu.max`; v1 `cpu.cfs_quota_us`, `cpu.cfs_period_us`).
 * Out:   the smallest of them in whole CPUs, at least 1. A quota is rounded down: a worker more than the quota
 *        pays for gets all of them throttled together, which costs more latency than the idle fraction is worth.
 * Keeps: reads a few small files, once, at start.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Controller, readText, smallestLimit } from "./control-groups.ts";

/** CPUs this process may use, at least 1. `root` is "/" except in tests. */
export function usableCpus(root = "/"): number {
  const affinity = readAffinity(root) ?? availableParallelism();
  return Math.max(1, Math.floor(Math.min(affinity, readCpuQuota(root))));
}

/** CPUs in a list like "0-3,8,10-11" (the format of man 7 cpuset). */
export function parseCpuList(list: string): number[] {
  return list
    .trim()
    .split(",")
    .flatMap((part) => {
      const range = /^(\d+)(?:-(\d+))?$/.exec(part);
      if (range === null) return [];
      const first = Number(range[1]);
      return Array.from({ length: Math.max(0, Number(range[2] ?? first) - first + 1) }, (_, index) => first + index);
    });
}

/** CPUs in the text of `cpu.max`: "150000 100000" is 1.5, "max 100000" Infinity. */
export function quotaOfCpuMax(text: string): number {
  const [quota, period] = text.trim().split(/\s+/);
  return quotaOf(quota === "max" ? -1 : Number(quota), Number(period ?? 100_000));
}

const CPU: Controller = {
  name: "cpu",
  mountsV1: ["sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct"],
  readV2: quotaOfV2,
  readV1: quotaOfV1,
};

/** The smallest quota of this process' control groups; Infinity when none is set. */
export function readCpuQuota(root = "/"): number {
  return smallestLimit(CPU, root);
}

function readAffinity(root: string): number | null {
  const status = readText(join(root, "proc/self/status"));
  const list = status === null ? null : /^Cpus_allowed_list:\s*(\S+)/m.exec(status);
  return list === null ? null : parseCpuList(list[1]!).length || null;
}

function quotaOfV2(folder: string): number {
  const text = readText(join(folder, "cpu.max"));
  return text === null ? Infinity : quotaOfCpuMax(text);
}

function quotaOfV1(folder: string): number {
  const quota = readText(join(folder, "cpu.cfs_quota_us"));
  const period = readText(join(folder, "cpu.cfs_period_us"));
  return quota === null || period === null ? Infinity : quotaOf(Number(quota), Number(period));
}

function quotaOf(quota: number, period: number): number {
  return quota > 0 && period > 0 ? quota / period : Infinity;
}
