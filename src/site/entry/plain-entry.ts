/** What a path means to whom no guard keeps out. */
import type { ListingEntry } from "../listing/listing-entry.ts";
import type { FailureEntry } from "./failure-entry.ts";
import type { FileEntry } from "./file-entry.ts";
import type { RedirectEntry } from "./redirect-entry.ts";

export type PlainEntry = FileEntry | RedirectEntry | ListingEntry | FailureEntry;
