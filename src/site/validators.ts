/**
 * Entity tags of files (RFC 9110 §8.8.3). Both kinds are strong: equal tags mean equal octets.
 *
 *   content   a hash of the octets, for files that enter the cache: the same on every replica, whatever its mtime
 *   version   size, modification time and inode, for files that are too large to be read for a hash
 */
import type { FileStatus } from "../sys/file-status.ts";

/** Quoted; 64 bits of XXH3 and the length, in base 36. */
export function contentEntityTag(content: Uint8Array): string {
  return `"${content.length.toString(36)}-${Bun.hash.xxHash3(content).toString(36)}"`;
}

/** Quoted; a file changed in place keeps its inode but not its mtime, which counts in nanoseconds. */
export function versionEntityTag(version: FileStatus): string {
  const seconds = Math.floor(version.mtimeMs / 1000).toString(36);
  return `"${version.size.toString(36)}-${seconds}.${version.mtimeNs.toString(36)}-${version.ino.toString(36)}"`;
}
