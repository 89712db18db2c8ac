/**
 * Whether one path pattern matches everything that another one does: what makes a later rule unreachable.
 *
 *   segments against segments   one by one; two globs within a segment are compared as texts
 *   with wildcards              the wide one must match paths in which every star of the narrow one stands for characters that no
 *                               pattern spells out: only its own stars and placeholders can have matched them
 *
 * In:    two compiled patterns (path-pattern.ts).
 * Out:   true only if it is certain.
 * Keeps: pure; for lints, not for serving. Takes time with the product of the lengths, except for several `**`.
 */
import { foldCase, matchPath, type PathPattern, segmentsOf, type SegmentPattern } from "./path-pattern.ts";

type Segment = SegmentPattern["segments"][number];

/** Stands for text that no pattern spells out. */
const ANYTHING = "\u{f8ff}";

/** How many segments a star may stand for where slashes are text to it. */
const STAR_SEGMENTS = [0, 1, 2, 3];

/** Matches every path. */
export function matchesEverything(pattern: PathPattern): boolean {
  if (!pattern.hasSplat) return false;
  if (pattern.kind === "wildcards") return pattern.pieces[0]!.join() === "/";
  return pattern.segments.every(({ kind }) => kind === "any");
}

export function covers(wide: PathPattern, narrow: PathPattern): boolean {
  if (matchesEverything(wide)) return true;
  if (narrow.ignoresCase && !wide.ignoresCase && !isCaseless(wide)) return false;
  if (wide.kind === "segments" && narrow.kind === "segments") return coversFrom(wide, 0, narrow, 0);
  return samplesOf(narrow).every((sample) => matchPath(wide, segmentsOf(sample)) !== null);
}

/** Paths that the pattern matches, with `free` for all that it leaves open. */
export function samplesOf(pattern: PathPattern, free = ANYTHING): string[] {
  return STAR_SEGMENTS.map((count) => {
    const star = Array.from({ length: count }, () => free).join("/");
    return pattern.kind === "wildcards"
      ? pattern.pieces.map((piece) => sampleOfPiece(piece, free)).join(star)
      : `/${sampleOfSegments(pattern, free, star)}`;
  });
}

function sampleOfPiece(piece: readonly string[], free: string): string {
  return piece.map((part, index) => (index % 2 === 0 ? part : free)).join("");
}

/** `star`: what one stands for that takes whole segments; one within a segment never stands for a slash. */
function sampleOfSegments({ segments, hasSplat }: SegmentPattern, free: string, star: string): string {
  const texts = segments.map((segment) => {
    if (segment.kind === "placeholder") return free;
    if (segment.kind === "any") return star;
    return segment.kind === "text" ? segment.text : segment.pieces.join(star === "" ? "" : free);
  });
  return [...texts, ...(hasSplat ? [star] : [])].join("/");
}

/** `at` and `next`: how many segments of each are dealt with. */
function coversFrom(wide: SegmentPattern, at: number, narrow: SegmentPattern, next: number): boolean {
  const isNarrowDone = next === narrow.segments.length;
  if (at === wide.segments.length) return wide.hasSplat || (isNarrowDone && !narrow.hasSplat);
  const segment = wide.segments[at]!;
  if (segment.kind === "any") {
    return coversFrom(wide, at + 1, narrow, next) || (!isNarrowDone && coversFrom(wide, at, narrow, next + 1));
  }
  const other = narrow.segments[next];
  return other !== undefined && coversSegment(segment, other, wide) && coversFrom(wide, at + 1, narrow, next + 1);
}

function coversSegment(wide: Segment, narrow: Segment, { ignoresCase }: SegmentPattern): boolean {
  if (narrow.kind === "any") return false;
  if (wide.kind === "placeholder") return true;
  if (narrow.kind === "placeholder") return false;
  const fold = (text: string): string => (ignoresCase ? foldCase(text) : text);
  if (narrow.kind === "text") {
    const alone: SegmentPattern = { kind: "segments", source: "", segments: [wide], hasSplat: false, ignoresCase };
    return matchPath(alone, [fold(narrow.text)]) !== null;
  }
  return wide.kind === "glob" && wide.pieces.join("*") === narrow.pieces.map(fold).join("*");
}

/** Nothing in it has a case. */
function isCaseless(pattern: PathPattern): boolean {
  return samplesOf(pattern)[0]!.replaceAll("/", "").replaceAll(ANYTHING, "") === "";
}
