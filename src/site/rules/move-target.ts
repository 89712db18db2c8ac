/**
 * Targets of redirects and rewrites: templates filled in with what a pattern captures (syntax/path-syntax.ts).
 *
 * In:    a target's text, once at start; then what the pattern captures of a path, decoded.
 * Out:   a URI reference for Location (RFC 9110 §10.2.2), or a decoded path below the root.
 * Keeps: a slash at the end of what a splat stands for is the end of a location's path, and stands nowhere else: a file has none.
 *        Nothing captured can change the host, end the path, or end the field line: it is percent-encoded for where it
 *        stands (RFC 3986 §2.1), and a path that would begin with `//`, which is a host, begins with one slash.
 */
import { cutAtPlaceholders, SPLAT, splitTarget } from "../../syntax/path-syntax.ts";
import { encodeName } from "../name-octets.ts";
import { encodeSegment } from "../request-path.ts";
import type { Remembered } from "./path-pattern.ts";

/** Literal, name, literal, …, literal. */
type Template = readonly string[];

export interface RedirectTarget {
  /** `https://example.com`, or "" for the host that was asked. */
  readonly origin: string;
  readonly path: Template;
  /** Null: the request's query is kept. */
  readonly query: Template | null;
  readonly fragment: string;
}

/** Where to go, without the query of the request. */
export interface Location {
  /** Up to its own query, if it has one. */
  readonly reference: string;
  /** The query of the request is put between `reference` and `fragment`. */
  readonly keepsQuery: boolean;
  /** With "#", or "". */
  readonly fragment: string;
}

export function compileRedirectTarget(target: string): RedirectTarget {
  const { origin, path, query, fragment } = splitTarget(target);
  return {
    origin,
    path: compileTemplate(path),
    query: query === null ? null : compileTemplate(query),
    fragment: encodeLiteral(fragment),
  };
}

/** Literals are encoded here, once. */
function compileTemplate(text: string): Template {
  return cutAtPlaceholders(text).map((part, index) => (index % 2 === 0 ? encodeLiteral(part) : part));
}

/** Encodes what may not stand in a URI, and leaves what is encoded already (RFC 3986 §2.4). */
function encodeLiteral(text: string): string {
  const encoded = text.replace(/%(?![0-9A-Fa-f]{2})/g, "%25");
  return encoded.replace(/[^\x21\x23-\x3b\x3d\x3f-\x5a\x5f\x61-\x7a\x7e]/gu, (character) =>
    encodeURIComponent(character.isWellFormed() ? character : "\ufffd"),
  );
}

export function expandLocation(target: RedirectTarget, remembered: Remembered): Location {
  const { origin, path, query, fragment } = target;
  const written = expand(path, (name, isEnd) => encodePath(name, remembered, isEnd));
  const reference = origin + (origin === "" ? withOneSlash(written) : written);
  if (query === null) return { reference, keepsQuery: true, fragment };
  const ownQuery = expand(query, (name) => encodeName(remembered[name]!));
  return { reference: `${reference}?${ownQuery}`, keepsQuery: false, fragment };
}

/** The value of Location; `query` is the request's, with "?", or "". */
export function locationText({ reference, keepsQuery, fragment }: Location, query: string): string {
  return keepsQuery ? reference + query + fragment : reference + fragment;
}

/** Which file a rewrite means: decoded, but not yet checked (it may hold empty segments). */
export function expandPath(template: readonly string[], remembered: Remembered): string {
  return expand(template, (name) => valueOf(name, remembered, false));
}

export function compileRewriteTarget(target: string): readonly string[] {
  return cutAtPlaceholders(target);
}

/** `isEnd`: nothing follows. */
function expand(template: Template, textFor: (name: string, isEnd: boolean) => string): string {
  const isEnd = (index: number): boolean => template.slice(index + 1).every((part) => part === "");
  return template.map((part, index) => (index % 2 === 0 ? part : textFor(part, isEnd(index)))).join("");
}

function encodePath(name: string, remembered: Remembered, isEnd: boolean): string {
  const value = valueOf(name, remembered, isEnd);
  return name === SPLAT ? value.split("/").map(encodeSegment).join("/") : encodeSegment(value);
}

function valueOf(name: string, remembered: Remembered, isEnd: boolean): string {
  const value = remembered[name]!;
  return name === SPLAT && !isEnd && value.endsWith("/") ? value.slice(0, -1) : value;
}

/** Without it, a splat that stands for nothing would turn `/:splat/x.example` into a host. */
function withOneSlash(path: string): string {
  return path.replace(/^\/+/, "/");
}
