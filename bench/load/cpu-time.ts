/**
 * CPU time of a process tree between two moments, thread by thread, to the nanosecond.
 *
 * In:    /proc/PID/task/TID/schedstat of every thread of the tree, read twice.
 * Out:   microseconds the threads ran in between.
 * Keeps: times are compared thread by thread, not sum by sum: what a thread used before the first look never counts, also when it
 *        has ended by the second (a compiler's or a collector's helper does that when it is idle). What a thread used in between
 *        and took with it is lost; a server under load loses none that matters.
 * Source: Documentation/scheduler/sched-stats.rst of Linux.
 */
import { readdirSync, readFileSync } from "node:fs";
import { descendantsOf, readAllProcesses } from "./process-tree.ts";

/** Nanoseconds on a CPU by "PID/TID". */
export type ThreadTimes = ReadonlyMap<string, number>;

/** The first number of a line of schedstat; 0 for what isn't one (a thread that ended meanwhile). */
export function parseSchedstat(text: string): number {
  return Number(/^(\d+) \d+ \d+/.exec(text)?.[1] ?? 0);
}

export function microsecondsBetween(before: ThreadTimes, after: ThreadTimes): number {
  let nanoseconds = 0;
  for (const [thread, time] of after) nanoseconds += Math.max(0, time - (before.get(thread) ?? 0));
  return nanoseconds / 1000;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // It ended meanwhile.
  }
}

function readSchedstat(thread: string): number {
  try {
    return parseSchedstat(readFileSync(`/proc/${thread}/schedstat`, "latin1"));
  } catch {
    return 0;
  }
}

export function readThreadTimes(root: number): ThreadTimes {
  const times = new Map<string, number>();
  for (const { pid } of descendantsOf(root, readAllProcesses())) {
    for (const tid of threadsOf(pid)) times.set(`${pid}/${tid}`, readSchedstat(`${pid}/task/${tid}`));
  }
  return times;
}
