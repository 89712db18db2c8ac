/**
 * Error numbers of Linux (errno(3), asm-generic/errno-base.h and errno.h; the same on x86-64 and arm64).
 *
 * Out:   `Errno` for hot code, which receives `-errno` as a plain number; `errnoName` and `SystemError` for set-up code.
 * Keeps: pure; no I/O.
 */

export enum Errno {
  EPERM = 1,
  ENOENT = 2,
  EINTR = 4,
  EIO = 5,
  ENXIO = 6,
  EBADF = 9,
  EAGAIN = 11,
  ENOMEM = 12,
  EACCES = 13,
  EFAULT = 14,
  EBUSY = 16,
  EEXIST = 17,
  EXDEV = 18,
  ENODEV = 19,
  ENOTDIR = 20,
  EISDIR = 21,
  EINVAL = 22,
  ENFILE = 23,
  EMFILE = 24,
  EFBIG = 27,
  ENOSPC = 28,
  ESPIPE = 29,
  EROFS = 30,
  EPIPE = 32,
  ENAMETOOLONG = 36,
  ENOSYS = 38,
  ELOOP = 40,
  EOVERFLOW = 75,
  EILSEQ = 84,
  EBADFD = 77,
  ENOTSOCK = 88,
  EOPNOTSUPP = 95,
  EAFNOSUPPORT = 97,
  EADDRINUSE = 98,
  EADDRNOTAVAIL = 99,
  ENETUNREACH = 101,
  ECONNABORTED = 103,
  ECONNRESET = 104,
  ENOBUFS = 105,
  ENOTCONN = 107,
  ETIMEDOUT = 110,
  ECONNREFUSED = 111,
  EHOSTUNREACH = 113,
  ESTALE = 116,
}

/** The symbolic name of an error number (given as `errno` or `-errno`), or `E<number>` when the table lacks it. */
export function errnoName(code: number): string {
  const positive = Math.abs(code);
  return Errno[positive] ?? `E${positive}`;
}

/** A system call that failed while setting up. Hot code never throws it: there `-errno` is the return value. */
export class SystemError extends Error {
  /** Symbolic name, as node:fs spells it in `error.code`. */
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;

  constructor(syscall: string, errno: number, detail = "") {
    super(`${syscall}: ${errnoName(errno)}${detail === "" ? "" : ` (${detail})`}`);
    this.name = "SystemError";
    this.code = errnoName(errno);
    this.errno = errno;
    this.syscall = syscall;
  }
}

/** `-errno` of an exception thrown by node:fs (which carries it negative) or by saker; `-EIO` when it carries none. */
export function errnoOfException(error: unknown): number {
  const errno = (error as { errno?: unknown } | null)?.errno;
  return typeof errno === "number" && errno !== 0 ? -Math.abs(errno) : -Errno.EIO;
}

/** The message of an error, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
