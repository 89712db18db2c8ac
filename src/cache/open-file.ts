/**
 * An open descriptor with a count of its users: a cache entry, and every transfer that reads from it.
 *
 * Keeps: closed exactly once, when the last user lets go, so an entry may be evicted while its file is being sent.
 */
import { closeSync } from "node:fs";
import type { SharedFile } from "../http/reply.ts";

/** Descriptors open by way of this class in this process. */
let openFileCount = 0;

export class OpenFile implements SharedFile {
  private users = 1;

  /** Takes over `fd`; the caller is its first user. */
  constructor(readonly fd: number) {
    openFileCount++;
  }

  retain(): void {
    this.users++;
  }

  release(): void {
    if (--this.users !== 0) return;
    openFileCount--;
    closeSync(this.fd);
  }
}

/** How many descriptors are open now; the cache keeps it within bounds. */
export function countOpenFiles(): number {
  return openFileCount;
}
