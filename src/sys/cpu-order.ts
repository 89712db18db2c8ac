/**
 * In which order workers take the CPUs (`cpu_affinity`).
 *
 * In:    the CPUs this process may use (/proc/self/status: its own mask and the cgroup's cpuset), which memory node each
 *        belongs to, and which are threads of one core (/sys/devices/system).
 * Out:   their numbers: node after node, and in a node one thread of every core before the second ones.
 * Why:   a node is filled before the next is begun because workers share what they read: the page cache's copy of a file
 *        lies on the node of the worker that read it first, and so do the statistics. Two threads of a core share its
 *        units, so the second brings a fraction of the first.
 * Keeps: reads a few small files; where they are missing, CPUs keep their numerical order.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseCpuList } from "./cpus.ts";

/** The usable CPUs in the order in which workers take them; empty where it can't be told. `root` is "/" except in tests. */
export function cpuOrder(root = "/"): number[] {
  const nodes = nodesOf(root);
  const place = (cpu: number): readonly number[] => {
    const node = nodes.findIndex((cpus) => cpus.includes(cpu));
    return [node, threadOfCore(root, cpu), cpu];
  };
  const places = usableCpuList(root).map(place);
  return places.sort(compare).map(([, , cpu]) => cpu!);
}

function usableCpuList(root: string): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(read(join(root, "proc/self/status")));
  return list === null ? [] : parseCpuList(list[1]!);
}

function nodesOf(root: string): number[][] {
  const folder = join(root, "sys/devices/system/node");
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => /^node\d+$/.test(name));
  } catch {
    return []; // a kernel without NUMA, or a sandbox: one node
  }
  const numbers = names.map((name) => Number(name.slice("node".length))).sort((one, other) => one - other);
  return numbers.map((number) => parseCpuList(read(join(folder, `node${number}/cpulist`))));
}

/** 0 for the first thread of a core, 1 for the second. */
function threadOfCore(root: string, cpu: number): number {
  const siblings = parseCpuList(read(join(root, `sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`)));
  return Math.max(0, siblings.indexOf(cpu));
}

function compare(one: readonly number[], other: readonly number[]): number {
  const index = one.findIndex((value, position) => value !== other[position]);
  return index === -1 ? 0 : one[index]! - other[index]!;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
