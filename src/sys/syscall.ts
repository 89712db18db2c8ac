/**
 * System calls that are made once in a process' life, by number (syscall(2)).
 *
 * In:    a number, and up to four arguments: integers, or buffers for pointers.
 * Out:   what the kernel answers, or `-errno`; `-ENOSYS` without FFI.
 * Keeps: opened at the first call; it costs nothing until then.
 */
import { dlopen, ptr } from "bun:ffi";
import { Errno } from "./errno.ts";
import { errno, openLibc } from "./libc.ts";

/** The same on x86-64, arm64 and riscv64, except for the negative ones. */
export enum SystemCall {
  SchedSetaffinity = -1,
  MemfdCreate = -2,
  LandlockCreateRuleset = 444,
  LandlockAddRule = 445,
  LandlockRestrictSelf = 446,
}

const isX64 = process.arch === "x64";

function numberOf(call: SystemCall): number {
  if (call === SystemCall.SchedSetaffinity) return isX64 ? 203 : 122;
  if (call === SystemCall.MemfdCreate) return isX64 ? 319 : 279;
  return call;
}

function open() {
  return openLibc(
    (name) => dlopen(name, { syscall: { args: ["i64", "i64", "i64", "i64", "i64"], returns: "i32" } }).symbols,
  );
}

let calls: ReturnType<typeof open> | undefined;

/** Any buffer is read or written during the call only. */
export function systemCall(call: SystemCall, ...values: readonly (number | Uint8Array)[]): number {
  calls ??= open();
  if (calls === null) return -Errno.ENOSYS;
  const [first = 0, second = 0, third = 0, fourth = 0] = values.map((value) =>
    typeof value === "number" ? value : ptr(value),
  );
  const answer = calls.syscall(numberOf(call), first, second, third, fourth);
  const failure = errno();
  // The buffers are in use up to here, so they were alive during the call.
  return answer < 0 && values.length > 0 ? -failure : answer;
}
