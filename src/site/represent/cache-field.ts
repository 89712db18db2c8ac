/**
 * What a response says of the cache: `X-Cache`, or `Cache-Status` (RFC 9211), by `cache_field`.
 *
 *     X-Cache: HIT                 X-Cache: MISS
 *     Cache-Status: saker; hit     Cache-Status: saker; fwd=uri-miss
 *
 * In:    the setting; null for a response from the cache, else why it was made without it.
 * Out:   field lines of ready heads: a hit costs nothing for them.
 */
import type { FieldLine } from "../../http/response-head.ts";

export type CacheField = "x-cache" | "cache-status" | "both" | "off";

/**
 * Why a response was not taken from the cache (RFC 9211 §2.2), where "forward" means asking the file system:
 *
 *   uri-miss    the cache knew nothing of the path
 *   stale       what it knew of the path no longer holds, or may not
 *   vary-miss   it was known, but not in the content coding that the client prefers
 *   request     it was known, but the client's credentials had to be verified first
 *   bypass      the cache is off, or the file too large for it
 */
export type Forward = "uri-miss" | "stale" | "vary-miss" | "request" | "bypass";

export function cacheLines(field: CacheField, forward: Forward | null): FieldLine[] {
  const lines: FieldLine[] = [];
  if (field === "x-cache" || field === "both") lines.push(["X-Cache", forward === null ? "HIT" : "MISS"]);
  if (field === "cache-status" || field === "both") {
    lines.push(["Cache-Status", forward === null ? "saker; hit" : `saker; fwd=${forward}`]);
  }
  return lines;
}
