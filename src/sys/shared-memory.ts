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

/** Where files lie that are memory and nothing else: `folder` if we may write there (it may be mounted read-only), else the temporary one. */
export function memoryFolder(folder = "/dev/shm"): string {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return folder;
  } catch {
    return tmpdir();
  }
}

/** Creates (or replaces) `path` with `octets` zeros and maps it. `mode` is the file's permission bits. */
export function createSharedMemory(path: string, octets: number, mode = 0o600): Uint8Array {
  const unfinished = `${path}.${process.pid}.new`;
  rmSync(unfinished, { force: true }); // of one that died here with our pid: in a container it is always 1
  const fd = openSync(unfinished, "wx", mode);
  try {
    for (let written = 0; written < octets;) {
      written += writeSync(fd, ZEROS, 0, Math.min(ZEROS.byteLength, octets - written));
    }
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

/** Maps the shared memory another process made. Readable and writable, as the layout's rules allow. */
export function openSharedMemory(path: string): Uint8Array {
  return Bun.mmap(path, { shared: true });
}
