/**
 * The selected representation of a path (RFC 9110 §3.2): a regular file, with its responses ready to send.
 *
 * Keeps: counts its users, the cache and whoever sends from it, and lets go of its files when there are none.
 */
import { assert } from "../../assert.ts";
import { CacheEntry } from "../../cache/response-cache.ts";
import type { OpenFile } from "../../cache/open-file.ts";
import { FileStatus, statPath } from "../../sys/file-status.ts";
import type { Neighbours, UnusedNeighbour } from "../coding/neighbours.ts";
import type { Variants } from "../coding/variants.ts";
import { allHold, type Finding } from "../load/finding.ts";
import { cPathOf } from "../name-octets.ts";
import type { FileReplies } from "../represent/file-replies.ts";
import { EntryKind } from "./entry-kind.ts";

/** Filled in by every check; one is enough for a process that checks one path at a time. */
const probe = new FileStatus();

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
