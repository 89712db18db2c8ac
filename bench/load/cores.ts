/**
 * Which core the server runs on and which one the client.
 *
 * In:    the list of CPUs this process may use, and the hyper-thread siblings of the server's core (both as the kernel
 *        prints them: "0-3,8").
 * Out:   `Cores`, and the words that put a command on a core (`taskset -c N`).
 * Keeps: the server gets the lowest core; the client the lowest that isn't its hyper-thread sibling, else the lowest other
 *        one, else the same (then the numbers are of little worth, and the report says so).
 * Source: taskset(1), proc(5) Cpus_allowed_list, sysfs topology/thread_siblings_list.
 */
import { existsSync, readFileSync } from "node:fs";

export interface Cores {
  server: number;
  client: number;
  /** False where taskset is missing: nothing is pinned then. */
  pinned: boolean;
}

/** "0-2,5" -> [0, 1, 2, 5]. */
export function parseCpuList(text: string): number[] {
  const cpus: number[] = [];
  for (const part of text.trim().split(",")) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!match) continue;
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    for (let cpu = first; cpu <= last; cpu++) cpus.push(cpu);
  }
  return cpus;
}

/** The pair to use; `siblings` are the hardware threads that share the first core. */
export function chooseCores(
  usable: readonly number[],
  siblings: readonly number[],
): { server: number; client: number } {
  const server = usable[0] ?? 0;
  const others = usable.slice(1);
  const client = others.find((cpu) => !siblings.includes(cpu)) ?? others[0] ?? server;
  return { server, client };
}

/** Reads the machine and decides. */
export function detectCores(): Cores {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "latin1") : "";
  const usable = parseCpuList(/^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? "0");
  const siblingsPath = `/sys/devices/system/cpu/cpu${usable[0] ?? 0}/topology/thread_siblings_list`;
  const siblings = existsSync(siblingsPath) ? parseCpuList(readFileSync(siblingsPath, "latin1")) : [];
  return { ...chooseCores(usable, siblings), pinned: Bun.which("taskset") !== null };
}

/** The command, put on a core. exec keeps the process id: taskset is gone before the first instruction of the command. */
export function onCore(cores: Cores, core: number, command: readonly string[]): string[] {
  return cores.pinned ? ["taskset", "-c", String(core), ...command] : [...command];
}
