/**
 * Staying on one CPU (sched_setaffinity(2)).
 *
 * Keeps: the calling thread is bound, with threads and programs it starts later; those that run already aren't. So this is
 *        for a process that becomes another program at once (replace-process.ts).
 */
import { SystemCall, systemCall } from "./syscall.ts";

/** Linux counts CPUs up to 8191 (CONFIG_NR_CPUS); a mask may be shorter than the kernel's. */
const MASK_OCTETS = 1024;

/** False where it can't be done: no FFI, or a CPU this process may not use. */
export function pinToCpu(cpu: number): boolean {
  const octets = new Uint8Array(MASK_OCTETS);
  if (cpu < 0 || cpu >= MASK_OCTETS * 8) return false;
  octets[cpu >> 3] = 1 << (cpu & 7);
  return systemCall(SystemCall.SchedSetaffinity, 0, octets.length, octets) >= 0;
}
