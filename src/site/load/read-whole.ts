/**
 * Reading an open file from its start without waiting for a disk on the event loop.
 *
 * Out:   later, the octets, fewer than asked for where the file ends before, or `-errno`.
 * Why:   a small file in the page cache is copied at once: handing that to a thread costs ten times as
 *        much as copying. The rest is read by a thread.
 */
import { read } from "node:fs";
import { errnoOfException } from "../../sys/errno.ts";
import { readCached } from "../../sys/read-file.ts";
import { Octets, Offset } from "../../units.ts";

/** Copying larger ones would make others wait for more than about 10 us. */
const AT_ONCE_OCTETS_MAX = 128 * 1024;

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
  const isSmall = octets > 0 && octets <= AT_ONCE_OCTETS_MAX;
  const atOnce = isSmall ? Math.max(0, readCached(fd, content, 0, Octets(octets), Offset(0))) : 0;
  // The callback must not run before the caller has returned.
  queueMicrotask(() => readFrom(atOnce));
}
