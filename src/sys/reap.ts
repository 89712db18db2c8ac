/**
 * Exit of child processes started not by this program but by its predecessor in the same process (waitpid(2)).
 *
 * Keeps: only children that are named are waited for; those of Bun.spawn are Bun's.
 */
import { constants } from "node:os";
import { ptr } from "bun:ffi";
import { libc } from "./libc.ts";

const WNOHANG = 1;

export type ChildEnd = { readonly exitCode: number | null; readonly signalCode: NodeJS.Signals | null };

/**
 * How the child ended, after which it is gone from the process table; null while it runs. A process that is not a child counts
 * as ended.
 */
export function reapChild(pid: number): ChildEnd | null {
  if (libc === null) return { exitCode: null, signalCode: null };
  const status = new Int32Array(1);
  const result = libc.waitpid(pid, ptr(status), WNOHANG);
  if (result === 0) return null;
  if (result < 0) return { exitCode: null, signalCode: null };
  const signal = status[0]! & 0x7f;
  if (signal === 0) return { exitCode: (status[0]! >> 8) & 0xff, signalCode: null };
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return { exitCode: null, signalCode: (name ?? null) as NodeJS.Signals | null };
}
