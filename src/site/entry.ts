/**
 * What a path was found to mean, with its responses ready to send: a file, a directory's redirect or
 * listing (listing/listing-entry.ts), or a failure.
 *
 * Out:   `isCurrent` asks the file system once (about 1 us, stat of a path) whether that still holds.
 * Keeps: what an entry says never changes; an entry that no longer holds is dropped and loaded again.
 */
import { Budget, CacheEntry } from "../cache/response-cache.ts";
import type { OpenFile } from "../cache/open-file.ts";
import { FileKind, FileStatus, statPath } from "../sys/file-status.ts";
import { Errno } from "../sys/errno.ts";
import type { FileReplies } from "./file-replies.ts";
import type { ListingEntry } from "./listing/listing-entry.ts";

export enum EntryKind {
  File,
  Redirect,
  Listing,
  Failure,
}

export type Entry = FileEntry | RedirectEntry | ListingEntry | FailureEntry;

/** Filled in by every check; one is enough for a process that checks one path at a time. */
const probe = new FileStatus();

/** The selected representation of a path (RFC 9110 §3.2): a regular file. */
export class FileEntry extends CacheEntry {
  readonly kind = EntryKind.File;
  /** Its responses when it comes from the cache. */
  readonly replies: FileReplies;
  /** Where the content comes from, unless the replies hold it in memory. */
  readonly file: OpenFile | null;
  private readonly cPath: Buffer;
  private readonly version: FileStatus;
  /** A newer file could look the same, or another file could take precedence: ask by loading again. */
  private readonly recheckByLoading: boolean;

  constructor(key: string, source: FileSource, replies: FileReplies, file: OpenFile | null) {
    super(key);
    this.cPath = cPathOf(source.path);
    this.version = source.version;
    this.recheckByLoading = source.recheckByLoading;
    this.replies = replies;
    this.file = file;
  }

  /** True when the path still names this version of this file. */
  isCurrent(): boolean {
    return !this.recheckByLoading && statPath(this.cPath, probe) === 0 && probe.isSameVersion(this.version);
  }

  /** One user more; who made the entry is the first. */
  retain(): void {
    this.file?.retain();
  }

  release(): void {
    this.file?.release();
  }
}

/** Where a FileEntry came from. */
export interface FileSource {
  readonly path: string;
  readonly version: FileStatus;
  readonly recheckByLoading: boolean;
}

/** A directory, asked for without its final slash. */
export class RedirectEntry extends CacheEntry {
  readonly kind = EntryKind.Redirect;
  private readonly cPath: Buffer;

  constructor(key: string, path: string) {
    super(key);
    this.cPath = cPathOf(path);
  }

  /** The path to go to, in encoded form; the query is added by who answers. */
  get location(): string {
    return `${this.key}/`;
  }

  isCurrent(): boolean {
    return statPath(this.cPath, probe) === 0 && probe.kind === FileKind.Directory;
  }

  retain(): void {}

  release(): void {}
}

/** Nothing to serve: 404, or why not. */
export class FailureEntry extends CacheEntry {
  readonly kind = EntryKind.Failure;
  readonly status: number;
  /** The one path whose appearance would change the answer, or null: then only loading again can tell. */
  private readonly cPath: Buffer | null;

  constructor(key: string, status: number, absentPath: string | null) {
    super(key);
    this.status = status;
    this.cPath = absentPath === null ? null : cPathOf(absentPath);
  }

  isCurrent(): boolean {
    return this.cPath !== null && statPath(this.cPath, probe) === -Errno.ENOENT;
  }

  retain(): void {}

  release(): void {}
}

/** The budget an entry that isn't cached content counts against. */
export function budgetOf(entry: Entry, isContent: boolean): Budget {
  if (entry.kind === EntryKind.Listing) return Budget.Content;
  if (entry.kind !== EntryKind.File) return Budget.Absent;
  return isContent ? Budget.Content : Budget.Files;
}

function cPathOf(path: string): Buffer {
  return Buffer.from(`${path}\0`, "utf8");
}
