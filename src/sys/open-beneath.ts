/**
 * Opening a file beneath a folder in one step, guaranteed by the kernel (openat2(2), Linux 5.6).
 *
 * In:    NUL-terminated paths in buffers of the caller: the folder's, and one relative to it.
 * Out:   a descriptor (read-only, close-on-exec, non-blocking so that a FIFO can't hang the server), or `-errno`:
 *        `-EXDEV` where the path leaves the folder (through "..", or by an absolute link, wherever that leads), `-ELOOP` for
 *        a link where none is allowed, `-EAGAIN` where the kernel would have to go to a disk and may not, or was
 *        disturbed by a rename, `-ENOSYS` without FFI.
 * Keeps: allocates nothing. The folder is opened anew each time, so one that was replaced is never served in its former
 *        state. No link in the folder's own path is followed.
 * Cost:  4.6 us with both opens, status and close (open(2) off the event loop and a look at /proc/self/fd: 41 us;
 *        bench/micro/open-below.bench.ts, 2026-11-20, EPYC VM).
 */
import { constants } from "node:fs";
import { ptr } from "bun:ffi";
import { Errno, errno, libc } from "./libc.ts";

const SYSCALL_OPENAT2 = 437; // one number on every architecture
const AT_FDCWD = -100;
/** Where the names and folders of a path may be looked up. */
export enum LookUp {
  /** In the kernel's cache only: `-EAGAIN` rather than wait for a disk, and always so where the kernel can't tell. */
  Memory,
  Disk,
}

const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | O_CLOEXEC;
const ROOT_FLAGS = O_PATH | constants.O_DIRECTORY | O_CLOEXEC;

const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_NO_SYMLINKS = 0x04;
const RESOLVE_BENEATH = 0x08;
/** Linux 5.12: answer from the kernel's cache of names, or not at all. */
const RESOLVE_CACHED = 0x20;

/** How often a path is retried that was disturbed by a concurrent rename (`..` and a moving folder). */
const TRIES_MAX = 3;

// struct open_how: flags, mode, resolve, 64 bits each; little-endian words. Filled in for each call.
const HOW_OCTETS = 24;
const how = new Uint32Array(new ArrayBuffer(HOW_OCTETS));
enum HowWord {
  Flags = 0,
  Resolve = 4,
}

function openAt(folderFd: number, cPath: Uint8Array, flags: number, resolve: number): number {
  how[HowWord.Flags] = flags;
  how[HowWord.Resolve] = resolve;
  const fd = libc!.syscall(SYSCALL_OPENAT2, folderFd, ptr(cPath), ptr(how), HOW_OCTETS, 0, 0);
  return fd >= 0 ? fd : -errno();
}

function isAnswered(resolve: number): boolean {
  if (libc === null) return false;
  const fd = openAt(AT_FDCWD, Buffer.from("/\0"), ROOT_FLAGS, resolve);
  if (fd >= 0) libc.close(fd);
  return fd >= 0 || fd === -Errno.EAGAIN;
}

/** Whether `openBeneath` works here: the kernel has it, and no filter of system calls keeps it away. */
export const canOpenBeneath: boolean = isAnswered(RESOLVE_NO_MAGICLINKS);
const hasCachedOnly = canOpenBeneath && isAnswered(RESOLVE_CACHED);

/** Opens `cPath`, which doesn't begin with "/", below the folder `cRoot`. `allowsLinks`: those that stay below it are followed. */
export function openBeneath(cRoot: Uint8Array, cPath: Uint8Array, allowsLinks: boolean, lookUp: LookUp): number {
  if (!canOpenBeneath) return -Errno.ENOSYS;
  if (lookUp === LookUp.Memory && !hasCachedOnly) return -Errno.EAGAIN;
  const cached = lookUp === LookUp.Memory ? RESOLVE_CACHED : 0;
  const rootFd = openAt(AT_FDCWD, cRoot, ROOT_FLAGS, RESOLVE_NO_SYMLINKS | cached);
  if (rootFd < 0) return rootFd;
  const links = allowsLinks ? RESOLVE_NO_MAGICLINKS : RESOLVE_NO_SYMLINKS;
  let fd = openAt(rootFd, cPath, OPEN_FLAGS, RESOLVE_BENEATH | links | cached);
  for (let tries = 1; fd === -Errno.EAGAIN && lookUp === LookUp.Disk && tries < TRIES_MAX; tries++) {
    fd = openAt(rootFd, cPath, OPEN_FLAGS, RESOLVE_BENEATH | links);
  }
  libc!.close(rootFd);
  return fd;
}
