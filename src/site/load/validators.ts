/**
 * Entity tags of files (RFC 9110 §8.8.3). Both kinds are strong: equal tags mean equal octets.
 *
 *   content   a hash of the octets, for files that enter the cache: the same on every replica, whatever its mtime
 *   version   size, modification time and inode, for files that are too large to be read for a hash; where the modification time
 *             is a packer's (modification-date.ts) and would stay when the content is replaced, the time of the last change
 */
import type { FileStatus } from "../../sys/file-status.ts";
import { modificationDateOf } from "./modification-date.ts";

/** Quoted; 64 bits of XXH3 and the length, in base 36. */
export function contentEntityTag(content: Uint8Array): string {
  return `"${content.length.toString(36)}-${Bun.hash.xxHash3(content).toString(36)}"`;
}

/** Quoted; a file changed in place keeps its inode but not its mtime, which counts in nanoseconds. */
export function versionEntityTag(version: FileStatus): string {
  const { mtimeMs, mtimeNs, ctimeMs, ctimeNs } = version;
  const isDated = !Number.isNaN(modificationDateOf(mtimeMs, mtimeMs));
  const seconds = Math.floor((isDated ? mtimeMs : ctimeMs) / 1000).toString(36);
  const nanoseconds = (isDated ? mtimeNs : ctimeNs).toString(36);
  return `"${version.size.toString(36)}-${seconds}.${nanoseconds}-${version.ino.toString(36)}"`;
}
