/**
 * Path patterns: globs over decoded, canonical paths. Those of the configuration go segment by segment (syntax/path-syntax.ts has
 * their syntax), those of `_headers` and `_redirects` by wildcards (wildcard-pattern.ts).
 *
 * In:    a pattern's text, once at start; then a path in segments.
 * Out:   what the pattern captures of the path, or null where it doesn't match.
 * Keeps: a pattern is plain data. A slash at the end of either side makes no difference to whether it matches; what a final `*`
 *        captures ends with it. The time is bounded by segments of the path times length of the pattern: a mismatch goes back to the
 *        last `**` only, which finds every match that going back further would (as with `*` in any glob).
 */
import { placeholderName, SPLAT } from "../../syntax/path-syntax.ts";
import { compileWildcards, matchWildcards, namesCaptured, textOfPath, type Wildcards } from "./wildcard-pattern.ts";

/** What the placeholders of a pattern stood for, decoded. */
export type Remembered = Readonly<Record<string, string>>;

type Segment =
  | { readonly kind: "text"; readonly text: string }
  /** Text with `*` in it, cut there. */
  | { readonly kind: "glob"; readonly pieces: readonly string[] }
  | { readonly kind: "placeholder"; readonly name: string }
  | { readonly kind: "any" };

export type PathPattern = SegmentPattern | WildcardPattern;

interface Compiled {
  /** As it was written. */
  readonly source: string;
  /** It ends with `*`, which is what it captures: whatever follows is part of the match. */
  readonly hasSplat: boolean;
  /** Compared without case. */
  readonly ignoresCase: boolean;
}

export interface SegmentPattern extends Compiled {
  readonly kind: "segments";
  readonly segments: readonly Segment[];
}

export interface WildcardPattern extends Compiled {
  readonly kind: "wildcards";
  readonly pieces: Wildcards;
}

/** `ignoresCase`: for rules that restrict access, where the file system may not tell `Secret` from `secret`. */
export function compilePattern(source: string, ignoresCase = false): SegmentPattern {
  const written = segmentsOf(source.startsWith("/") ? source : `/**/${source}`);
  const hasSplat = /^\*\*?$/.test(written.at(-1) ?? "");
  const texts = hasSplat ? written.slice(0, -1) : written;
  const segments = texts.map((text) => compileSegment(text, ignoresCase));
  return { kind: "segments", source, segments, hasSplat, ignoresCase };
}

/** A pattern of `_headers` or `_redirects`: its `*` is any text, slashes included. */
export function compileWildcardPattern(source: string, ignoresCase = false): WildcardPattern {
  const pieces = compileWildcards(source, ignoresCase ? foldCase : (text) => text);
  const hasSplat = pieces.length === 2 && pieces[1]!.join() === "/";
  return { kind: "wildcards", source, pieces, hasSplat, ignoresCase };
}

function compileSegment(text: string, ignoresCase: boolean): Segment {
  if (text === "**") return { kind: "any" };
  const name = placeholderName(text);
  if (name !== null) return { kind: "placeholder", name };
  const compared = ignoresCase ? foldCase(text) : text;
  if (text.includes("*")) return { kind: "glob", pieces: compared.split(/\*+/) };
  return { kind: "text", text: compared };
}

/** Whether a pattern is a path: no placeholder, no wildcard. */
export function isOnePath(pattern: PathPattern): boolean {
  if (pattern.kind === "wildcards") return namesCaptured(pattern.pieces).length === 0;
  return !pattern.hasSplat && pattern.segments.every(({ kind }) => kind === "text");
}

/**
 * One form for all spellings that a file system without case takes for the same name: APFS, and ext4 and F2FS where
 * configured so, compare names this way.
 */
export function foldCase(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.toLowerCase();
  return text.normalize("NFC").toUpperCase().toLowerCase().normalize("NFC");
}

/** The segments of a canonical path; none for the root. */
export function segmentsOf(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}

const NOTHING: Remembered = Object.freeze({});

/** What `pattern` captures of a path; null when it doesn't match. `isDirectory`: the path was sent with a slash at its end. */
export function matchPath(pattern: PathPattern, path: readonly string[], isDirectory = false): Remembered | null {
  const remembered = pattern.kind === "segments" ? matchSegments(pattern, path) : matchText(pattern, path);
  if (!isDirectory || remembered === null || !pattern.hasSplat) return remembered;
  const splat = remembered[SPLAT]!;
  // The slash behind what stands for nothing is the one before the star.
  return splat === "" ? remembered : { ...remembered, [SPLAT]: `${splat}/` };
}

function matchText({ pieces, ignoresCase }: WildcardPattern, path: readonly string[]): Remembered | null {
  const text = textOfPath(path);
  const match = matchWildcards(pieces, ignoresCase ? foldCase(text) : text);
  if (match === null) return null;
  const { captured, splat } = match;
  if (splat === null) return captured.length === 0 ? NOTHING : Object.fromEntries(captured);
  return { ...Object.fromEntries(captured), [SPLAT]: splat };
}

function matchSegments(pattern: SegmentPattern, path: readonly string[]): Remembered | null {
  const { segments, hasSplat, ignoresCase } = pattern;
  /** For each segment of the pattern, the segment of the path it stands for. */
  const places: number[] = [];
  let at = 0;
  let next = 0;
  let any = -1;
  let anyNext = 0;
  while (at < segments.length || (next < path.length && !hasSplat)) {
    const segment = segments[at];
    if (segment?.kind === "any") {
      any = at++;
      anyNext = next;
    } else if (segment !== undefined && next < path.length && matchesSegment(segment, path[next]!, ignoresCase)) {
      places[at++] = next++;
    } else if (any !== -1 && anyNext < path.length) {
      // The last `**` takes one more.
      at = any + 1;
      next = ++anyNext;
    } else {
      return null;
    }
  }
  return remember(pattern, path, places, next);
}

function matchesSegment(segment: Segment, sent: string, ignoresCase: boolean): boolean {
  const text = ignoresCase ? foldCase(sent) : sent;
  switch (segment.kind) {
    case "text":
      return text === segment.text;
    case "glob":
      return matchesGlob(segment.pieces, text);
    case "placeholder":
    case "any":
      return true;
  }
}

/** The first piece begins the text, the last ends it, the others lie between them in order. */
function matchesGlob(pieces: readonly string[], text: string): boolean {
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  if (first.length + last.length > text.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let from = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, from);
    if (found === -1 || found + piece.length > end) return false;
    from = found + piece.length;
  }
  return true;
}

function remember(
  { segments, hasSplat }: SegmentPattern,
  path: readonly string[],
  places: readonly number[],
  rest: number,
): Remembered {
  const names = segments.flatMap((segment, index): [string, string][] =>
    segment.kind === "placeholder" ? [[segment.name, path[places[index]!]!]] : [],
  );
  if (hasSplat) names.push([SPLAT, path.slice(rest).join("/")]);
  return names.length === 0 ? NOTHING : Object.fromEntries(names);
}
