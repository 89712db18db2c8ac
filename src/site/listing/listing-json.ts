/**
 * A listing for programs: a JSON array (RFC 8259), one object an entry, one line an object.
 *
 *     [
 *     {"name":"a b.txt","type":"file","size":3,"modified":"2024-05-01T12:34:56Z","url":"a%20b.txt"}
 *     ]
 *
 * Keeps: pure. `size` is null for a directory; `url` is relative to the directory's own, and leads to the entry whatever its
 *        name is: `name` is for people, with U+FFFD for octets that are no UTF-8.
 */
import { shownName } from "../name-octets.ts";
import { isoDate } from "./iso-date.ts";
import type { ListedEntry } from "./listing.ts";

export const JSON_START = "[\n";
/** Stands between two entries. */
export const JSON_SEPARATOR = ",\n";
export const JSON_END = "\n]\n";
export const JSON_OF_NOTHING = "[]\n";

export function renderJsonEntry({ name, isDirectory, size, modifiedMs, reference }: ListedEntry): string {
  const modified = isoDate(modifiedMs);
  return (
    `{"name":${JSON.stringify(shownName(name))},"type":"${isDirectory ? "directory" : "file"}"` +
    `,"size":${size < 0 ? "null" : size},"modified":${modified === "" ? "null" : `"${modified}"`}` +
    `,"url":${JSON.stringify(reference)}}`
  );
}
