/**
 * Reading an open file from its start, off the event loop.
 *
 * Out:   the octets, fewer than asked for where the file ends before, or `-errno`.
 */
import { read } from "node:fs";
import { errnoOfException } from "../sys/errno.ts";

export function readWhole(fd: number, octets: number, done: (contentOrErrno: Buffer | number) => void): void {
  const content = Buffer.allocUnsafeSlow(octets);
  const readFrom = (offset: number): void => {
    if (offset === octets) return done(content);
    read(fd, content, offset, octets - offset, offset, (error, count) => {
      if (error !== null) return done(errnoOfException(error));
      if (count === 0) return done(content.subarray(0, offset));
      readFrom(offset + count);
    });
  };
  readFrom(0);
}
