/**
 * From a directory's path to an entry with its listings: open, verify, read, render.
 *
 * Keeps: like the rest of the slow path (file-loader.ts): what can wait for a disk runs off the event loop, what takes
 *        long runs in turns, `done` is called exactly once, nothing throws.
 */
import { close } from "node:fs";
import { Errno } from "../../sys/errno.ts";
import { FileKind, FileStatus } from "../../sys/file-status.ts";
import type { CacheField } from "../represent/cache-field.ts";
import type { Coder } from "../coding/coder.ts";
import { joinRoot, openBelow } from "../load/open-below.ts";
import { cacheKeyOf, type RequestPath } from "../request-path.ts";
import { type FieldEdits, NO_EDITS } from "../rules/field-edit.ts";
import { renderDirectory } from "./directory-pages.ts";
import { ListingEntry, type ListingSource } from "./listing-entry.ts";
import { type ListingPolicy, readDirectory } from "./read-directory.ts";

/** A directory this young can change again without its times showing it, as with files. */
const RACY_MS = 100;

export interface ListingOptions extends ListingPolicy {
  readonly serverField: string;
  /** What tells of the cache; absent for the default. */
  readonly cacheField?: CacheField;
  /** Content coding; absent: every page has one representation. */
  readonly coder?: Coder;
  /** What rules make of the fields. */
  readonly edits?: FieldEdits;
}

/** Calls back with the entry, or with `-errno` when the path names no directory that may be listed. */
export function loadListing(
  path: RequestPath,
  options: ListingOptions,
  done: (entryOrFailure: ListingEntry | number) => void,
): void {
  const { root, followSymlinks, serverField, cacheField, coder = null, edits = NO_EDITS } = options;
  const version = new FileStatus();
  openBelow(root, path.filePath, followSymlinks, version, (fd) => {
    if (fd < 0) return done(fd);
    if (version.kind !== FileKind.Directory) return close(fd, () => done(-Errno.ENOTDIR));
    const isRacy = Date.now() - version.ctimeMs < RACY_MS;
    const source: ListingSource = {
      path: joinRoot(root, path.filePath),
      version,
      isRacy,
      serverField,
      cacheField,
      coder,
      edits,
    };
    readDirectory(fd, path.filePath, options, (listing) => {
      close(fd, () => {
        if (typeof listing === "number") return done(listing);
        renderDirectory(path.filePath, listing, (pages) => done(new ListingEntry(cacheKeyOf(path), source, pages)));
      });
    });
  });
}
