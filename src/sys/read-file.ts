/**
 * Reading a piece of an open file at an explicit offset (pread(2)).
 *
 * In:    a descriptor, a buffer of the caller and the place in it, octets wanted, the offset in the file.
 * Out:   octets read (fewer near the end of the file, 0 at or past it), or `-errno`.
 * Keeps: the file's own position is neither used nor moved, so connections may share a descriptor; no allocation with FFI.
 * Without FFI: `fs.readSync` with a position.
 */
import { readSync } from "node:fs";
import { ptr } from "bun:ffi";
import { errnoOfException } from "./errno.ts";
import { errno, libc } from "./libc.ts";

/** Reads up to `octets` at `fileOffset` (0..2^53-1) into `into` from `intoOffset` on; the piece must lie within `into`. */
export function readAt(fd: number, into: Uint8Array, intoOffset: number, octets: number, fileOffset: number): number {
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
