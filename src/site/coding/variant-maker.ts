/**
 * Making a variant: opening the precompressed file, or compressing the file.
 *
 *   neighbour    opened and verified like any file (open-below.ts); kept if the cache has room for it, else only opened. One that
 *                is no use gives way to what is compressed here
 *   compressed   read where it isn't in memory, compressed (compression-queue.ts), dropped if that gains nothing
 *
 * Out:   `done(true)`: the variant is there, or has been ruled out; ask `Variants.select` again. `done(false)`: not now;
 *        identity is what can be sent at once.
 * Keeps: everything that waits or computes runs off the event loop; `done` is called exactly once, and never by the
 *        call that asks for it; nothing throws. A variant belongs to the cache if that takes it; one that it doesn't take
 *        lasts until its file's entry is released.
 */
import { close } from "node:fs";
import { areFilesAtLimit } from "../../cache/open-file.ts";
import { Budget, type CacheMember, contentCost, ENTRY_OVERHEAD_OCTETS } from "../../cache/response-cache.ts";
import type { Coding } from "../../http/content-coding.ts";
import { CacheOutcome } from "../../http/reply.ts";
import { Errno } from "../../sys/errno.ts";
import { FileStatus, statFd } from "../../sys/file-status.ts";
import { isKeptInMemory } from "../load/content-place.ts";
import { FileReplies } from "../represent/file-replies.ts";
import { openBelow } from "../load/open-below.ts";
import { readWhole } from "../load/read-whole.ts";
import { ServedFile } from "../load/served-file.ts";
import { contentEntityTag, versionEntityTag } from "../load/validators.ts";
import { codedEntityTag, hashedEntityTag, neighbourContentTag, neighbourEntityTag } from "./coded-entity-tag.ts";
import { beginsAs } from "./coding-magic.ts";
import { type CodingCounts, Compressed } from "./coding-counts.ts";
import { CompressionQueue } from "./compression-queue.ts";
import { NeighbourFault } from "./neighbour-fault.ts";
import type { NeighbourNotes } from "./neighbour-notes.ts";
import { CODING_SUFFIX } from "./neighbours.ts";
import { Variant } from "./variant.ts";
import type { Variants } from "./variants.ts";

/** A variant must be at least this much smaller than the file: the client has to decompress it. */
const SAVING_MIN = 0.05;

export interface VariantCache {
  readonly isOff: boolean;
  readonly variantOctetsMax: number;
  hasRoomForVariant(cost: number): boolean;
  insertPart(part: CacheMember, budget: Budget): boolean;
}

export interface VariantMakerOptions {
  /** Octets: larger neighbours are not read, only opened. */
  readonly cachedFileOctetsMax: number;
  /** The level of the first variant, by `Coding`. */
  readonly levels: readonly number[];
}

export type MakeDone = (isSettled: boolean) => void;

export class VariantMaker {
  private readonly queue = new CompressionQueue();

  constructor(
    private readonly options: VariantMakerOptions,
    private readonly cache: VariantCache,
    private readonly counts: CodingCounts,
    private readonly notes: NeighbourNotes,
  ) {}

  /** Resolves when everything that was begun has been compressed; null if nothing was. */
  whenIdle(): Promise<void> | null {
    return this.queue.whenIdle();
  }

  /** Whether it can be made without a long wait. */
  canMake(variants: Variants, coding: Coding): boolean {
    return variants.hasNeighbour(coding) || this.queue.hasRoomFor(variants.identity.size);
  }

  make(variants: Variants, coding: Coding, done: MakeDone): void {
    if (variants.hasNeighbour(coding)) this.openNeighbour(variants, coding, done);
    else this.compress(variants, coding, done);
  }

  /** Begins to compress generated content. False when it can't begin; else `done` is called later. */
  compressPage(coding: Coding, content: Buffer, done: (coded: Buffer | null) => void): boolean {
    if (!this.queue.reserve(content.length)) return false;
    this.enqueue(coding, content, (coded) =>
      done(coded !== null && isWorthwhile(coded.length, content.length) ? coded : null),
    );
    return true;
  }

  /** A variant was made in the background. */
  countMade(cpuMs: number, isMade: boolean): void {
    this.counts.compressed(cpuMs, isMade ? Compressed.Made : Compressed.Nothing);
  }

  /** A variant was made anew, and better. */
  countUpgrade(cpuMs: number, isBetter: boolean): void {
    this.counts.compressed(cpuMs, isBetter ? Compressed.Upgraded : Compressed.Nothing);
  }

  /** Takes octets that were made of the file as a variant; false when the cache has no room for it. */
  keepCoded(
    variants: Variants,
    coding: Coding,
    coded: Buffer,
    former: Variant | null,
    canImprove = former === null,
  ): boolean {
    const { fields } = variants.identity;
    const entityTag = codedEntityTag(fields.entityTag, coding, coded);
    const replies = new FileReplies(
      { ...fields, size: coded.length, entityTag, coding },
      coded,
      null,
      CacheOutcome.Hit,
    );
    const variant = new Variant(variants, coding, replies, null, canImprove);
    variant.hits = former?.hits ?? 0;
    variant.cost = contentCost(coded.length) + ENTRY_OVERHEAD_OCTETS;
    variants.accept(variant);
    if (variants.isReleased || this.cache.insertPart(variant, Budget.Variants)) return true;
    variant.release();
    return false;
  }

  /** Takes a file with octets that were made of the file as a variant, which becomes one of its users; false where there is no room. */
  keepCodedFile(variants: Variants, coding: Coding, file: ServedFile, size: number, hash: bigint): boolean {
    const { fields } = variants.identity;
    const entityTag = hashedEntityTag(fields.entityTag, coding, hash);
    const replies = new FileReplies({ ...fields, size, entityTag, coding }, null, file, CacheOutcome.Hit);
    const variant = new Variant(variants, coding, replies, file, false);
    variant.cost = size + ENTRY_OVERHEAD_OCTETS;
    if (!this.cache.insertPart(variant, Budget.Variants)) return false;
    file.retain();
    variants.accept(variant);
    return true;
  }

  private compress(variants: Variants, coding: Coding, done: MakeDone): void {
    const { size } = variants.identity;
    if (!this.queue.reserve(size)) return queueMicrotask(() => done(false));
    readContent(variants, (content) => {
      if (content === null) {
        this.queue.giveUp(size);
        variants.ruleOutCompression();
        return done(true);
      }
      this.enqueue(coding, content, (coded) => {
        if (coded === null) variants.ruleOut(coding);
        else if (!isWorthwhile(coded.length, size)) variants.ruleOutCompression();
        else if (!this.keepCoded(variants, coding, coded, null)) variants.ruleOut(coding);
        done(true);
      });
    });
  }

  /** Compresses octets for which room was reserved. */
  private enqueue(coding: Coding, content: Buffer, done: (coded: Buffer | null) => void): void {
    this.queue.add(coding, this.options.levels[coding]!, content, (coded, milliseconds) => {
      this.countMade(milliseconds, coded !== null);
      done(coded);
    });
  }

  private openNeighbour(variants: Variants, coding: Coding, done: MakeDone): void {
    const { root, filePath, followSymlinks, neighbours } = variants.source!;
    const status = new FileStatus();
    const giveUp = (fd: number): void => {
      variants.ruleOut(coding);
      close(fd, () => done(true));
    };
    const reject = (fault: NeighbourFault): void => {
      this.notes.note(neighbours!.reject(coding, fault), fault);
      variants.loseNeighbour(coding);
    };
    openBelow(root, filePath + CODING_SUFFIX[coding], followSymlinks, status, (fd) => {
      if (fd < 0 && isShortage(-fd)) return done(false);
      if (fd < 0) {
        reject(NeighbourFault.Unreadable);
        return done(true);
      }
      // Another version than the one that was found beside the file: the entry is about to be loaded again.
      if (!status.isSameVersion(neighbours!.versionOf(coding))) return giveUp(fd);
      if (!beginsAs(fd, coding)) {
        reject(NeighbourFault.NotOfCoding);
        return close(fd, () => done(true));
      }
      if (this.cache.isOff || status.size > this.options.cachedFileOctetsMax) {
        const tag = neighbourEntityTag(versionEntityTag(status), coding);
        return this.keepNeighbour(variants, coding, fd, status, null, tag, done);
      }
      readWhole(fd, status.size, (contentOrErrno) => {
        if (typeof contentOrErrno === "number" || !isStill(fd, status, contentOrErrno)) return giveUp(fd);
        const tag = neighbourContentTag(contentOrErrno, coding);
        this.keepNeighbour(variants, coding, fd, status, contentOrErrno, tag, done);
      });
    });
  }

  private keepNeighbour(
    variants: Variants,
    coding: Coding,
    fd: number,
    status: FileStatus,
    read: Buffer | null,
    entityTag: string,
    done: MakeDone,
  ): void {
    const { size } = status;
    const cost = contentCost(size) + ENTRY_OVERHEAD_OCTETS;
    const isCached = read !== null && this.cache.hasRoomForVariant(cost);
    const keepInMemory = isCached && isKeptInMemory(size);
    if (!keepInMemory && areFilesAtLimit()) return close(fd, () => done(false));
    const file = keepInMemory ? null : new ServedFile(fd, status);
    const fields = { ...variants.identity.fields, size, entityTag, coding };
    const outcome = isCached ? CacheOutcome.Hit : CacheOutcome.Miss;
    const replies = new FileReplies(fields, keepInMemory ? read : null, file, outcome);
    const variant = new Variant(variants, coding, replies, file, false);
    variant.cost = isCached ? cost : 1;
    variants.accept(variant);
    this.cache.insertPart(variant, isCached ? Budget.Variants : Budget.Files);
    if (keepInMemory) close(fd, () => done(true));
    else done(true);
  }
}

/** The octets of the file that `variants` are of, or null when they can't be had any more. */
export function readContent(variants: Variants, done: (content: Buffer | null) => void): void {
  const { content, size, fields } = variants.identity;
  if (content !== null) return done(content);
  const { file } = variants;
  if (file === null) return queueMicrotask(() => done(null));
  file.retain();
  readWhole(file.fd, size, (contentOrErrno) => {
    file.release();
    // The tag tells whether these are the octets that were once read: the file may have changed in place.
    const isTheSame = typeof contentOrErrno !== "number" && contentEntityTag(contentOrErrno) === fields.entityTag;
    done(isTheSame ? contentOrErrno : null);
  });
}

function isWorthwhile(codedOctets: number, octets: number): boolean {
  return codedOctets <= codedOctetsMax(octets);
}

/** Octets that a variant of a file with so many may have, to be worth decompressing. */
export function codedOctetsMax(octets: number): number {
  return Math.floor(octets * (1 - SAVING_MIN));
}

function isStill(fd: number, status: FileStatus, content: Buffer): boolean {
  const now = new FileStatus();
  return statFd(fd, now) === 0 && now.isSameVersion(status) && content.length === status.size;
}

/** Failures on the server's side that may be over by the next request. */
function isShortage(errno: number): boolean {
  return errno === Errno.EMFILE || errno === Errno.ENFILE || errno === Errno.ENOMEM;
}
