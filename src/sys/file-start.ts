/**
 * How a file begins: to check that it is saker's before it is replaced or removed.
 *
 * Out:   so many octets, zeros where the file is shorter; null when it is empty.
 * Fails: exceptions of node:fs, as when there is no such file.
 */
import { closeSync, openSync, readSync } from "node:fs";

export function readFileStart(path: string, octets: number): Buffer | null {
  const start = Buffer.alloc(octets);
  const fd = openSync(path, "r");
  try {
    return readSync(fd, start) === 0 ? null : start;
  } finally {
    closeSync(fd);
  }
}
