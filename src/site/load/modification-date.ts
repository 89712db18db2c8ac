/**
 * The modification date of a file's content, as far as its mtime tells (RFC 9110 §8.8.2).
 *
 * In:    mtime and the present, in milliseconds since 1970.
 * Out:   the date in the same unit, or NaN where there is none: then no Last-Modified is sent, and no condition is decided by a
 *        date.
 * Why:   packers that want equal archives from equal files give every file the same time: 0 or 1 (OCI images, Nix, Guix,
 *        ostree), 1980 (zip), 1984 and 1985 (packages of yarn and npm). Such a time stays when the content is replaced, so
 *        If-Modified-Since would be answered with 304 for other content; and a date of 1970 lets caches take the file for fresh
 *        for years (RFC 9111 §4.2.2).
 * Rule:  nothing on the web was modified before 1990, when it began; from then on, only times that are known to be constants of
 *        packers are left out. A constant that a build chooses by itself (SOURCE_DATE_EPOCH) is taken for what it says.
 *        A time in the future is replaced by the present (§8.8.2.1): the file is no younger than that.
 */

/** 1990-01-01T00:00:00Z */
const WEB_BEGAN_MS = 631_152_000_000;

/** Seconds since 1970 that packers give to every file. */
const PACKER_SECONDS: ReadonlySet<number> = new Set([
  946_684_800, // 2000-01-01T00:00:00Z: rules_pkg of Bazel
  1_153_704_088, // 2006-07-24T01:21:28Z: crates, and what else the tar library of Rust packs deterministically
  1_262_304_000, // 2010-01-01T00:00:00Z: jars of Bazel
  1_451_606_400, // 2016-01-01T00:00:00Z: wheels of flit and Poetry
  1_580_601_600, // 2020-02-02T00:00:00Z: wheels of Hatch
]);

export function modificationDateOf(mtimeMs: number, nowMs: number): number {
  if (mtimeMs < WEB_BEGAN_MS || PACKER_SECONDS.has(mtimeMs / 1000)) return NaN;
  return Math.min(mtimeMs, nowMs);
}
