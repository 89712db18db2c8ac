/**
 * What the cache knows of a path, as long as it holds.
 *
 * Units: milliseconds of the monotonic clock; `revalidateMs` is how long an entry holds without a look at the file system.
 * Keeps: one stat an entry and `revalidateMs` (about 1 us); what no longer holds leaves the cache.
 */
import type { ResponseCache } from "../cache/response-cache.ts";
import type { Entry } from "./entry.ts";

/** The entry under `key` if there is one that still holds. */
export function freshEntry(
  cache: ResponseCache<Entry>,
  key: string,
  nowMs: number,
  revalidateMs: number,
): Entry | null {
  const entry = cache.get(key);
  if (entry === undefined) return null;
  if (nowMs - entry.checkedMs < revalidateMs) return entry;
  if (entry.isCurrent()) {
    entry.checkedMs = nowMs;
    return entry;
  }
  cache.remove(entry);
  return null;
}
