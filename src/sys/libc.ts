/**
 * The C library through bun:ffi: the one place where foreign functions are named and typed.
 *
 * Out:   `libc` with the calls below, or null when there is none to call: not Linux, `SAKER_NO_FFI=1`, or a library
 *        without these symbols. Every user in this room has a way without it, or answers `-ENOSYS`.
 * Units: size_t is `u64`, off_t `i64`: plain numbers go in and the engine converts them without a BigInt.
 *        Results are `i32`, also where C says ssize_t: Linux moves at most 0x7ffff000 octets a call, so nothing is cut
 *        off, and an `i64` result would be a BigInt (an allocation) per call.
 * Keeps: a call costs about 2 ns on top of the system call and allocates nothing (a million calls in a row on a Xeon VM,
 *        Bun 1.4.5; test/sys/allocation.test.ts); opening the library takes 0.3 ms once.
 * Source: man 2 of each call. prctl, ioctl and fcntl are variadic, which the Linux ABIs pass like any other integer arguments.
 */
import { dlopen, type Pointer, toArrayBuffer } from "bun:ffi";

export { Errno, errnoName, SystemError } from "./errno.ts";

const SYMBOLS = {
  __errno_location: { args: [], returns: "ptr" },
  send: { args: ["i32", "ptr", "u64", "i32"], returns: "i32" },
  recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i32" },
  sendfile: { args: ["i32", "i32", "ptr", "u64"], returns: "i32" },
  pread: { args: ["i32", "ptr", "u64", "i64"], returns: "i32" },
  statx: { args: ["i32", "ptr", "i32", "u32", "ptr"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  syscall: { args: ["i64", "i64", "ptr", "i64", "i64", "i64", "i64"], returns: "i32" },
  getsockopt: { args: ["i32", "i32", "i32", "ptr", "ptr"], returns: "i32" },
  ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
  bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
  listen: { args: ["i32", "i32"], returns: "i32" },
  getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  inet_pton: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  if_nametoindex: { args: ["ptr"], returns: "u32" },
  prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
  getrlimit: { args: ["i32", "ptr"], returns: "i32" },
  setrlimit: { args: ["i32", "ptr"], returns: "i32" },
  getppid: { args: [], returns: "i32" },
  fcntl: { args: ["i32", "i32", "i64"], returns: "i32" },
  execve: { args: ["ptr", "ptr", "ptr"], returns: "i32" },
  sigprocmask: { args: ["i32", "ptr", "ptr"], returns: "i32" },
  waitpid: { args: ["i32", "ptr", "i32"], returns: "i32" },
} as const;

const LIBRARY_NAMES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1", "libc.so"];

/** The functions of the C library that saker uses, typed. Pointers are numbers from `ptr()`, valid while their buffer lives. */
export type Libc = ReturnType<typeof openLibrary>;

function openLibrary(name: string) {
  return dlopen(name, SYMBOLS).symbols;
}

/** What `open` makes of the C library, by whatever name it goes here; null where there is none, or it lacks a symbol. */
export function openLibc<Calls>(open: (name: string) => Calls): Calls | null {
  if (process.platform !== "linux" || process.env.SAKER_NO_FFI === "1") return null;
  for (const name of LIBRARY_NAMES) {
    try {
      return open(name);
    } catch {
      // Not under this name (glibc and musl differ), or a symbol is missing: the next name, and at last the way without FFI.
    }
  }
  return null;
}

export const libc: Libc | null = openLibc(openLibrary);

// errno is one int per thread and never moves, so one view made here reads it at the cost of an array load.
const errnoCell: Int32Array =
  libc === null ? new Int32Array(1) : new Int32Array(toArrayBuffer(libc.__errno_location() as Pointer, 0, 4));

/** The error number of the C call that failed just before on this thread; of no meaning after a call that succeeded. */
export function errno(): number {
  return errnoCell[0]!;
}
