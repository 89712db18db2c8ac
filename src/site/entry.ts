/**
 * What a path was found to mean, with its responses ready to send: a file, a directory's redirect or
 * listing (listing/listing-entry.ts), or a failure.
 *
 * Out:   `isCurrent` asks the file system once (about 1 us, stat of a path) whether the entry is still valid.
 * Keeps: an entry never changes; one that is no longer valid is dropped and loaded again.
 */
import { assert } from "../assert.ts";
import { CacheEntry } from "../cache/response-cache.ts";
import type { OpenFile } from "../cache/open-file.ts";
import { Method } from "../http/method.ts";
import type { Reply } from "../http/reply.ts";
import type { RequestHead } from "../http/request-head.ts";
import { FileStatus, statPath } from "../sys/file-status.ts";
import type { ErrorForm } from "./represent/error-form.ts";
import type { ErrorReplies } from "./represent/error-replies.ts";
import type { Neighbours, UnusedNeighbour } from "./coding/neighbours.ts";
import type { Variants } from "./coding/variants.ts";
import type { FileReplies } from "./represent/file-replies.ts";
import { allHold, type Finding } from "./load/finding.ts";
import type { ListingEntry } from "./listing/listing-entry.ts";
import type { GuardedEntry } from "./guarded-entry.ts";
import { cPathOf } from "./name-octets.ts";
import { type Location, locationText } from "./rules/move-target.ts";

export enum EntryKind {
  File,
  Redirect,
  Listing,
  Failure,
  /** Only for clients that its guards admit (guarded-entry.ts). */
  Guarded,
}

/** What a path means to whom no guard keeps out. */
export type PlainEntry = FileEntry | RedirectEntry | ListingEntry | FailureEntry;

export type Entry = PlainEntry | GuardedEntry;

/** Filled in by every check; one is enough for a process that checks one path at a time. */
const probe = new FileStatus();

/** The selected representation of a path (RFC 9110 §3.2): a regular file. */
export class FileEntry extends CacheEntry {
  readonly kind = EntryKind.File;
  /** Its responses when it comes from the cache. */
  readonly replies: FileReplies;
  /** Where the content comes from, unless the replies hold it in memory. */
  readonly file: OpenFile | null;
  /** Representations in other content codings; null when there is nothing to choose from. */
  readonly variants: Variants | null;
  private users = 1;
  private readonly source: FileSource;
  private readonly cPath: Buffer;

  constructor(
    key: string,
    source: FileSource,
    replies: FileReplies,
    file: OpenFile | null,
    variants: Variants | null = null,
    /** The entry that owns these replies, if many paths lead to it. This entry releases it. */
    private readonly shared: FileEntry | null = null,
  ) {
    super(key);
    this.source = source;
    this.cPath = cPathOf(source.path);
    this.replies = replies;
    this.file = file;
    this.variants = variants;
  }

  /** Another path that this file answers, with `findings` on the way to it: the replies are kept once. */
  sharedAs(key: string, findings: readonly Finding[]): FileEntry {
    this.retain();
    return new FileEntry(key, { ...this.source, findings }, this.replies, this.file, this.variants, this);
  }

  /** True when the path still names this version of this file, and nothing that comes before or beside it has changed. */
  isCurrent(): boolean {
    const { shared } = this;
    const { recheckByLoading, version, findings, neighbours } = this.source;
    if (recheckByLoading || statPath(this.cPath, probe) !== 0) return false;
    if (!probe.isSameVersion(version) || !allHold(findings)) return false;
    if (neighbours !== null && !neighbours.isCurrent()) return false;
    // What is shared stays in the cache as long as an entry uses it, and no longer.
    if (shared !== null) shared.list?.touch(shared);
    return shared === null || shared.list !== null;
  }

  /** Where the file lies, in full. */
  get path(): string {
    return this.source.path;
  }

  /** What was found on the way to it. */
  get findings(): readonly Finding[] {
    return this.source.findings;
  }

  /** Compressed neighbours that are there and can't stand for it. */
  get unusedNeighbours(): readonly UnusedNeighbour[] {
    return this.source.neighbours?.unusedFor(this.source.version) ?? [];
  }

  /**
   * Whether the files that its content is sent from are still what their tags say. If not, it is known to be stale, and entries
   * that share it are checked again, too. `nowMs`: the monotonic clock.
   */
  isIntact(nowMs: number): boolean {
    if (this.replies.file?.isIntact(nowMs) !== false && this.variants?.areIntact(nowMs) !== false) return true;
    this.expire();
    return false;
  }

  private expire(): void {
    this.checkedMs = Number.NEGATIVE_INFINITY;
    this.shared?.expire();
  }

  /** One more user; the code that made the entry is the first. */
  retain(): void {
    assert(this.users > 0, "an entry is retained while it is in use");
    this.users++;
  }

  release(): void {
    assert(this.users > 0, "an entry is released once by each user");
    if (--this.users !== 0) return;
    if (this.shared !== null) return this.shared.release();
    this.variants?.release();
    this.file?.release();
  }
}

/** Where a FileEntry came from. */
export interface FileSource {
  readonly path: string;
  readonly version: FileStatus;
  recheckByLoading: boolean;
  /** What was found on the way to it. */
  readonly findings: readonly Finding[];
  /** Compressed neighbours that were found beside it, or places where they would be; null where none count. */
  readonly neighbours: Neighbours | null;
}

/** A redirect to another path or host: by a rule, or because a folder was requested without its final slash. */
export class RedirectEntry extends CacheEntry {
  readonly kind = EntryKind.Redirect;
  /** Replies to requests without a query, by form: with content, and without. */
  private readonly full: (Reply | undefined)[] = [];
  private readonly headOnly: (Reply | undefined)[] = [];

  constructor(
    key: string,
    private readonly status: number,
    readonly location: Location,
    private readonly findings: readonly Finding[],
    readonly errors: ErrorReplies,
  ) {
    super(key);
  }

  /** `query`: that of the request, with "?", or "". */
  replyTo(head: RequestHead, query: string): Reply {
    const form = this.errors.formFor(head);
    const headOnly = head.method === Method.Head;
    if (query !== "" && this.location.keepsQuery) return this.build(query, headOnly, form);
    return ((headOnly ? this.headOnly : this.full)[form] ??= this.build("", headOnly, form));
  }

  isCurrent(): boolean {
    return allHold(this.findings);
  }

  retain(): void {}

  release(): void {}

  private build(query: string, headOnly: boolean, form: ErrorForm): Reply {
    return this.errors.redirect(this.status, locationText(this.location, query), headOnly, form);
  }
}

/** A failure: 404, or another status that says why. */
export class FailureEntry extends CacheEntry {
  readonly kind = EntryKind.Failure;

  /** `page`: below the root, instead of the status's own. `findings` null: only loading again can tell. */
  constructor(
    key: string,
    readonly status: number,
    private readonly page: string | null,
    private readonly findings: readonly Finding[] | null,
    readonly errors: ErrorReplies,
  ) {
    super(key);
  }

  replyTo(head: RequestHead): Reply {
    const headOnly = head.method === Method.Head;
    if (this.page === null) return this.errors.of(this.status, headOnly, head);
    return this.errors.withPage(this.status, this.page, headOnly, head);
  }

  isCurrent(): boolean {
    return this.findings !== null && allHold(this.findings);
  }

  retain(): void {}

  release(): void {}
}
