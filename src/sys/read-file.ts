/**
 * Reading a piece of an open file at an explicit offset (pread(2), preadv2(2)).
 *
 * In:    a descriptor, a buffer of the caller and the place in it, octets wanted, the offset in the file.
 * Out:   octets read (fewer near the end of the file, 0 at or past it), or `-errno`.
 * Keeps: the file's own position is neither used nor moved, so connections may share a descriptor; no allocation with FFI.
 * Without FFI: `fs.readSync` with a position.
 */
import { readSync } from "node:fs";
import { ptr } from "bun:ffi";
import { Errno, errnoOfException } from "./errno.ts";
import { errno, libc } from "./libc.ts";
import type { Octets, Offset } from "../units.ts";

/** preadv2; the second number is the one of all newer architectures. */
const SYSCALL_PREADV2 = process.arch === "x64" ? 327 : 286;
/** Linux 4.14: what is in the kernel's memory, or nothing. */
const RWF_NOWAIT = 0x08;

// struct iovec: address, octets; 64 bits each, as two words to stay clear of BigInt. Filled in for each call.
const iovec = new Uint32Array(new ArrayBuffer(16));
const WORD = 0x1_0000_0000;

/** Reads up to `octets` at `fileOffset` (0..2^53-1) into `into` from `intoOffset` on; the piece must lie within `into`. */
export function readAt(fd: number, into: Uint8Array, intoOffset: number, octets: Octets, fileOffset: Offset): number {
  if (octets === 0) return 0;
  if (libc === null) {
    try {
      return readSync(fd, into, intoOffset, octets, fileOffset);
    } catch (error) {
      return errnoOfException(error);
    }
  }
  const taken = libc.pread(fd, ptr(into, intoOffset), octets, fileOffset);
  return taken >= 0 ? taken : -errno();
}

/**
 * The same as `readAt`, but only what can be had without waiting for a disk: octets, which may be fewer, or `-errno`
 * (`-EAGAIN`: none; others where kernel or file system can't tell).
 */
export function readCached(
  fd: number,
  into: Uint8Array,
  intoOffset: number,
  octets: Octets,
  fileOffset: Offset,
): number {
  if (libc === null) return -Errno.ENOSYS;
  const address = ptr(into, intoOffset);
  iovec[0] = address; // a store keeps the low 32 bits (ToUint32)
  iovec[1] = address / WORD;
  iovec[2] = octets;
  const taken = libc.syscall(SYSCALL_PREADV2, fd, ptr(iovec), 1, fileOffset, 0, RWF_NOWAIT);
  return taken >= 0 ? taken : -errno();
}
