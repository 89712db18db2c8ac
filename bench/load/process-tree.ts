/**
 * A process and all its descendants, and the memory they have, out of the texts of /proc. Their CPU time: cpu-time.ts.
 *
 * In:    /proc/PID/stat and /proc/PID/smaps_rollup as text.
 * Out:   who belongs to the tree, octets of RSS and PSS; and how busy a core was, whoever used it.
 * Units: clock ticks (getconf CLK_TCK), octets.
 * Keeps: the first half is pure and holds all the arithmetic; the second only reads files.
 * Source: proc(5).
 */
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessStat {
  pid: number;
  parent: number;
  /** Ticks after boot; with the pid it names one process for good. */
  startTicks: number;
}

export interface Memory {
  rssOctets: number;
  pssOctets: number;
}

/** One line of /proc/PID/stat, or null if it isn't one. The command name in it may hold blanks and parentheses. */
export function parseProcessStat(text: string): ProcessStat | null {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return null;
  const pid = Number(text.slice(0, open));
  // fields[0] is field 3 of proc(5), the state.
  const fields = text
    .slice(close + 2)
    .trim()
    .split(" ");
  const numbers = fields.map(Number);
  if (!Number.isInteger(pid) || fields.length < 20 || numbers.slice(1, 20).some(Number.isNaN)) return null;
  return {
    pid,
    parent: numbers[1]!,
    startTicks: numbers[19]!,
  };
}

/** `root` and everything below it, parents before children; empty when root isn't there. */
export function descendantsOf(root: number, all: readonly ProcessStat[]): ProcessStat[] {
  const tree = all.filter((process) => process.pid === root);
  for (let index = 0; index < tree.length; index++) {
    const parent = tree[index]!.pid;
    for (const process of all) if (process.parent === parent && process.pid !== parent) tree.push(process);
  }
  return tree;
}

/** /proc/PID/smaps_rollup: Rss and Pss in octets, or null if the text holds neither. */
export function parseSmapsRollup(text: string): Memory | null {
  const rss = /^Rss:\s+(\d+) kB$/m.exec(text);
  const pss = /^Pss:\s+(\d+) kB$/m.exec(text);
  if (!rss || !pss) return null;
  return { rssOctets: Number(rss[1]) * 1024, pssOctets: Number(pss[1]) * 1024 };
}

/** /proc/stat: ticks a CPU has spent doing anything but idling and waiting for disks; NaN if it isn't listed. */
export function parseCpuBusyTicks(text: string, cpu: number): number {
  const line = new RegExp(`^cpu${cpu} (.*)$`, "m").exec(text);
  if (!line) return NaN;
  const [user, nice, system, , , irq, softIrq, steal] = line[1]!.trim().split(" ").map(Number);
  return (user ?? 0) + (nice ?? 0) + (system ?? 0) + (irq ?? 0) + (softIrq ?? 0) + (steal ?? 0);
}

/** A file of /proc, or "" when the process is gone by now. */
function readProc(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // The process ended between listing and reading: it has no ticks of its own any more.
  }
}

export function readAllProcesses(): ProcessStat[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => parseProcessStat(readProc(`/proc/${name}/stat`)))
    .filter((process) => process !== null);
}

/** Sums over the tree; shared pages count once per process in RSS, and by share in PSS. */
export function readTreeMemory(root: number): Memory {
  const sum = { rssOctets: 0, pssOctets: 0 };
  for (const { pid } of descendantsOf(root, readAllProcesses())) {
    const memory = parseSmapsRollup(readProc(`/proc/${pid}/smaps_rollup`));
    sum.rssOctets += memory?.rssOctets ?? 0;
    sum.pssOctets += memory?.pssOctets ?? 0;
  }
  return sum;
}

export function readCpuBusyTicks(cpu: number): number {
  return parseCpuBusyTicks(readProc("/proc/stat"), cpu);
}

/** Microseconds of one clock tick (10 000 nearly everywhere). */
export function microsecondsPerTick(): number {
  const answer = Bun.which("getconf") ? Bun.spawnSync(["getconf", "CLK_TCK"]).stdout.toString().trim() : "100";
  return 1_000_000 / (Number(answer) || 100);
}
