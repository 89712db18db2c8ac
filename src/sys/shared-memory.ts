/**
 * Memory shared between processes: a file, mapped by each of them (mmap(2), MAP_SHARED).
 *
 * In:    a path (a tmpfs such as /dev/shm keeps it off the disk) and the size in octets.
 * Out:   a `Uint8Array` over the mapping; make typed views over its `buffer`.
 * Keeps: the file has its full size, with every page allocated, before any process maps it: a full disk is an error here
 *        and not a SIGBUS in a worker later. It must not be truncated while it is mapped (that kills the readers).
 *        Replacing is atomic: the new file is renamed over a stale one, whose mappings stay valid on their own.
 * Fails: exceptions of node:fs (`code` ENOSPC, EACCES, ENOENT …).
 */
import { accessSync, closeSync, constants, openSync, renameSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";

const ZEROS = new Uint8Array(64 * 1024);

/**
 * Where files may lie that are memory and nothing else, best first: /dev/shm, then temporary folders, without those in
 * which nothing can be written (they may be mounted read-only). Whether there is room shows when a file is made.
 */
export function memoryFolders(best?: string): string[] {
  return memoryPlaces(best).filter(isWritable);
}

/** The same with those in which nothing can be written. */
export function memoryPlaces(best = "/dev/shm"): string[] {
  return [...new Set([best, tmpdir(), "/tmp", "/var/tmp"])];
}

/** The first of them. */
export function memoryFolder(best?: string): string {
  return memoryFolders(best)[0] ?? tmpdir();
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Creates (or replaces) `path` with `octets` zeros and maps it. `mode` is the file's permission bits. */
export function createSharedMemory(path: string, octets: number, mode = 0o600): Uint8Array {
  const unfinished = `${path}.${process.pid}.new`;
  rmSync(unfinished, { force: true }); // of one that died here with our pid: in a container it is always 1
  const fd = openSync(unfinished, "wx", mode);
  try {
    fillWithZeros(fd, octets);
    const memory = Bun.mmap(unfinished, { shared: true });
    renameSync(unfinished, path);
    return memory;
  } catch (error) {
    unlinkSync(unfinished);
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** Gives an empty file its size, page by page: one that is only made longer has no pages yet, and no room for them may be left. */
export function fillWithZeros(fd: number, octets: number): void {
  for (let written = 0; written < octets;) {
    written += writeSync(fd, ZEROS, 0, Math.min(ZEROS.byteLength, octets - written));
  }
}

/** Maps the shared memory another process made. Readable and writable, as the layout's rules allow. */
export function openSharedMemory(path: string): Uint8Array {
  return Bun.mmap(path, { shared: true });
}
