/**
 * Whether one path pattern matches everything that another one does: what makes a later rule unreachable.
 *
 * In:    two compiled patterns (path-pattern.ts).
 * Out:   true only if it is certain; two globs within a segment are compared as texts.
 * Keeps: pure; for lints, not for serving. Takes time with the product of the lengths, except for several `**`.
 */
import { foldCase, matchPath, type PathPattern } from "./path-pattern.ts";

type Segment = PathPattern["segments"][number];

/** Matches every path. */
export function matchesEverything({ segments, hasSplat }: PathPattern): boolean {
  return hasSplat && segments.every(({ kind }) => kind === "any");
}

export function covers(wide: PathPattern, narrow: PathPattern): boolean {
  if (narrow.ignoresCase && !wide.ignoresCase && !isCaseless(wide)) return false;
  return coversFrom(wide, 0, narrow, 0);
}

/** `at` and `next`: how many segments of each are dealt with. */
function coversFrom(wide: PathPattern, at: number, narrow: PathPattern, next: number): boolean {
  const isNarrowDone = next === narrow.segments.length;
  if (at === wide.segments.length) return wide.hasSplat || (isNarrowDone && !narrow.hasSplat);
  const segment = wide.segments[at]!;
  if (segment.kind === "any") {
    return coversFrom(wide, at + 1, narrow, next) || (!isNarrowDone && coversFrom(wide, at, narrow, next + 1));
  }
  const other = narrow.segments[next];
  return other !== undefined && coversSegment(segment, other, wide) && coversFrom(wide, at + 1, narrow, next + 1);
}

function coversSegment(wide: Segment, narrow: Segment, { ignoresCase }: PathPattern): boolean {
  if (narrow.kind === "any") return false;
  if (wide.kind === "placeholder") return true;
  if (narrow.kind === "placeholder") return false;
  const fold = (text: string): string => (ignoresCase ? foldCase(text) : text);
  if (narrow.kind === "text") {
    const alone: PathPattern = { source: "", segments: [wide], hasSplat: false, ignoresCase };
    return matchPath(alone, [fold(narrow.text)]) !== null;
  }
  return wide.kind === "glob" && wide.pieces.join("*") === narrow.pieces.map(fold).join("*");
}

/** Nothing in it has a case. */
function isCaseless({ segments }: PathPattern): boolean {
  return segments.every(({ kind }) => kind === "any" || kind === "placeholder");
}
