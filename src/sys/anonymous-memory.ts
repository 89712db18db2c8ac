/**
 * Shared memory without a file: for a machine on which nothing can be written, or nothing has room (memfd_create(2)).
 *
 * In:    a name that shows in /proc, for people; the size in octets.
 * Out:   a descriptor that children may inherit, the mapping, and a path that is good in this process for as long as the descriptor is
 *        open (and in a program that takes its place and inherits it).
 * Keeps: every page is allocated, as in shared-memory.ts; it can't be made smaller, which would kill whoever has mapped it.
 * Fails: `SystemError` (ENOSYS without FFI, EPERM under a filter of system calls), and exceptions of node:fs.
 */
import { closeSync } from "node:fs";
import { createAnonymousFile } from "./anonymous-file.ts";
import { SystemError } from "./errno.ts";
import { libc } from "./libc.ts";
import { ownDescriptor } from "./named-descriptor.ts";
import { fillWithZeros, openSharedMemory } from "./shared-memory.ts";

const F_ADD_SEALS = 1033;
const F_SEAL_SEAL = 1;
const F_SEAL_SHRINK = 2;

export interface AnonymousMemory {
  readonly fd: number;
  readonly path: string;
  readonly memory: Uint8Array;
}

export function createAnonymousMemory(name: string, octets: number): AnonymousMemory {
  const fd = createAnonymousFile(name);
  if (fd < 0) throw new SystemError("memfd_create", -fd);
  try {
    fillWithZeros(fd, octets);
    const path = pathOfDescriptor(fd);
    const memory = openSharedMemory(path);
    libc?.fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK);
    return { fd, path, memory };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** The name of anonymous memory in the process that has the descriptor. */
export function pathOfDescriptor(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/** Whether a path of shared memory is one that this process made up. */
export function isAnonymous(path: string): boolean {
  return ownDescriptor(path) !== null;
}
