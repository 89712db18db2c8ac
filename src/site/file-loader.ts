/**
 * The slow path of a file: from a path below the document root to an entry (entry.ts), by asking the file system.
 *
 *   1 plan         what the settings make of the path (plan.ts): attempts at files, folders and listings, in order
 *   2 open         each in turn, verified (open-below.ts)
 *   3 look around  for compressed neighbours, where the media type is worth it (coding/neighbours.ts)
 *   4 read         what may enter the cache, whole and consistent; of the rest only the descriptor is kept
 *   5 entry        validators and ready responses; in which other codings it can be had (coding/coder.ts)
 *
 * Keeps: every step that can wait for a disk runs off the event loop; `done` is called exactly once; nothing throws.
 */
import { close, closeSync } from "node:fs";
import { areFilesAtLimit, type OpenFile } from "../cache/open-file.ts";
import { ENTRY_OVERHEAD_OCTETS, type ResponseCache } from "../cache/response-cache.ts";
import { Errno } from "../sys/errno.ts";
import { FileKind, FileStatus, statFd } from "../sys/file-status.ts";
import { isKeptInMemory } from "./content-place.ts";
import { budgetOf, type Entry, EntryKind, FailureEntry, FileEntry, type FileSource, RedirectEntry } from "./entry.ts";
import { neighbourContentTag } from "./coding/coded-entity-tag.ts";
import type { Neighbours } from "./coding/neighbours.ts";
import { beginsAsGzip, isPackedName, unpack } from "./coding/packed-file.ts";
import type { Variants } from "./coding/variants.ts";
import { FileReplies, type FileHeadFields } from "./file-replies.ts";
import { Coding, CODING_NAME } from "../http/content-coding.ts";
import { CacheOutcome } from "../http/reply.ts";
import { contentEntityTag, versionEntityTag } from "./validators.ts";
import type { ErrorReplies } from "./error-replies.ts";
import { Finding, Found } from "./finding.ts";
import { type ListingOptions, loadListing } from "./listing/load-listing.ts";
import { mediaTypeOf } from "./media-type.ts";
import { joinRoot, openBelow } from "./open-below.ts";
import { statusOfErrno } from "./status-of-errno.ts";
import {
  type Attempt,
  editsFor,
  type FileAttempt,
  type ListingAttempt,
  type Lookup,
  type Plan,
  type PlanOptions,
  type Redirection,
  type Refusal,
} from "./plan.ts";
import { readWhole } from "./read-whole.ts";
import { cacheKeyOf, type RequestPath } from "./request-path.ts";
import { GuardedEntry } from "./guarded-entry.ts";
import { ServedFile } from "./served-file.ts";
import type { FieldEdits } from "./rules/field-edit.ts";
import type { AuthRule } from "./rules/guard.ts";

/** Readings of a file that changes while it is read, before it is served uncached. */
const READINGS_MAX = 3;

/** A file this young can change again without its times showing it (the clock of a file system ticks every 4 ms). */
const RACY_MS = 100;

export interface FileLoaderOptions extends ListingOptions, PlanOptions {
  /** Milliseconds for which an entry holds without a look at the file system. */
  readonly revalidateMs: number;
  /** Octets: larger files are not read, only opened. */
  readonly cachedFileOctetsMax: number;
  /** Media types by extension, from the settings. */
  readonly mediaTypes?: Readonly<Record<string, string>>;
}

export type LoadDone = (entry: Entry) => void;

export class FileLoader {
  constructor(
    private readonly options: FileLoaderOptions,
    private readonly cache: ResponseCache<Entry>,
    private readonly errors: ErrorReplies,
  ) {}

  /**
   * Finds out what `path` means, of which `plan` is what the settings say. The entry has been taken into the cache if it
   * may be. It is `done`'s in any case, to be released once its replies are under way: by then the cache may have
   * dropped it.
   */
  load(path: RequestPath, plan: Plan, done: LoadDone): void {
    const checkedMs = performance.now();
    const loading = new Loading(this.options, this.cache, this.errors, path, plan, (found, isContent, cacheable) => {
      const entry = loading.withGuards(found);
      entry.checkedMs = checkedMs;
      if (cacheable && this.cache.insert(entry, budgetOf(found, isContent))) entry.retain(); // until it is dropped
      done(entry);
    });
    loading.start();
  }
}

type LoadedEntry = Exclude<Entry, GuardedEntry>;
type FoundEntry = (entry: LoadedEntry, isContent: boolean, cacheable: boolean) => void;

/** One look at the file system. */
class Loading {
  private readonly status = new FileStatus();
  private readings = 0;
  /** What was found so far, by path below the root. */
  private readonly findings = new Map<string, Finding>();
  /** Guards of the path, and of the file that answers it. */
  private guards: readonly AuthRule[];

  constructor(
    private readonly options: FileLoaderOptions,
    private readonly cache: ResponseCache<Entry>,
    private readonly errors: ErrorReplies,
    private readonly path: RequestPath,
    private readonly plan: Plan,
    private readonly found: FoundEntry,
  ) {
    this.guards = plan.guards;
  }

  start(): void {
    const { plan } = this;
    if (plan.kind === "lookup" && plan.attempts.length > 0) return this.tryAttempt(plan, 0);
    // There is nothing to wait for, and yet whoever asked is not called back before he has gone on.
    queueMicrotask(() => this.answer(plan.kind === "lookup" ? plan.otherwise : plan));
  }

  /** The entry, for those alone whom its guards let in. */
  withGuards(entry: LoadedEntry): Entry {
    if (this.guards.length === 0) return entry;
    return new GuardedEntry(entry, this.guards, this.errors.with(this.editsFor(null)));
  }

  private tryAttempt(plan: Lookup, index: number): void {
    const attempt = plan.attempts[index];
    if (attempt === undefined) return this.answer(plan.otherwise);
    const next = (): void => this.tryAttempt(plan, index + 1);
    const known = this.findings.get(attempt.filePath);
    if (attempt.kind === "listing") return this.list(attempt, next);
    if (known !== undefined) return this.onKnown(attempt, known.found, next);
    if (attempt.kind === "file" && attempt.isShared) {
      const shared = this.sharedEntry(attempt);
      if (shared !== null) return this.share(attempt, shared);
    }
    openBelow(this.options.root, attempt.filePath, this.options.followSymlinks, this.status, (fd) => {
      if (fd < 0) return this.onOpenFailure(attempt, -fd, next);
      if (this.status.kind === FileKind.File && attempt.kind === "file") return this.onFile(fd, attempt);
      close(fd, () => this.onOther(attempt, next));
    });
  }

  /** The entry of a file that many paths lead to, if it is known and still holds. */
  private sharedEntry(attempt: FileAttempt): FileEntry | null {
    const entry = this.cache.get(this.sharedKeyOf(attempt));
    if (entry?.kind !== EntryKind.File) return null;
    const nowMs = performance.now();
    if (nowMs - entry.checkedMs >= this.options.revalidateMs) {
      if (!entry.isCurrent()) {
        this.cache.remove(entry);
        return null;
      }
      entry.checkedMs = nowMs;
    }
    return entry;
  }

  /** No path of a request is spelled like it. Where rules set other fields, the replies are others. */
  private sharedKeyOf(attempt: FileAttempt): string {
    const edits = this.editsFor(attempt.filePath).map(({ name, value }) => [name, value]);
    return `#${attempt.filePath}${edits.length === 0 ? "" : JSON.stringify(edits)}`;
  }

  private share(attempt: FileAttempt, shared: FileEntry): void {
    this.guards = [...this.plan.guards, ...attempt.guards];
    this.found(shared.sharedAs(cacheKeyOf(this.path), [...this.findings.values()]), false, true);
  }

  private onOpenFailure(attempt: Attempt, errno: number, next: () => void): void {
    const status = statusOfErrno(errno);
    if (status !== 404) return this.fail(status);
    // A link that leads where it may not, for example, is there all the same.
    const isNothing = errno === Errno.ENOENT || errno === Errno.ENOTDIR || errno === Errno.ENAMETOOLONG;
    this.note(attempt.filePath, isNothing ? Found.Nothing : Found.Other);
    next();
  }

  /** What is open is no file that answers. */
  private onOther(attempt: Attempt, next: () => void): void {
    const { kind } = this.status;
    this.note(attempt.filePath, kind === FileKind.Directory ? Found.Folder : Found.Other);
    if (attempt.kind === "page-redirect" && kind === FileKind.File) return this.answer(attempt.redirection);
    this.onKnown(attempt, this.findings.get(attempt.filePath)!.found, next);
  }

  private onKnown(attempt: Attempt, found: Found, next: () => void): void {
    if (attempt.kind === "folder" && found === Found.Folder) this.answer(attempt.redirection);
    else next();
  }

  private list(attempt: ListingAttempt, next: () => void): void {
    const edits = this.editsFor(null);
    loadListing(this.path, { ...this.options, edits }, (entryOrFailure) => {
      if (typeof entryOrFailure !== "number") return this.found(entryOrFailure, true, true);
      const status = statusOfErrno(-entryOrFailure);
      if (status !== 404) return this.fail(status);
      this.note(attempt.filePath, Found.Nothing);
      next();
    });
  }

  private note(filePath: string, found: Found): void {
    this.findings.set(filePath, new Finding(joinRoot(this.options.root, filePath), found));
  }

  private editsFor(filePath: string | null): FieldEdits {
    return editsFor(this.options.rules, this.path, filePath, this.guards.length > 0);
  }

  /** What the settings say where no file answers. */
  private answer(outcome: Refusal | Redirection): void {
    this.guards = outcome.guards;
    const errors = this.errors.with(this.editsFor(null));
    const findings = [...this.findings.values()];
    const key = cacheKeyOf(this.path);
    const entry =
      outcome.kind === "redirect"
        ? new RedirectEntry(key, outcome.status, outcome.location, findings, errors)
        : new FailureEntry(key, outcome.status, outcome.page, findings, errors);
    this.found(entry, false, true);
  }

  /** The file system can't tell, or may not: only asking again shows that it has changed its mind. */
  private fail(status: number): void {
    const errors = this.errors.with(this.editsFor(null));
    this.found(new FailureEntry(cacheKeyOf(this.path), status, null, null, errors), false, status < 500);
  }

  private onFile(fd: number, attempt: FileAttempt): void {
    this.guards = [...this.plan.guards, ...attempt.guards];
    const version = new FileStatus();
    version.copyFrom(this.status);
    this.lookAround(attempt, (neighbours) => {
      const youngMs = Date.now() - RACY_MS;
      const source: FileSource = {
        path: joinRoot(this.options.root, attempt.filePath),
        version,
        recheckByLoading: version.ctimeMs > youngMs || neighbours?.hasChangedSince(youngMs) === true,
        findings: attempt.isShared && !this.cache.isOff ? [] : [...this.findings.values()],
        neighbours,
      };
      const readable = !this.cache.isOff && version.size <= this.options.cachedFileOctetsMax;
      if (readable) this.readContent(fd, attempt, source);
      else this.finish(fd, attempt, source, null, versionEntityTag(version), !this.cache.isOff);
    });
  }

  /** Compressed neighbours count where a rule says nothing of the file's own content coding. */
  private lookAround({ filePath }: FileAttempt, done: (neighbours: Neighbours | null) => void): void {
    const { coder, mediaTypes, root } = this.options;
    const edited = headFieldsOf(this.editsFor(filePath));
    if (coder === undefined || edited.contentCoding !== undefined || isPackedName(filePath)) return done(null);
    coder.lookAround(joinRoot(root, filePath), edited.contentType ?? mediaTypeOf(filePath, mediaTypes), done);
  }

  private readContent(fd: number, attempt: FileAttempt, source: FileSource): void {
    this.readings++;
    readWhole(fd, source.version.size, (contentOrErrno) => {
      if (typeof contentOrErrno === "number") return close(fd, () => this.fail(statusOfErrno(-contentOrErrno)));
      statFd(fd, this.status);
      if (this.status.isSameVersion(source.version) && contentOrErrno.length === source.version.size) {
        return this.onContent(fd, attempt, source, contentOrErrno);
      }
      // It changed under the reading: what was read may be half of each version.
      source.version.copyFrom(this.status);
      source.recheckByLoading = true;
      if (this.readings < READINGS_MAX) this.readContent(fd, attempt, source);
      else this.finish(fd, attempt, source, null, versionEntityTag(source.version), false);
    });
  }

  private onContent(fd: number, attempt: FileAttempt, source: FileSource, content: Buffer): void {
    const asItIs = (): void => this.finish(fd, attempt, source, content, contentEntityTag(content), true);
    if (!this.isPacked(attempt, fd) || this.options.coder?.offers(Coding.Gzip) !== true) return asItIs();
    unpack(content, (unpacked) => {
      if (unpacked === null) return asItIs();
      close(fd, () => this.finishPacked(attempt, source, content, unpacked));
    });
  }

  /** Whether the content is gzip by the file's name, and no rule says otherwise. */
  private isPacked({ filePath }: FileAttempt, fd: number): boolean {
    if (!isPackedName(filePath) || headFieldsOf(this.editsFor(filePath)).contentCoding !== undefined) return false;
    return beginsAsGzip(fd);
  }

  /** Two representations of one image: unpacked, and as it lies there. */
  private finishPacked(attempt: FileAttempt, source: FileSource, packed: Buffer, unpacked: Buffer): void {
    const fields = { ...this.headFields(attempt, source, contentEntityTag(unpacked)), varies: true };
    const identity = new FileReplies({ ...fields, size: unpacked.length }, unpacked, null, CacheOutcome.Hit);
    const entityTag = neighbourContentTag(packed, Coding.Gzip);
    const coded = { ...fields, size: packed.length, entityTag, coding: Coding.Gzip };
    const variants = this.options.coder!.variantsOfPacked(
      identity,
      new FileReplies(coded, packed, null, CacheOutcome.Hit),
    );
    const octets = packed.length + unpacked.length;
    this.settle(new FileEntry(this.keyOf(attempt), source, identity, null, variants), attempt, octets, true);
  }

  private headFields(attempt: FileAttempt, source: FileSource, entityTag: string): FileHeadFields {
    return {
      serverField: this.options.serverField,
      contentType: mediaTypeOf(source.path, this.options.mediaTypes),
      size: source.version.size,
      entityTag,
      // A date in the future would be one that no client can use: it was modified now at the latest (RFC 9110 §8.8.2.1).
      lastModifiedMs: Math.min(source.version.mtimeMs, Date.now()),
      ...headFieldsOf(this.editsFor(attempt.filePath)),
    };
  }

  private finish(
    fd: number,
    attempt: FileAttempt,
    source: FileSource,
    read: Buffer | null,
    entityTag: string,
    cacheable: boolean,
  ): void {
    const keepInMemory = read !== null && isKeptInMemory(read.length);
    if (!keepInMemory && areFilesAtLimit()) return close(fd, () => this.fail(503));
    const content = keepInMemory ? read : null;
    const file = keepInMemory ? null : new ServedFile(fd, source.version);
    const packed = this.isPacked(attempt, fd) ? { contentCoding: CODING_NAME[Coding.Gzip]! } : {};
    const fields = { ...this.headFields(attempt, source, entityTag), ...packed };
    // Of a file too large for the cache only head and descriptor are kept: its content never is a cache hit.
    const outcome = read === null ? CacheOutcome.Miss : CacheOutcome.Hit;
    const varies = this.isNegotiable(source, fields, read !== null && cacheable);
    const replies = new FileReplies({ ...fields, varies }, content, file, outcome);
    const variants = varies ? this.variantsOf(attempt, source, replies, file, read !== null && cacheable) : null;
    const entry = new FileEntry(this.keyOf(attempt), source, replies, file, variants);
    // Nothing was written by way of it: there is nothing to wait for.
    if (keepInMemory) closeSync(fd);
    this.settle(entry, attempt, read?.length ?? null, cacheable);
  }

  private keyOf(attempt: FileAttempt): string {
    return this.isKeptForAll(attempt) ? this.sharedKeyOf(attempt) : cacheKeyOf(this.path);
  }

  private isKeptForAll({ isShared }: FileAttempt): boolean {
    return isShared && !this.cache.isOff;
  }

  /** `octets` of content that the entry is charged with; null where its content is not in the cache. */
  private settle(entry: FileEntry, attempt: FileAttempt, octets: number | null, cacheable: boolean): void {
    entry.cost = octets === null ? 1 : octets + ENTRY_OVERHEAD_OCTETS;
    if (this.isKeptForAll(attempt) && cacheable) this.foundShared(entry, attempt, octets !== null);
    else this.found(entry, octets !== null, cacheable);
  }

  /** Keeps the file's entry for all paths that lead to it, and finds one of its own for this path. */
  private foundShared(entry: FileEntry, attempt: FileAttempt, isContent: boolean): void {
    entry.checkedMs = performance.now();
    if (!this.cache.insert(entry, budgetOf(entry, isContent))) return this.found(entry, isContent, false);
    this.share(attempt, entry); // who made the entry hands it over to the cache
  }

  private isNegotiable({ version, neighbours }: FileSource, fields: FileHeadFields, isRead: boolean): boolean {
    const { coder } = this.options;
    if (coder === undefined || fields.contentCoding !== undefined) return false;
    return coder.isNegotiable(fields.contentType, version, isRead, neighbours);
  }

  private variantsOf(
    { filePath }: FileAttempt,
    { version, neighbours }: FileSource,
    replies: FileReplies,
    file: OpenFile | null,
    isRead: boolean,
  ): Variants {
    const { coder, followSymlinks, root } = this.options;
    return coder!.variantsOf({ root, filePath, followSymlinks, version, isRead, file }, neighbours, replies);
  }
}

/** Edits of what the head is made of take their place in it; the others are done to the whole. */
function headFieldsOf(edits: FieldEdits): Pick<FileHeadFields, "edits"> & Partial<FileHeadFields> {
  const last = (name: string) => edits.findLast((edit) => edit.name.toLowerCase() === name);
  const contentType = last("content-type")?.value;
  const coding = last("content-encoding");
  if (contentType == null && coding === undefined) return { edits };
  return {
    edits: edits.filter(({ name }) => !/^content-(type|encoding)$/i.test(name)),
    ...(contentType == null ? {} : { contentType }),
    // Left out: the file is what it is, and no other coding is offered, which nobody could tell then.
    ...(coding === undefined ? {} : { contentCoding: coding.value ?? "" }),
  };
}
