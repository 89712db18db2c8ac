/**
 * Checks of what saker is built on: system, foreign functions, kernel, clock.
 *
 * Keeps: pure.
 */
import type { Facts } from "./facts.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";

/** Clocks of file servers and machines may differ by this much. */
const CLOCK_TOLERANCE_MS = 60_000;

const NO_STATX = "Files are checked in a slower way: use Linux 4.11 or later, or a sandbox that allows statx(2).";
const NO_SENDFILE = "Large files can't be sent from inside the kernel: allow sendfile(2) in the sandbox.";
const NO_REUSE_PORT =
  "Workers can't have a listening socket each: use Linux 3.9 or later, or a sandbox that allows it.";

export function checkPlatform({ platform, clock }: Facts): Finding[] {
  const { isLinux, release, hasForeignFunctions, areTurnedOff, kernel } = platform;
  if (!isLinux) {
    const advice = "saker works, but lossless restarts and sendfile need Linux.";
    return [warn("system", release, advice), ...checkClock(clock)];
  }
  if (!hasForeignFunctions) {
    const advice = areTurnedOff
      ? "Unset SAKER_NO_FFI to use inherited sockets, sendfile and cheaper file checks."
      : "No C library was found: files are copied, and connections may be lost when a worker is replaced.";
    return [
      ok("system", release),
      warn("foreign functions", areTurnedOff ? "turned off" : "none", advice),
      ...checkClock(clock),
    ];
  }
  return [
    ok("system", release),
    ok("foreign functions", "available"),
    kernel.statx ? ok("statx", "available") : warn("statx", "not available", NO_STATX),
    kernel.sendfile ? ok("sendfile", "available") : warn("sendfile", "not available", NO_SENDFILE),
    kernel.reusePort ? ok("SO_REUSEPORT", "available") : warn("SO_REUSEPORT", "not available", NO_REUSE_PORT),
    // Nothing depends on it: a file is verified after it was opened, wherever that is.
    ok("openat2", kernel.openat2 ? "available" : "not available"),
    ...checkClock(clock),
  ];
}

function checkClock({ nowMs, newestFileMs, isSynchronized }: Facts["clock"]): Finding[] {
  const now = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  if (nowMs + CLOCK_TOLERANCE_MS < newestFileMs) {
    const file = `${new Date(newestFileMs).toISOString().slice(0, 19)}Z`;
    const advice = "Set the clock: dates in responses and conditional requests depend on it.";
    return [fail("clock", `${now}, but a file is from ${file}`, advice)];
  }
  if (isSynchronized === false) {
    return [warn("clock", `${now}, not synchronized`, "Run chrony, systemd-timesyncd or the host's time service.")];
  }
  return [ok("clock", isSynchronized === true ? `${now}, synchronized` : now)];
}
