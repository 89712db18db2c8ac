/**
 * Path patterns as `_headers` and `_redirects` write them: `*` is any text, slashes included, wherever it stands.
 *
 *     /assets/*          /assets, and everything below it: between slashes, and at the end, it may stand for nothing
 *     /*.js              every name that ends with .js, in any folder
 *     /:lang/about       one segment, captured under its name
 *
 * In:    a pattern's text, once at start; then a canonical path in segments.
 * Out:   what the pattern captures of a path (`splat`: what the first `*` stands for), or null where it doesn't match.
 * Keeps: a pattern is plain data: the pieces between its stars, in order. Each but the last is taken where it is found first, which
 *        leaves the most for the others, so the time is bounded by the length of the path times that of the pattern. A slash
 *        at the end of either side makes no difference.
 */

import { SPLAT } from "../../syntax/path-syntax.ts";

/** Text, and segments of any name in it: literal, name, literal, …, literal. */
type Piece = readonly string[];

export type Wildcards = readonly Piece[];

/** Where a piece was found, and what its placeholders stand for. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly captured: readonly (readonly [name: string, value: string])[];
}

/** A segment that begins with a colon. */
const PLACEHOLDER = /(?<=\/):([^/*]+)(?=\/)/;

/** `fold`: what makes one spelling of all that count as the same. */
export function compileWildcards(source: string, fold: (text: string) => string): Wildcards {
  const text = textOfPath(source.split("/").filter((segment) => segment !== ""));
  return text
    .split(/\*+/)
    .map((piece) => piece.split(PLACEHOLDER).map((part, index) => (index % 2 === 0 ? fold(part) : part)));
}

/** One text for both spellings of a path, with and without the slash at its end. */
export function textOfPath(segments: readonly string[]): string {
  return segments.length === 0 ? "/" : `/${segments.join("/")}/`;
}

/** The names of what a match captures. */
export function namesCaptured(pieces: Wildcards): string[] {
  const names = pieces.flatMap((piece) => piece.filter((_, index) => index % 2 === 1));
  return pieces.length > 1 ? [...names, SPLAT] : names;
}

export interface WildcardMatch {
  /** What the first `*` stands for, without the slashes around it; null where there is none. */
  readonly splat: string | null;
  readonly captured: readonly (readonly [name: string, value: string])[];
}

/** `text`: of `textOfPath`. */
export function matchWildcards(pieces: Wildcards, text: string): WildcardMatch | null {
  const places: Place[] = [];
  for (let index = 0; index < pieces.length; index++) {
    const isLast = index === pieces.length - 1;
    const place = placeOf(pieces, index, text, places.at(-1)?.end ?? 0, isLast);
    if (place === null) return null;
    places.push(place);
  }
  const [first, second] = places;
  return {
    splat: second === undefined ? null : text.slice(first!.end, Math.max(first!.end, second.start)),
    captured: places.flatMap(({ captured }) => captured),
  };
}

/** The first place for a piece behind `end`; the first piece begins the text, the last one ends it. */
function placeOf(pieces: Wildcards, index: number, text: string, end: number, isLast: boolean): Place | null {
  const piece = pieces[index]!;
  if (index === 0) {
    const place = placeAt(piece, text, 0);
    return place === null || (isLast && place.end !== text.length) ? null : place;
  }
  const from = sharesSlash(pieces[index - 1]!, piece) ? end - 1 : end;
  if (isLast && piece.length === 1) {
    const start = text.length - piece[0]!.length;
    return start >= from && text.endsWith(piece[0]!) ? { start, end: text.length, captured: [] } : null;
  }
  for (let at = text.indexOf(piece[0]!, from); at !== -1; at = text.indexOf(piece[0]!, at + 1)) {
    const place = placeAt(piece, text, at);
    if (place !== null && (!isLast || place.end === text.length)) return place;
  }
  return null;
}

/** A star between two slashes may stand for nothing, and then they are one. */
function sharesSlash(before: Piece, after: Piece): boolean {
  return before.at(-1)!.endsWith("/") && after[0]!.startsWith("/");
}

function placeAt(piece: Piece, text: string, start: number): Place | null {
  if (!text.startsWith(piece[0]!, start)) return null;
  const captured: [string, string][] = [];
  let end = start + piece[0]!.length;
  for (let index = 1; index < piece.length; index += 2) {
    const slash = text.indexOf("/", end);
    if (slash <= end || !text.startsWith(piece[index + 1]!, slash)) return null;
    captured.push([piece[index]!, text.slice(end, slash)]);
    end = slash + piece[index + 1]!.length;
  }
  return { start, end, captured };
}
