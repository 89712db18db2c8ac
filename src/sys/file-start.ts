/**
 * How a file begins: to check that it is saker's before it is replaced or removed.
 *
 * Out:   so many octets, zeros where the file is shorter; null when it is empty.
 * Fails: exceptions of node:fs, as when there is no such file.
 */
import { closeSync, constants, lstatSync, openSync, readSync } from "node:fs";

/** Whether a device, a pipe, a socket or a folder is there: never ours to read or to replace, whatever it is called. */
export function isNoFile(path: string): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status !== undefined && !status.isFile() && !status.isSymbolicLink();
}

export function readFileStart(path: string, octets: number): Buffer | null {
  const start = Buffer.alloc(octets);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return readSync(fd, start) === 0 ? null : start;
  } finally {
    closeSync(fd);
  }
}
