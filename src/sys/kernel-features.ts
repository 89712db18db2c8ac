/**
 * What this kernel lets this process do, found out by trying: a version says nothing about seccomp filters, sandboxes or
 * what was left out of the build.
 *
 * Out:   one answer a feature; all of them "no" without FFI.
 * Keeps: changes nothing; every descriptor it opens is closed again. For diagnostic commands, never for serving.
 * Source: man 2 of each call; landlock(7); the call numbers are the same on x86-64, arm64 and riscv64.
 */
import { closeSync, openSync } from "node:fs";
import { dlopen, ptr } from "bun:ffi";
import { landlockVersion } from "./landlock.ts";
import { libc, openLibc } from "./libc.ts";
import { canOpenBeneath } from "./open-beneath.ts";
import { canTransmit, sendFile } from "./transmit.ts";
import { Octets, Offset } from "../units.ts";

export interface KernelFeatures {
  /** Status of a file without its descriptor's help; Linux 4.11. */
  readonly statx: boolean;
  /** File to socket inside the kernel. */
  readonly sendfile: boolean;
  /** Several sockets at one address, among which the kernel spreads connections; Linux 3.9. */
  readonly reusePort: boolean;
  /** Opening that can't leave a folder; Linux 5.6. */
  readonly openat2: boolean;
  /** Version of the interface by which a process gives up access to files; 0 = there is none. Linux 5.13. */
  readonly landlock: number;
}

const AT_FDCWD = -100;
const AF_INET = 2;
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_REUSEPORT = 15;
const STATX_BASIC_STATS = 0x7ff;
/** adjtimex(2): "the clock is not synchronized". */
const TIME_ERROR = 5;

/** All answers. */
export function probeKernel(): KernelFeatures {
  return {
    statx: hasStatx(),
    sendfile: hasSendfile(),
    reusePort: hasReusePort(),
    openat2: canOpenBeneath,
    landlock: landlockVersion(),
  };
}

/** Whether something keeps this machine's clock right; null where that can't be asked. */
export function isClockSynchronized(): boolean | null {
  const state = probes?.adjtimex(ptr(new Uint8Array(256))) ?? -1; // struct timex, all zero: change nothing
  return state < 0 ? null : state !== TIME_ERROR;
}

function openProbes() {
  return openLibc(
    (name) =>
      dlopen(name, {
        syscall: { args: ["i64", "i64", "i64", "i64", "i64"], returns: "i32" },
        adjtimex: { args: ["ptr"], returns: "i32" },
      }).symbols,
  );
}

const probes = openProbes();

function hasStatx(): boolean {
  const path = Buffer.from("/\0");
  return libc !== null && libc.statx(AT_FDCWD, ptr(path), 0, STATX_BASIC_STATS, ptr(new Uint8Array(256))) === 0;
}

function hasSendfile(): boolean {
  if (!canTransmit) return false;
  const source = openSync(process.execPath, "r");
  const sink = openSync("/dev/null", "w");
  const sent = sendFile(sink, source, Offset(0), Octets(1));
  closeSync(source);
  closeSync(sink);
  return sent === 1;
}

function hasReusePort(): boolean {
  if (libc === null) return false;
  const fd = libc.socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return false;
  const can = libc.setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, ptr(Int32Array.of(1)), 4) === 0;
  libc.close(fd);
  return can;
}
