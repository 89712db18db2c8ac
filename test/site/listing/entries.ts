/** Entries for tests of listings, with as little said of them as matters. */
import { type ListedEntry, referenceTo } from "../../../src/site/listing/listing.ts";
import { mediaTypeOf } from "../../../src/site/media-type.ts";
import { naturalKey } from "../../../src/site/listing/natural-order.ts";

export function file(name: string, size = 1, modifiedMs = 0): ListedEntry {
  const contentType = mediaTypeOf(name);
  return {
    name,
    key: naturalKey(name),
    isDirectory: false,
    size,
    modifiedMs,
    contentType,
    reference: referenceTo(name, false),
  };
}

export function directory(name: string, modifiedMs = 0): ListedEntry {
  return { ...file(name, -1, modifiedMs), isDirectory: true, contentType: "", reference: referenceTo(name, true) };
}
