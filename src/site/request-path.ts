/**
 * From the path of a request-target to a path below the document root (RFC 3986 §2.1, §3.3, §5.2.4, §6.2.2).
 *
 * In:    the path as it was sent, one character for each octet; an octet from 0x80 means what its percent-encoded form means.
 * Out:   a `RequestPath`, or the status that refuses it: 400 where it is no valid path, 404 where it can't name anything. Which of
 *        its faults it was says a `PathFault`.
 * Keeps: decoded exactly once; dot segments are removed after decoding, so no spelling of `..` gets through; what remains
 *        starts with `/` and has no empty, `.` or `..` segment. Pure.
 *
 * Policy: repeated slashes count as one, as in most file servers. `..` above the root is refused (400) where RFC 3986
 * §5.2.4 would ignore it: no client that resolves references sends it. An encoded slash (`%2F`) is data, not a
 * separator (RFC 3986 §2.2), and no file name holds one: 404. Where `encoded_slashes` is "decode" it becomes a slash before
 * anything else is looked at, so that rules, guards and files see the path that is left, and no dot segment hides behind it.
 * Octets that are no UTF-8 are part of a name like all others (name-octets.ts).
 */
import { encodeName, textOfOctets } from "./name-octets.ts";
import type { Facts } from "./rules/conditions.ts";

export interface RequestPath {
  /** The one spelling under which the cache knows it: normalised and percent-encoded, `/` at the end for a directory. */
  readonly key: string;
  /** Decoded, relative to the document root, beginning with `/`, no `/` at the end except for the root itself. */
  readonly filePath: string;
  /** It ended with a slash, or with a dot segment: it can only name a directory. */
  readonly isDirectory: boolean;
  /** What rules need to know of the request besides its path (rules/conditions.ts); absent where the path suffices. */
  readonly facts?: Facts;
  /** Whether the client asks for a page; absent where the answer doesn't depend on it, whatever files there are (plan.ts). */
  readonly isNavigation?: boolean;
}

/** The cache key of the answer: the path and, where that is not enough, what else it depends on. No path holds a "?", no facts a "#". */
export function cacheKeyOf(path: RequestPath): string {
  const key = cacheKeyOfFile(path);
  return path.isNavigation === undefined ? key : `${key}${path.isNavigation ? "?#page" : "?#other"}`;
}

/** The cache key of a file of that name: what the client would take instead no longer matters. */
export function cacheKeyOfFile({ key, facts }: RequestPath): string {
  return facts === undefined ? key : `${key}?${facts.text}`;
}

/** What is wrong with a path. */
export enum PathFault {
  /** It doesn't begin with a slash. */
  Relative,
  /** Percent-encoding that isn't one (RFC 3986 §2.1). */
  BadEncoding,
  Nul,
  /** More `..` than there are segments before. */
  AboveRoot,
  EncodedSlash,
  /** A name begins with a dot, and `dotfiles` is off. */
  Hidden,
}

/** The status that refuses a path. */
export type PathStatus = 400 | 404;

export function statusOfFault(fault: PathFault): PathStatus {
  return fault < PathFault.EncodedSlash ? 400 : 404;
}

const PERCENT = 0x25;
const SLASH = 0x2f;

/** What `%2F` means. */
export type EncodedSlashes = "refuse" | "decode";

/** `dotfiles`: whether names that begin with a dot are served; `/.well-known/` always is (RFC 8615). */
export function resolveRequestPath(
  raw: string,
  dotfiles: boolean,
  encodedSlashes: EncodedSlashes = "refuse",
): RequestPath | PathStatus {
  const found = findRequestPath(raw, dotfiles, encodedSlashes);
  return typeof found === "number" ? statusOfFault(found) : found;
}

/** The same, with the fault in place of its status. */
export function findRequestPath(
  raw: string,
  dotfiles: boolean,
  encodedSlashes: EncodedSlashes,
): RequestPath | PathFault {
  if (raw.charCodeAt(0) !== SLASH) return PathFault.Relative;
  const segments: string[] = [];
  // No other encoding can arise from it: a slash is no HEXDIG.
  const sent = (encodedSlashes === "decode" ? raw.replace(/%2f/gi, "/") : raw).split("/");
  let isDirectory = false;
  for (let index = 1; index < sent.length; index++) {
    const segment = decodeSegment(sent[index]!);
    if (typeof segment === "number") return segment;
    isDirectory = segment === "" || segment === "." || segment === "..";
    if (!isDirectory) segments.push(segment);
    else if (segment === ".." && segments.pop() === undefined) return PathFault.AboveRoot;
  }
  if (!dotfiles && segments.some(isHidden)) return PathFault.Hidden;
  const encoded = segments.map(encodeSegment).join("/");
  return {
    key: segments.length === 0 ? "/" : `/${encoded}${isDirectory ? "/" : ""}`,
    filePath: `/${segments.join("/")}`,
    isDirectory,
  };
}

/** Percent-decodes one segment (RFC 3986 §2.1). */
function decodeSegment(segment: string): string | PathFault {
  if (!/[%\x80-\xff]/.test(segment)) return segment;
  const octets = Buffer.allocUnsafe(segment.length);
  let count = 0;
  for (let index = 0; index < segment.length; index++) {
    let octet = segment.charCodeAt(index);
    if (octet === PERCENT) {
      const digits = segment.slice(index + 1, index + 3);
      if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return PathFault.BadEncoding;
      octet = Number.parseInt(digits, 16);
      if (octet === 0) return PathFault.Nul;
      if (octet === SLASH) return PathFault.EncodedSlash;
      index += 2;
    }
    octets[count++] = octet;
  }
  return textOfOctets(octets.subarray(0, count));
}

/** Whether a decoded path leads through, or to, a name that begins with a dot. */
export function hasHiddenSegment(path: string): boolean {
  return path.slice(1).split("/").some(isHidden);
}

function isHidden(segment: string, index: number): boolean {
  return segment.startsWith(".") && !(index === 0 && segment === ".well-known");
}

/** The segment with everything encoded that RFC 3986's `pchar` does not allow as it is, and nothing else. */
export function encodeSegment(segment: string): string {
  return encodeName(segment).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);
}
