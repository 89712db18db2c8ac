/**
 * What a directory holds, as plain values (read-directory.ts finds them, listing-page.ts and listing-json.ts show them).
 *
 * Units: octets; milliseconds since 1970.
 */
import { encodeName } from "../name-octets.ts";
import { compareText } from "./natural-order.ts";

export interface NamedEntry {
  /** Text as name-octets.ts makes it: not all of it is to be shown as it is. */
  readonly name: string;
  /** What the name is put in order by (natural-order.ts). */
  readonly key: string;
  readonly isDirectory: boolean;
}

export interface ListedEntry extends NamedEntry {
  /** Octets of a file; -1 for a directory, and where it isn't known. */
  readonly size: number;
  /** NaN where it isn't known. */
  readonly modifiedMs: number;
  /** The media type that the name says; "" for a directory. */
  readonly contentType: string;
  /** A relative reference (RFC 3986 §4.2). */
  readonly reference: string;
}

export interface Listing {
  /** Directories first, then in order of name. */
  readonly entries: readonly ListedEntry[];
  /** How many there are; more than `entries` holds when the directory is very large. */
  readonly total: number;
}

/** Directories first, then as `naturalKey` says, then by code units: no two names of a directory are equal. */
export function compareEntries(one: NamedEntry, other: NamedEntry): number {
  if (one.isDirectory !== other.isDirectory) return one.isDirectory ? -1 : 1;
  return compareText(one.key, other.key) || compareText(one.name, other.name);
}

/**
 * A relative reference to an entry of the directory it stands in (RFC 3986 §4.2): everything encoded that means
 * something in a URL or in HTML, so no name is taken for a scheme, a query or another directory.
 */
export function referenceTo(name: string, isDirectory: boolean): string {
  return encodeName(name).replaceAll("'", "%27") + (isDirectory ? "/" : "");
}
