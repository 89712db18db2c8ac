/** What a process holds and uses, out of /proc. Units: octets, descriptors, seconds. */
import { readFileSync } from "node:fs";
import { descriptorsOf } from "../support/processes.ts";

const TICKS_PER_SECOND = 100;

export function rssOctetsOf(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
  return Number(kilobytes ?? 0) * 1024;
}

/** User and system time so far. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** How long its main thread was ready to run so far, and had no CPU: what a busy machine, and not the process, makes others wait. */
export function cpuWaitSecondsOf(pid: number): number {
  const [, nanoseconds] = readFileSync(`/proc/${pid}/schedstat`, "latin1").split(" ");
  return Number(nanoseconds) / 1e9;
}

export function descriptorCountOf(pid: number): number {
  return descriptorsOf(pid).length;
}

export function formatOctets(octets: number): string {
  const magnitude = Math.abs(octets);
  if (magnitude >= 1024 * 1024) return `${(octets / 1024 / 1024).toFixed(1)} MiB`;
  return `${(octets / 1024).toFixed(1)} KiB`;
}
