/**
 * Opening files by descriptor, kept inside a root where asked (open(2), openat2(2)).
 *
 * In:    NUL-terminated paths in buffers of the caller.
 * Out:   a descriptor (read-only, close-on-exec, non-blocking so that a FIFO can't hang the server), or `-errno`.
 * Keeps: no allocation with FFI. Always `statFd` what was opened: a path checked before may name something else by now.
 * Why openat2: RESOLVE_BENEATH lets the kernel refuse, in one step and without a race, every path that leaves the
 *        root, be it through "..", an absolute symbolic link or one that is swapped while we look.
 * Without FFI: `openPath` goes through node:fs; `openBeneath` answers `-ENOSYS`, and so it does on kernels before 5.6.
 */
import { closeSync, constants, openSync } from "node:fs";
import { ptr } from "bun:ffi";
import { Errno, errnoOfException } from "./errno.ts";
import { errno, libc } from "./libc.ts";

const O_CLOEXEC = 0o2000000;
const O_PATH = 0o10000000;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | O_CLOEXEC;

const SYS_OPENAT2 = 437; // one number on every architecture
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_NO_SYMLINKS = 0x04;
const RESOLVE_BENEATH = 0x08;

/** What `openBeneath` does with symbolic links. */
export enum LinkPolicy {
  /** Followed as long as they stay beneath the root; one that leaves it is `-EXDEV`. */
  Inside,
  /** Any symbolic link in the path is `-ELOOP`. */
  Never,
}

// struct open_how: flags, mode, resolve, 64 bits each; little-endian words. One per policy, made once.
const HOW_OCTETS = 24;
const howInside = openHow(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
const howInsidePointer = ptr(howInside);
const howNever = openHow(RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS);
const howNeverPointer = ptr(howNever);

/** Opens the path for reading, symbolic links followed wherever they lead. A descriptor, or `-errno`. */
export function openPath(cPath: Uint8Array): number {
  if (libc === null) {
    try {
      const nul = cPath.indexOf(0);
      return openSync(Buffer.from(cPath.buffer, cPath.byteOffset, nul === -1 ? cPath.byteLength : nul), OPEN_FLAGS);
    } catch (error) {
      return errnoOfException(error);
    }
  }
  const fd = libc.open(ptr(cPath), OPEN_FLAGS, 0);
  return fd >= 0 ? fd : -errno();
}

/** Opens a folder as an anchor for `openBeneath`. A descriptor, or `-errno`; `-ENOSYS` where openat2 doesn't work. */
export function openRoot(cPath: Uint8Array): number {
  if (libc === null) return -Errno.ENOSYS;
  const fd = libc.open(ptr(cPath), O_PATH | constants.O_DIRECTORY | O_CLOEXEC, 0);
  return fd >= 0 ? fd : -errno();
}

/**
 * Opens `cPath`, taken relative to the folder `rootFd` and not beginning with "/", without ever leaving that folder.
 * A descriptor, or `-errno`: `-EXDEV` for a path that leaves, `-ELOOP` for a link under `LinkPolicy.Never`.
 * One open and close: 5.4 us (open and close alone: 4.6; Xeon VM).
 */
export function openBeneath(rootFd: number, cPath: Uint8Array, offset: number, policy: LinkPolicy): number {
  if (libc === null) return -Errno.ENOSYS;
  const how = policy === LinkPolicy.Never ? howNeverPointer : howInsidePointer;
  const fd = libc.syscall(SYS_OPENAT2, rootFd, ptr(cPath, offset), how, HOW_OCTETS);
  return fd >= 0 ? fd : -errno();
}

/** Closes a descriptor. 0 or `-errno`; after either the descriptor is gone (man 2 close). */
export function closeDescriptor(fd: number): number {
  if (libc === null) {
    try {
      closeSync(fd);
      return 0;
    } catch (error) {
      return errnoOfException(error);
    }
  }
  return libc.close(fd) === 0 ? 0 : -errno();
}

function openHow(resolve: number): Uint32Array {
  const words = new Uint32Array(new ArrayBuffer(HOW_OCTETS));
  words[0] = OPEN_FLAGS;
  words[4] = resolve;
  return words;
}
