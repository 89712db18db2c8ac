/**
 * What falls to the first process of a container: children whose parents have ended are its own, and stay in the process table until
 * it waits for them (pid_namespaces(7)). A shell of `docker exec` may leave some.
 *
 * In:    looks, some seconds apart; which children are known.
 * Out:   unknown ones that have ended are gone from the table.
 * Keeps: a child is waited for when two looks in a row find it ended. Those that Bun has started are waited for by Bun at once, so
 *        its own are never taken away from it.
 */
import { readFileSync } from "node:fs";
import { reapChild } from "../sys/reap.ts";

export type ProcessTable = {
  /** Process ids of our children, those that have ended too. */
  children(): readonly number[];
  hasEnded(pid: number): boolean;
  /** Takes a child that has ended out of the table. */
  reap(pid: number): void;
};

export class OrphanReaper {
  private seen: ReadonlySet<number> = new Set();

  constructor(private readonly table: ProcessTable = KERNEL) {}

  look(known: ReadonlySet<number>): void {
    const ended = this.table.children().filter((pid) => !known.has(pid) && this.table.hasEnded(pid));
    for (const pid of ended) if (this.seen.has(pid)) this.table.reap(pid);
    this.seen = new Set(ended);
  }
}

/** /proc, as proc_tid_children(5) and proc_pid_stat(5) have it. */
const KERNEL: ProcessTable = {
  children: () => read(`/proc/self/task/${process.pid}/children`).split(" ").filter(Boolean).map(Number),
  hasEnded: (pid) => /^\d+ \(.*\) Z/s.test(read(`/proc/${pid}/stat`)),
  reap: (pid) => void reapChild(pid),
};

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // it is gone, or this kernel doesn't tell
  }
}
