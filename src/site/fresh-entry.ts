/**
 * What the cache knows about a path, as long as it is valid.
 *
 * Units: milliseconds of the monotonic clock; `revalidateMs` is how long an entry is valid without asking the file system.
 * Keeps: one stat per entry and `revalidateMs` (about 1 us); what is no longer valid leaves the cache.
 */
import type { ResponseCache } from "../cache/response-cache.ts";
import type { Entry } from "./entry.ts";

/** The entry under `key` if there is one that is still valid. */
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
