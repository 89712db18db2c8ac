/**
 * Looking at processes from outside, through /proc (Linux).
 *
 * In:    process ids.
 * Out:   children, states, descriptors; a process that is gone is an ordinary answer.
 * Keeps: reads only; never signals anything.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** One letter of proc(5): R running, S sleeping, D disk, T stopped, Z zombie; null when there is no such process. */
export function processState(pid: number): string | null {
  return readStat(pid)?.state ?? null;
}

/** Whether a process runs or could run: zombies are dead. */
export function isAlive(pid: number): boolean {
  const state = processState(pid);
  return state !== null && state !== "Z" && state !== "X";
}

/** Living children of `pid`, oldest first. */
export function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((child) => {
      const stat = readStat(child);
      return stat?.parent === pid && stat.state !== "Z";
    })
    .sort((a, b) => a - b);
}

/** Arguments the process was started with; empty when it is gone. */
export function commandLineOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0").slice(0, -1);
  } catch {
    return []; // The process ended between the listing and the look: not there is the answer.
  }
}

/** What each open descriptor of the process points at, as /proc names it (`socket:[123]`, `/path/of/file`). */
export function descriptorsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(`${folder}/${name}`)];
    } catch {
      return []; // Closed since the listing.
    }
  });
}

/** Living processes with `marker` somewhere in their environment, which children inherit. */
export function processesWithEnvironment(marker: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return isAlive(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(marker);
      } catch {
        return false; // Ended since the listing, or not ours to look into.
      }
    });
}

function readStat(pid: number): { state: string; parent: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The command name stands in parentheses and may contain anything, so the fields are counted from its end.
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { state: state!, parent: Number(parent) };
  } catch {
    return null; // No such process.
  }
}
