/**
 * What the cache knows about a path, as long as it is valid.
 *
 * Units: milliseconds of the monotonic clock; `revalidateMs` is how long an entry is valid without asking the file system.
 * Keeps: one stat per entry and `revalidateMs` (about 1 us); what is no longer valid stays until it is replaced, and is
 *        asked about again each time.
 */
import type { ResponseCache } from "../cache/response-cache.ts";
import type { Entry } from "./entry/entry.ts";
import { cacheKeyOf, cacheKeyOfFile, type RequestPath } from "./request-path.ts";

/** The entry of a path if there is one that is still valid. A file's own has a key that more requests share. */
export function freshEntryOf(
  cache: ResponseCache<Entry>,
  path: RequestPath,
  nowMs: number,
  revalidateMs: number,
): Entry | null {
  const entry = freshEntry(cache, cacheKeyOfFile(path), nowMs, revalidateMs);
  if (entry !== null || path.isNavigation === undefined) return entry;
  return freshEntry(cache, cacheKeyOf(path), nowMs, revalidateMs);
}

/** The entry under `key` if there is one that is still valid. `nowMs`: the monotonic clock. */
export function freshEntry(
  cache: ResponseCache<Entry>,
  key: string,
  nowMs: number,
  revalidateMs: number,
): Entry | null {
  const entry = cache.get(key);
  return entry !== undefined && isFresh(entry, nowMs, revalidateMs) ? entry : null;
}

/** Whether an entry is still valid. */
function isFresh(entry: Entry, nowMs: number, revalidateMs: number): boolean {
  if (nowMs - entry.checkedMs < revalidateMs) return true;
  if (!entry.isCurrent()) return false;
  entry.checkedMs = nowMs;
  return true;
}
