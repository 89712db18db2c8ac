/**
 * From an open, verified file to its entry: the slow path's last steps (file-loader.ts has those before).
 *
 *   1 media type   by the name; of one without an extension by its first octets (text-content.ts)
 *   2 look around  for precompressed files beside it, where the media type is worth it (coding/neighbours.ts)
 *   3 read         what may enter the cache, whole and consistent; of the rest only the descriptor is kept
 *   4 decompress   a file that is stored compressed (`.svgz`), for clients that don't accept gzip (coding/packed-file.ts)
 *   5 entry        validators and ready responses; the other codings it is available in (coding/coder.ts)
 *
 * In:    an `OpenedFile`; its descriptor is owned here from now on: closed, or passed to the entry.
 * Out:   later, a `MadeEntry`, or the status of the failure.
 * Keeps: every step that can wait for a disk runs off the event loop; `done` is called exactly once; nothing throws.
 */
import { close, closeSync } from "node:fs";
import { areFilesAtLimit, type OpenFile } from "../../cache/open-file.ts";
import { Budget, contentCost, ENTRY_OVERHEAD_OCTETS } from "../../cache/response-cache.ts";
import { Coding, CODING_NAME } from "../../http/content-coding.ts";
import { CacheOutcome } from "../../http/reply.ts";
import { FileStatus, statFd } from "../../sys/file-status.ts";
import { neighbourContentTag } from "../coding/coded-entity-tag.ts";
import { Reading } from "../coding/coder.ts";
import { beginsAs } from "../coding/coding-magic.ts";
import type { Neighbours } from "../coding/neighbours.ts";
import { isPackedName, unpack } from "../coding/packed-file.ts";
import type { Variants } from "../coding/variants.ts";
import { isKeptInMemory } from "./content-place.ts";
import { FileEntry, type FileSource } from "../entry/file-entry.ts";
import { type FileHeadFields, FileReplies } from "../represent/file-replies.ts";
import type { Finding } from "./finding.ts";
import type { ListingOptions } from "../listing/load-listing.ts";
import { hasExtension, mediaTypeOf, UNKNOWN_TYPE } from "../media-type.ts";
import { modificationDateOf } from "./modification-date.ts";
import { joinRoot } from "./open-below.ts";
import { readWhole } from "./read-whole.ts";
import type { FieldEdits } from "../rules/field-edit.ts";
import { ServedFile } from "./served-file.ts";
import { beginsAsText, TEXT_OCTETS, TEXT_TYPE } from "./text-content.ts";
import { statusOfErrno } from "./status-of-errno.ts";
import { contentEntityTag, versionEntityTag } from "./validators.ts";

/** Attempts to read a file that changes while it is read, before it is served uncached. */
const READINGS_MAX = 3;

/** A file this young can change again without its times showing it (the clock of a file system ticks every 4 ms). */
const RACY_MS = 100;

export interface FileEntryOptions extends ListingOptions {
  /** Octets: larger files are not read, only opened. */
  readonly cachedFileOctetsMax: number;
  /** Media types by extension, from the settings. */
  readonly mediaTypes?: Readonly<Record<string, string>>;
  /** Whether a file without an extension is text/plain if it begins as text. */
  readonly detectsText?: boolean;
}

/** A file that answers. */
export interface OpenedFile {
  readonly fd: number;
  /** The cache key of its entry. */
  readonly key: string;
  /** Below the document root. */
  readonly filePath: string;
  readonly version: FileStatus;
  /** What was found on the way to it, as far as the entry depends on that. */
  readonly findings: readonly Finding[];
  /** What rules do to the fields of its responses. */
  readonly edits: FieldEdits;
}

export interface MadeEntry {
  readonly entry: FileEntry;
  /** The budget it is charged to; null where it may not be kept for the next request. */
  readonly budget: Budget.Content | Budget.Files | null;
}

export type MakeDone = (madeOrStatus: MadeEntry | number) => void;

/** `isCacheOff`: nothing is kept, so nothing is read. */
export function makeFileEntry(options: FileEntryOptions, file: OpenedFile, isCacheOff: boolean, done: MakeDone): void {
  new Making(options, file, isCacheOff, done).start();
}

class Making {
  private readonly edited: EditedFields;
  private contentType: string;
  private readings = 0;

  constructor(
    private readonly options: FileEntryOptions,
    private readonly file: OpenedFile,
    private readonly isCacheOff: boolean,
    private readonly done: MakeDone,
  ) {
    this.edited = headFieldsOf(file.edits);
    this.contentType = this.edited.contentType ?? mediaTypeOf(file.filePath, options.mediaTypes);
  }

  start(): void {
    this.determineType(() => this.load());
  }

  private determineType(done: () => void): void {
    const { fd, filePath, version } = this.file;
    const isKnown =
      this.edited.contentType !== undefined || this.contentType !== UNKNOWN_TYPE || hasExtension(filePath);
    if (isKnown || this.options.detectsText !== true) return done();
    readWhole(fd, Math.min(version.size, TEXT_OCTETS), (startOrErrno) => {
      const isText = typeof startOrErrno !== "number" && beginsAsText(startOrErrno, version.size <= TEXT_OCTETS);
      if (isText) this.contentType = TEXT_TYPE;
      done();
    });
  }

  private load(): void {
    const { filePath, findings, version } = this.file;
    this.lookAround((neighbours) => {
      const youngMs = Date.now() - RACY_MS;
      const source: FileSource = {
        path: joinRoot(this.options.root, filePath),
        version,
        recheckByLoading: version.ctimeMs > youngMs || neighbours?.hasChangedSince(youngMs) === true,
        findings,
        neighbours,
      };
      const readable = !this.isCacheOff && version.size <= this.options.cachedFileOctetsMax;
      if (readable) this.readContent(source);
      else this.finish(source, null, versionEntityTag(version), !this.isCacheOff);
    });
  }

  /** Precompressed files are used unless a rule sets the file's own content coding. */
  private lookAround(done: (neighbours: Neighbours | null) => void): void {
    const { coder, root } = this.options;
    const { filePath } = this.file;
    if (coder === undefined || this.edited.contentCoding !== undefined || isPackedName(filePath)) return done(null);
    coder.lookAround(joinRoot(root, filePath), this.contentType, done);
  }

  private readContent(source: FileSource): void {
    const { fd } = this.file;
    this.readings++;
    readWhole(fd, source.version.size, (contentOrErrno) => {
      if (typeof contentOrErrno === "number") return this.fail(statusOfErrno(-contentOrErrno));
      const status = new FileStatus();
      statFd(fd, status);
      if (status.isSameVersion(source.version) && contentOrErrno.length === source.version.size) {
        return this.onContent(source, contentOrErrno);
      }
      // It changed while it was read: the octets may mix both versions.
      source.version.copyFrom(status);
      source.recheckByLoading = true;
      if (this.readings < READINGS_MAX) this.readContent(source);
      else this.finish(source, null, versionEntityTag(source.version), false);
    });
  }

  private onContent(source: FileSource, content: Buffer): void {
    const asItIs = (): void => this.finish(source, content, contentEntityTag(content), true);
    if (!this.isPacked() || this.options.coder?.offers(Coding.Gzip) !== true) return asItIs();
    unpack(content, (unpacked) => {
      if (unpacked === null) return asItIs();
      close(this.file.fd, () => this.finishPacked(source, content, unpacked));
    });
  }

  /** Whether the content is gzip by the file's name, and no rule says otherwise. */
  private isPacked(): boolean {
    const { fd, filePath } = this.file;
    return isPackedName(filePath) && this.edited.contentCoding === undefined && beginsAs(fd, Coding.Gzip);
  }

  /** Two representations of one image: unpacked, and as it lies there. */
  private finishPacked(source: FileSource, packed: Buffer, unpacked: Buffer): void {
    const fields = { ...this.headFields(source, contentEntityTag(unpacked)), varies: true };
    const identity = new FileReplies({ ...fields, size: unpacked.length }, unpacked, null, CacheOutcome.Hit);
    const entityTag = neighbourContentTag(packed, Coding.Gzip);
    const coded = { ...fields, size: packed.length, entityTag, coding: Coding.Gzip };
    const variants = this.options.coder!.variantsOfPacked(
      identity,
      new FileReplies(coded, packed, null, CacheOutcome.Hit),
    );
    const entry = new FileEntry(this.file.key, source, identity, null, variants);
    this.hand(entry, contentCost(packed.length) + contentCost(unpacked.length), Budget.Content);
  }

  /** `read`: the content, where it is one that the cache may have. `cacheable`: the entry may be kept. */
  private finish(source: FileSource, read: Buffer | null, entityTag: string, cacheable: boolean): void {
    const { fd, key } = this.file;
    const keepInMemory = read !== null && isKeptInMemory(read.length);
    if (!keepInMemory && areFilesAtLimit()) return this.fail(503);
    const content = keepInMemory ? read : null;
    const file = keepInMemory ? null : new ServedFile(fd, source.version);
    const packed = this.isPacked() ? { contentCoding: CODING_NAME[Coding.Gzip]! } : {};
    const fields = { ...this.headFields(source, entityTag), ...packed };
    // Of a file too large for the cache only head and descriptor are kept: its content is never a cache hit.
    const outcome = read === null ? CacheOutcome.Miss : CacheOutcome.Hit;
    const reading = read !== null ? Reading.Read : cacheable ? Reading.Unread : Reading.Unstable;
    const varies = this.isNegotiable(source, fields, reading);
    const replies = new FileReplies({ ...fields, varies }, content, file, outcome);
    const variants = varies ? this.variantsOf(source, replies, file, reading) : null;
    const entry = new FileEntry(key, source, replies, file, variants);
    // Nothing was written through it: there is nothing to wait for.
    if (keepInMemory) closeSync(fd);
    const budget = read === null ? Budget.Files : Budget.Content;
    this.hand(entry, read === null ? null : contentCost(read.length), cacheable ? budget : null);
  }

  /** `cost`: of the content, for which the entry is charged; null where that is not in the cache. */
  private hand(entry: FileEntry, cost: number | null, budget: MadeEntry["budget"]): void {
    entry.cost = cost === null ? 1 : cost + ENTRY_OVERHEAD_OCTETS;
    this.done({ entry, budget });
  }

  private fail(status: number): void {
    close(this.file.fd, () => this.done(status));
  }

  private headFields(source: FileSource, entityTag: string): FileHeadFields {
    return {
      serverField: this.options.serverField,
      cacheField: this.options.cacheField ?? "x-cache",
      contentType: this.contentType,
      size: source.version.size,
      entityTag,
      lastModifiedMs: modificationDateOf(source.version.mtimeMs, Date.now()),
      ...this.edited,
    };
  }

  private isNegotiable({ version, neighbours }: FileSource, fields: FileHeadFields, reading: Reading): boolean {
    const { coder } = this.options;
    if (coder === undefined || fields.contentCoding !== undefined) return false;
    return coder.isNegotiable(fields.contentType, version, reading, neighbours);
  }

  private variantsOf(
    { version, neighbours }: FileSource,
    replies: FileReplies,
    file: OpenFile | null,
    reading: Reading,
  ): Variants {
    const { coder, followSymlinks, root } = this.options;
    const { filePath } = this.file;
    return coder!.variantsOf({ root, filePath, followSymlinks, version, reading, file }, neighbours, replies);
  }
}

/** What rules make of a head. */
type EditedFields = Pick<FileHeadFields, "edits"> & Partial<FileHeadFields>;

/** Edits of fields that the head is made from are applied there; the others to the finished head. */
function headFieldsOf(edits: FieldEdits): EditedFields {
  const last = (name: string) => edits.findLast((edit) => edit.name.toLowerCase() === name);
  const contentType = last("content-type")?.value;
  const coding = last("content-encoding");
  if (contentType == null && coding === undefined) return { edits };
  return {
    edits: edits.filter(({ name }) => !/^content-(type|encoding)$/i.test(name)),
    ...(contentType == null ? {} : { contentType }),
    // Content-Encoding was removed by a rule: no other coding is offered, as clients couldn't recognise it.
    ...(coding === undefined ? {} : { contentCoding: coding.value ?? "" }),
  };
}
