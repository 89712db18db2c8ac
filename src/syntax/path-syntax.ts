/**
 * The syntax of path patterns and of targets, as rules in the configuration write them.
 *
 *     pattern     = "/" [ segment *( "/" segment ) [ "/" ] ] / segment   ; without "/": that name in any folder
 *     segment     = "**"                        ; any number of segments, none included
 *                 / ":" name                    ; one segment, captured under its name
 *                 / text and "*"                ; "*" is any text within a segment
 *     A last segment "*" (or "**") is everything from there on, the folder itself included, captured as `splat`.
 *
 *     target      = [ ( "http://" / "https://" ) authority ] path [ "?" query ] [ "#" fragment ]
 *     ":" name in path and query is replaced by what the pattern captured.
 *
 * In:    strings from the configuration, or from a `_redirects` or `_headers` file.
 * Out:   predicates for the table of settings, and the names that patterns and targets contain.
 * Keeps: pure. A pattern is about a decoded path: it holds no query, no percent-encoding, no dot segment, nothing that
 *        could never match.
 */

/** The name under which a pattern captures what its final `*` matches. */
export const SPLAT = "splat";

const PLACEHOLDER_SEGMENT = /^:([A-Za-z][A-Za-z0-9_]*)$/;
const PLACEHOLDERS = /:([A-Za-z][A-Za-z0-9_]*)/g;

/** Longer patterns and targets are mistakes. */
const TEXT_LENGTH_MAX = 2048;

export const PATTERN_FORM = 'a path such as "/old/*" or a file name such as "*.css", without "?", "#" or dot segments';

export function isPathPattern(text: string): boolean {
  if (text === "" || text.length > TEXT_LENGTH_MAX || /[\u0000-\u001f\u007f?#\\]/.test(text)) return false;
  const segments = text.split("/");
  if (segments.length === 1) return text !== "." && text !== "..";
  if (segments[0] !== "") return false;
  const inner = segments.slice(1, segments.at(-1) === "" ? -1 : undefined);
  return inner.every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

/** A segment's name if it is a placeholder; null otherwise. */
export function placeholderName(segment: string): string | null {
  return PLACEHOLDER_SEGMENT.exec(segment)?.[1] ?? null;
}

/** What a pattern captures: its placeholders, and `splat` if it ends with `*`. */
export function capturedNames(pattern: string): string[] {
  const segments = pattern.split("/").filter((segment) => segment !== "");
  const names = segments.map(placeholderName).filter((name) => name !== null);
  return /^\*\*?$/.test(segments.at(-1) ?? "") ? [...names, SPLAT] : names;
}

/** The names of a target's placeholders. */
export function namesInTarget(target: string): string[] {
  const { path, query } = splitTarget(target);
  return [...`${path}?${query ?? ""}`.matchAll(PLACEHOLDERS)].map((match) => match[1]!);
}

/** A string split at its placeholders: literal, name, literal, …, literal. */
export function cutAtPlaceholders(text: string): string[] {
  return text.split(PLACEHOLDERS);
}

export interface SplitTarget {
  /** `https://example.com:8443`, or "" for the same host. */
  readonly origin: string;
  readonly path: string;
  /** Without "?"; null when there is none. */
  readonly query: string | null;
  /** With "#", or "". */
  readonly fragment: string;
}

export function splitTarget(target: string): SplitTarget {
  const [, origin = "", path = "", query, fragment = ""] = /^(https?:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?(#.*)?$/is.exec(
    target,
  )!;
  return { origin, path, query: query ?? null, fragment };
}

export const TARGET_FORM = 'a path such as "/new/:splat" or an http(s) URL whose host has no placeholder';

/** Where a redirect may lead: nothing in a request can change its host. */
export function isRedirectTarget(target: string): boolean {
  if (target === "" || target.length > TEXT_LENGTH_MAX || /[\u0000-\u001f\u007f\\]/.test(target)) return false;
  const { origin, path } = splitTarget(target);
  if (origin === "") return /^\/(?!\/)/.test(path);
  return isOrigin(origin) && (path === "" || path.startsWith("/"));
}

export const REWRITE_FORM = 'a path below the root such as "/app/:splat", without query, "#" or dot segments';

/** What a rewrite may lead to: a decoded path below the root. */
export function isRewriteTarget(target: string): boolean {
  return target.startsWith("/") && !target.includes("*") && isPathPattern(target);
}

/** `scheme://host[:port]` with a host name or address, and no userinfo (RFC 9110 §4.2.4). */
export function isOrigin(text: string): boolean {
  const match = /^https?:\/\/([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/i.exec(text);
  return match !== null && Number(match[2] ?? 0) <= 65535;
}
