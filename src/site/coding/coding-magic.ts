/**
 * Whether an open file begins as the files of a content coding do.
 *
 * Source: RFC 1952 §2.3.1 (gzip), RFC 8878 §3.1.1 (zstd, which may also begin with a skippable frame, §3.1.2).
 * Keeps: reads four octets. br has nothing at its beginning to know it by: what is in such a file is its maker's word.
 */
import { Coding } from "../../http/content-coding.ts";
import { readAt } from "../../sys/read-file.ts";
import { Octets, Offset } from "../../units.ts";

const GZIP_MAGIC = [0x1f, 0x8b];
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** Behind an octet from 0x50 to 0x5f. */
const SKIPPABLE_MAGIC = [0x2a, 0x4d, 0x18];

export function beginsAs(fd: number, coding: Coding): boolean {
  const start = new Uint8Array(ZSTD_MAGIC.length);
  const octets = readAt(fd, start, 0, Octets(start.length), Offset(0));
  const begins = (magic: readonly number[], at = 0) => magic.every((octet, index) => start[at + index] === octet);
  switch (coding) {
    case Coding.Gzip:
      return octets >= GZIP_MAGIC.length && begins(GZIP_MAGIC);
    case Coding.Zstd:
      return octets === start.length && (begins(ZSTD_MAGIC) || (start[0]! >> 4 === 5 && begins(SKIPPABLE_MAGIC, 1)));
    default:
      return octets > 0;
  }
}
