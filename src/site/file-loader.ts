/**
 * The slow path of a file: from a path below the document root to an entry (entry.ts), by asking the file system.
 *
 *   1 candidates   the file itself, or the index files of a directory; without any, its listing (listing/load-listing.ts)
 *   2 open         each in turn, verified (open-below.ts)
 *   3 read         what may enter the cache, whole and consistent; of the rest only the descriptor is kept
 *   4 entry        validators and ready responses
 *
 * Keeps: every step that can wait for a disk runs off the event loop; `done` is called exactly once; nothing throws.
 */
import { close, read } from "node:fs";
import { areFilesAtLimit, countOpenFiles, keptFilesMax, OpenFile } from "../cache/open-file.ts";
import { ENTRY_OVERHEAD_OCTETS, type ResponseCache } from "../cache/response-cache.ts";
import { Errno, errnoOfException } from "../sys/errno.ts";
import { FileKind, FileStatus, statFd } from "../sys/file-status.ts";
import { canTransmit } from "../sys/transmit.ts";
import { budgetOf, type Entry, FailureEntry, FileEntry, type FileSource, RedirectEntry } from "./entry.ts";
import { FileReplies, type FileHeadFields } from "./file-replies.ts";
import { CacheOutcome } from "../http/reply.ts";
import { contentEntityTag, versionEntityTag } from "./validators.ts";
import { type ListingOptions, loadListing } from "./listing/load-listing.ts";
import { mediaTypeOf } from "./media-type.ts";
import { joinRoot, openBelow } from "./open-below.ts";
import type { RequestPath } from "./request-path.ts";

/**
 * Up to this size a response is kept whole in memory and sent with one write; above it sendfile(2) is cheaper than
 * copying (ARCHITECTURE.md, "Where the time goes", has the measurement).
 */
export const MEMORY_CONTENT_OCTETS_MAX = 24 * 1024;

/** Readings of a file that changes while it is read, before it is served uncached. */
const READ_ATTEMPTS_MAX = 3;

/** A file this young can change again without its times showing it (the clock of a file system ticks every 4 ms). */
const RACY_MS = 100;

export interface FileLoaderOptions extends ListingOptions {
  readonly index: readonly string[];
  /** Whether a directory without an index file is listed. */
  readonly directoryListing: boolean;
  /** Octets: larger files are not read, only opened. */
  readonly cachedFileOctetsMax: number;
}

export type LoadDone = (entry: Entry) => void;

export class FileLoader {
  constructor(
    private readonly options: FileLoaderOptions,
    private readonly cache: ResponseCache<Entry>,
  ) {}

  /**
   * Finds out what `path` means. The entry has been taken into the cache if it may be. It is `done`'s in any case, to
   * be released once its replies are under way: by then the cache may have dropped it.
   */
  load(path: RequestPath, done: LoadDone): void {
    const checkedMs = performance.now();
    new Loading(this.options, this.cache, path, (entry, isContent, cacheable) => {
      entry.checkedMs = checkedMs;
      if (cacheable && this.cache.insert(entry, budgetOf(entry, isContent))) entry.retain(); // until it is dropped
      done(entry);
    }).tryCandidate(0);
  }
}

type Found = (entry: Entry, isContent: boolean, cacheable: boolean) => void;

/** One look at the file system. */
class Loading {
  private readonly candidates: readonly string[];
  private readonly status = new FileStatus();
  private attempts = 0;

  constructor(
    private readonly options: FileLoaderOptions,
    private readonly cache: ResponseCache<Entry>,
    private readonly path: RequestPath,
    private readonly found: Found,
  ) {
    const folder = path.filePath === "/" ? "" : path.filePath;
    this.candidates = path.isDirectory ? options.index.map((name) => `${folder}/${name}`) : [path.filePath];
  }

  tryCandidate(index: number): void {
    const candidate = this.candidates[index];
    if (candidate === undefined) return this.onNothing();
    openBelow(this.options.root, candidate, this.options.followSymlinks, this.status, (fd) => {
      if (fd < 0) return this.onOpenFailure(-fd, index);
      if (this.status.kind === FileKind.File) return this.onFile(fd, candidate, index);
      close(fd, () => this.onOther(candidate, index));
    });
  }

  private onNothing(): void {
    if (!this.options.directoryListing || !this.path.isDirectory) return this.fail(404);
    loadListing(this.path, this.options, (entryOrFailure) => {
      if (typeof entryOrFailure === "number") this.fail(statusOfErrno(-entryOrFailure));
      else this.found(entryOrFailure, true, true);
    });
  }

  private onOpenFailure(errno: number, index: number): void {
    const status = statusOfErrno(errno);
    if (status === 404) this.tryCandidate(index + 1);
    else this.fail(status);
  }

  private onOther(candidate: string, index: number): void {
    if (this.status.kind !== FileKind.Directory || this.path.isDirectory) return this.tryCandidate(index + 1);
    this.found(new RedirectEntry(this.path.key, joinRoot(this.options.root, candidate)), false, true);
  }

  private fail(status: number): void {
    // One candidate: its appearance is all that could change the answer. Several: ask for each again.
    const isTold = this.candidates.length === 1 && !(this.path.isDirectory && this.options.directoryListing);
    const absent = isTold ? joinRoot(this.options.root, this.candidates[0]!) : null;
    this.found(new FailureEntry(this.path.key, status, absent), false, status < 500);
  }

  private onFile(fd: number, candidate: string, index: number): void {
    const version = new FileStatus();
    version.copyFrom(this.status);
    const source: FileSource = {
      path: joinRoot(this.options.root, candidate),
      version,
      recheckByLoading: index > 0 || Date.now() - version.ctimeMs < RACY_MS,
    };
    const readable = !this.cache.isOff && version.size <= this.options.cachedFileOctetsMax;
    if (readable) this.readContent(fd, source);
    else this.finish(fd, source, null, versionEntityTag(version), !this.cache.isOff);
  }

  private readContent(fd: number, source: FileSource): void {
    this.attempts++;
    readWhole(fd, source.version.size, (contentOrErrno) => {
      if (typeof contentOrErrno === "number") return close(fd, () => this.fail(statusOfErrno(-contentOrErrno)));
      statFd(fd, this.status);
      if (this.status.isSameVersion(source.version) && contentOrErrno.length === source.version.size) {
        return this.finish(fd, source, contentOrErrno, contentEntityTag(contentOrErrno), true);
      }
      // It changed under the reading: what was read may be half of each version.
      source.version.copyFrom(this.status);
      if (this.attempts < READ_ATTEMPTS_MAX) this.readContent(fd, source);
      else this.finish(fd, source, null, versionEntityTag(source.version), false);
    });
  }

  private finish(fd: number, source: FileSource, read: Buffer | null, entityTag: string, cacheable: boolean): void {
    const keepInMemory =
      read !== null &&
      (read.length <= MEMORY_CONTENT_OCTETS_MAX || !canTransmit || countOpenFiles() >= keptFilesMax());
    if (!keepInMemory && areFilesAtLimit()) return close(fd, () => this.fail(503));
    const content = keepInMemory ? read : null;
    const file = keepInMemory ? null : new OpenFile(fd);
    const fields: FileHeadFields = {
      serverField: this.options.serverField,
      contentType: mediaTypeOf(source.path),
      size: source.version.size,
      entityTag,
      // A date in the future would be one that no client can use: it was modified now at the latest (RFC 9110 §8.8.2.1).
      lastModifiedMs: Math.min(source.version.mtimeMs, Date.now()),
    };
    // Of a file too large for the cache only head and descriptor are kept: its content never is a cache hit.
    const outcome = read === null ? CacheOutcome.Miss : CacheOutcome.Hit;
    const entry = new FileEntry(this.path.key, source, new FileReplies(fields, content, file, outcome), file);
    entry.cost = read === null ? 1 : read.length + ENTRY_OVERHEAD_OCTETS;
    const found = () => this.found(entry, read !== null, cacheable);
    if (keepInMemory) close(fd, found);
    else found();
  }
}

/** Reads `octets` from the start of the file; fewer where it ends before; `-errno` on failure. */
function readWhole(fd: number, octets: number, done: (contentOrErrno: Buffer | number) => void): void {
  const content = Buffer.allocUnsafeSlow(octets);
  const readFrom = (offset: number): void => {
    if (offset === octets) return done(content);
    read(fd, content, offset, octets - offset, offset, (error, count) => {
      if (error !== null) return done(errnoOfException(error));
      if (count === 0) return done(content.subarray(0, offset));
      readFrom(offset + count);
    });
  };
  readFrom(0);
}

/** The status that tells a client why a file can't be had, without telling how (RFC 9110 §15.5, §15.6). */
function statusOfErrno(errno: number): number {
  switch (errno) {
    case Errno.ENOENT:
    case Errno.ENOTDIR:
    case Errno.ENAMETOOLONG:
    case Errno.ELOOP:
    case Errno.EINVAL:
    case Errno.ENXIO:
    case Errno.ENODEV:
      return 404;
    case Errno.EACCES:
    case Errno.EPERM:
      return 403;
    case Errno.EMFILE:
    case Errno.ENFILE:
    case Errno.ENOMEM:
      return 503;
    default:
      return 500;
  }
}
