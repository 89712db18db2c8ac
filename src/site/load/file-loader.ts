/**
 * The slow path of a file: from a path below the document root to an entry (entry/entry.ts), by asking the file system.
 *
 *   1 plan         what the settings make of the path (plan.ts): attempts at files, folders and listings, in order
 *   2 open         each in turn, verified (open-below.ts)
 *   3 make         an entry of the first that answers (make-file-entry.ts), or of what the settings say where none does
 *
 * Keeps: every step that can wait for a disk runs off the event loop; `done` is called exactly once; nothing throws.
 */
import { close } from "node:fs";
import { Budget, type ResponseCache } from "../../cache/response-cache.ts";
import { Errno } from "../../sys/errno.ts";
import { FileKind, FileStatus } from "../../sys/file-status.ts";
import type { Entry } from "../entry/entry.ts";
import { EntryKind } from "../entry/entry-kind.ts";
import { FailureEntry } from "../entry/failure-entry.ts";
import type { FileEntry } from "../entry/file-entry.ts";
import type { PlainEntry } from "../entry/plain-entry.ts";
import { RedirectEntry } from "../entry/redirect-entry.ts";
import type { ErrorReplies } from "../represent/error-replies.ts";
import { Finding, Found } from "./finding.ts";
import { freshEntry } from "../fresh-entry.ts";
import { GuardedEntry } from "../entry/guarded-entry.ts";
import { loadListing } from "../listing/load-listing.ts";
import { type FileEntryOptions, type MadeEntry, makeFileEntry, type OpenedFile } from "./make-file-entry.ts";
import { joinRoot, openBelow } from "./open-below.ts";
import { editsFor, redirectEditsFor } from "../path-edits.ts";
import {
  type Attempt,
  type FileAttempt,
  type ListingAttempt,
  type FileSearch,
  neededNavigation,
  type Plan,
  type PlanOptions,
  type Redirection,
  type Refusal,
} from "../plan.ts";
import { cacheKeyOf, cacheKeyOfFile, type RequestPath } from "../request-path.ts";
import { type FieldEdits, keyOfEdits } from "../rules/field-edit.ts";
import type { AuthRule } from "../rules/guard.ts";
import { notFoundPageFor } from "../rules/not-found-page.ts";
import { statusOfErrno } from "./status-of-errno.ts";

export interface FileLoaderOptions extends FileEntryOptions, PlanOptions {
  /** Milliseconds for which an entry is valid without asking the file system. */
  readonly revalidateMs: number;
}

export type LoadDone = (entry: Entry) => void;

export class FileLoader {
  constructor(
    private readonly options: FileLoaderOptions,
    private readonly cache: ResponseCache<Entry>,
    private readonly errors: ErrorReplies,
  ) {}

  /**
   * Finds out what `path` means; `plan` is what the settings make of it. The entry has been taken into the cache if it
   * may be. It is `done`'s in any case, to be released once its replies are under way: by then the cache may have
   * dropped it.
   */
  load(path: RequestPath, plan: Plan, done: LoadDone): void {
    const checkedMs = performance.now();
    const loading = new Loading(this.options, this.cache, this.errors, path, plan, (found, budget) => {
      const entry = loading.withGuards(found);
      entry.checkedMs = checkedMs;
      if (budget !== null && this.cache.insert(entry, budget)) entry.retain(); // until it is dropped
      done(entry);
    });
    loading.start();
  }
}

/** `budget`: what the cache keeps the entry under; null where it may not be kept. */
type FoundEntry = (entry: PlainEntry, budget: Budget | null) => void;

/** One load from the file system. */
class Loading {
  private readonly status = new FileStatus();
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
    if (plan.kind === "search" && plan.attempts.length > 0) return this.tryAttempt(plan, 0);
    // There is nothing to wait for, but the callback must not run before the caller has returned.
    queueMicrotask(() => this.answer(plan.kind === "search" ? plan.otherwise : plan));
  }

  /** The entry, wrapped in its guards if it has any. */
  withGuards(entry: PlainEntry): Entry {
    if (this.guards.length === 0) return entry;
    return new GuardedEntry(entry, this.guards, this.errors.with(this.editsFor(null)));
  }

  private tryAttempt(plan: FileSearch, index: number): void {
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

  /** The entry of a file that many paths lead to, if it is known and still valid. */
  private sharedEntry(attempt: FileAttempt): FileEntry | null {
    const { revalidateMs } = this.options;
    const entry = freshEntry(this.cache, this.sharedKeyOf(attempt), performance.now(), revalidateMs);
    return entry?.kind === EntryKind.File ? entry : null;
  }

  /** A cache key that no request path can equal. Other fields set by rules make other replies. */
  private sharedKeyOf(attempt: FileAttempt): string {
    return `#${attempt.filePath}${keyOfEdits(this.editsFor(attempt.filePath))}`;
  }

  /** The cache key of the file that answers. */
  private keyOf(filePath: string): string {
    const { path } = this;
    return neededNavigation(this.options.rules, path, filePath) ? cacheKeyOf(path) : cacheKeyOfFile(path);
  }

  private share(attempt: FileAttempt, shared: FileEntry): void {
    this.guards = [...this.plan.guards, ...attempt.guards];
    this.found(shared.sharedAs(this.keyOf(attempt.filePath), [...this.findings.values()]), Budget.Absent);
  }

  private onOpenFailure(attempt: Attempt, errno: number, next: () => void): void {
    const status = statusOfErrno(errno);
    if (status !== 404) return this.fail(status);
    // A link that leads out of the root, for example, exists all the same.
    const isNothing = errno === Errno.ENOENT || errno === Errno.ENOTDIR || errno === Errno.ENAMETOOLONG;
    this.note(attempt.filePath, isNothing ? Found.Nothing : Found.Other);
    next();
  }

  /** The open file is not one that answers. */
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
      if (typeof entryOrFailure !== "number") return this.found(entryOrFailure, Budget.Content);
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
    const findings = [...this.findings.values()];
    const key = cacheKeyOf(this.path);
    this.found(
      outcome.kind === "redirect"
        ? new RedirectEntry(key, outcome.status, outcome.location, findings, this.redirects())
        : new FailureEntry(key, outcome.status, this.pageOf(outcome), findings, this.errors.with(this.editsFor(null))),
      Budget.Absent,
    );
  }

  private redirects(): ErrorReplies {
    return this.errors.withAll(redirectEditsFor(this.options.rules, this.path, this.guards.length > 0));
  }

  /** For clients that have passed a guard, the site's 404 page may be behind it. */
  private pageOf({ status, page, guards }: Refusal): string | null {
    const { rules } = this.options;
    if (page !== null || status !== 404 || guards.length === 0 || rules.errorPages.has(404)) return page;
    return notFoundPageFor(rules, guards);
  }

  /** The file system failed or refused: only another attempt shows whether that has changed. */
  private fail(status: number): void {
    const errors = this.errors.with(this.editsFor(null));
    const entry = new FailureEntry(cacheKeyOf(this.path), status, null, null, errors);
    this.found(entry, status < 500 ? Budget.Absent : null);
  }

  private onFile(fd: number, attempt: FileAttempt): void {
    this.guards = [...this.plan.guards, ...attempt.guards];
    const version = new FileStatus();
    version.copyFrom(this.status);
    const { filePath } = attempt;
    const file: OpenedFile = {
      fd,
      key: this.isKeptForAll(attempt) ? this.sharedKeyOf(attempt) : this.keyOf(filePath),
      filePath,
      version,
      findings: this.isKeptForAll(attempt) ? [] : [...this.findings.values()],
      edits: this.editsFor(filePath),
    };
    makeFileEntry(this.options, file, this.cache.isOff, (made) => {
      if (typeof made === "number") this.fail(made);
      else this.settle(made, attempt);
    });
  }

  private isKeptForAll({ isShared }: FileAttempt): boolean {
    return isShared && !this.cache.isOff;
  }

  private settle({ entry, budget }: MadeEntry, attempt: FileAttempt): void {
    if (this.isKeptForAll(attempt) && budget !== null) this.foundShared(entry, attempt, budget);
    else this.found(entry, budget);
  }

  /** Keeps the file's entry for all paths that lead to it, and finds one of its own for this path. */
  private foundShared(entry: FileEntry, attempt: FileAttempt, budget: Budget): void {
    entry.checkedMs = performance.now();
    if (!this.cache.insert(entry, budget)) return this.found(entry, null);
    this.share(attempt, entry); // the use held here passes to the cache
  }
}
