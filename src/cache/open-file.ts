/**
 * An open descriptor with a count of its users: a cache entry, and every transfer that reads from it.
 *
 * Keeps: closed exactly once, when the last user lets go, so an entry may be evicted while its file is being sent.
 */
import { closeSync } from "node:fs";
import { assert } from "../assert.ts";
import type { SharedFile } from "../http/content.ts";

/** Descriptors open through this class in this process. */
let openFileCount = 0;

export class OpenFile implements SharedFile {
  private users = 1;

  /** Takes over `fd`; the caller is its first user. */
  constructor(readonly fd: number) {
    openFileCount++;
  }

  retain(): void {
    assert(this.users > 0, "a file is retained while it is open");
    this.users++;
  }

  release(): void {
    assert(this.users > 0, "a file is released once by each user");
    if (--this.users !== 0) return;
    openFileCount--;
    closeSync(this.fd);
  }
}

/** Descriptors that files may use, as a share of the process's limit and as a maximum: those of entries and of transfers. */
const FILES_SHARE = 1 / 4;
const FILES_MAX = 2560;

/** Of those, the share that entries may keep: files within `max_cached_file_kb`, and larger ones. The rest is for transfers. */
const KEPT_SHARE = 0.4;
const LARGE_SHARE = 0.1;

/** Reserved for neither files nor connections: logs, the event loop, files being opened, refused clients. */
const RESERVED_MAX = 128;
const RESERVED_SHARE = 1 / 2;

let filesMax = FILES_MAX;
let descriptorsMax = Number.POSITIVE_INFINITY;
let connectionCount = 0;

/** How many of `descriptorLimit` are for neither files nor connections. */
export function reservedDescriptors(descriptorLimit: number): number {
  return Math.min(RESERVED_MAX, Math.floor(descriptorLimit * RESERVED_SHARE));
}

/** How many of `descriptorLimit` (Infinity, NaN: no limit known) are for files. */
export function openFilesMax(descriptorLimit: number): number {
  return Number.isNaN(descriptorLimit) ? FILES_MAX : Math.min(FILES_MAX, Math.floor(descriptorLimit * FILES_SHARE));
}

/** Adapts what entries may keep open to the process's descriptor limit. Call it once, before there are entries. */
export function fitOpenFiles(descriptorLimit: number): void {
  filesMax = openFilesMax(descriptorLimit);
  descriptorsMax = Number.isNaN(descriptorLimit)
    ? Number.POSITIVE_INFINITY
    : descriptorLimit - reservedDescriptors(descriptorLimit);
}

/** How many descriptors connections hold: files may use what they leave. */
export function noteConnections(count: number): void {
  connectionCount = count;
}

/** Descriptors of files within `max_cached_file_kb` that may be kept; beyond it their content is kept in memory. */
export function keptFilesMax(): number {
  return Math.floor(filesMax * KEPT_SHARE);
}

/** Descriptors of larger files that may be kept for the next request. */
export function largeFilesMax(): number {
  return Math.floor(filesMax * LARGE_SHARE);
}

/** No further descriptor may be taken for a file: connections, logs and the rest need theirs. */
export function areFilesAtLimit(): boolean {
  return openFileCount >= filesMax && openFileCount + connectionCount >= descriptorsMax;
}

/** How many descriptors are open now; the cache keeps it within bounds. */
export function countOpenFiles(): number {
  return openFileCount;
}
