/**
 * Content coding of a worker's files: the interface of this folder.
 *
 *   load      `lookAround` a file, then `variantsOf` it: what could answer besides the file itself, or null for nothing
 *   request   `select` among them (RFC 9110 §12.5.3); what doesn't exist yet is made by `make`
 *   second    `tick`: large files are compressed (large-files.ts), popular variants recompressed (upgrader.ts)
 *
 * First request: it waits for the fast level if that can begin at once, with little queued before it
 * (compression-queue.ts). A client that waits 2 ms for a third of 100 KB has it sooner than one that gets all of it on
 * any line below some 300 Mbit/s, and its cache never holds two versions. When places or queue are full it gets identity.
 */
import type { OpenFile } from "../../cache/open-file.ts";
import { AcceptEncodingReader, Coding, CODING_NAME, rankOf } from "../../http/content-coding.ts";
import { Field } from "../../http/field.ts";
import { Method } from "../../http/method.ts";
import { equalsExactly } from "../../http/octets.ts";
import type { Reply } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request-head.ts";
import type { FileStatus } from "../../sys/file-status.ts";
import type { FileReplies } from "../represent/file-replies.ts";
import type { DocumentRoot, SymlinkPolicy } from "../load/open-below.ts";
import { Background } from "./background.ts";
import { CodedPage } from "./coded-page.ts";
import { kindredTag } from "./coded-entity-tag.ts";
import { type CodingCounts, UNCOUNTED } from "./coding-counts.ts";
import { type CodingOutcome, Making } from "./coding-outcome.ts";
import { type CodingSet, CodingOrders } from "./coding-order.ts";
import { CompressibleTypes } from "./compressible-types.ts";
import { WAITING_OCTETS_MAX } from "./compression-queue.ts";
import { LargeFiles } from "./large-files.ts";
import { type Compressor, CompressorProcess } from "./low-priority-compressor.ts";
import { NeighbourNotes } from "./neighbour-notes.ts";
import { Neighbours } from "./neighbours.ts";
import { Upgrader } from "./upgrader.ts";
import { type MakeDone, type VariantCache, VariantMaker } from "./variant-maker.ts";
import { Variant } from "./variant.ts";
import { Variants } from "./variants.ts";

/** The settings of `[compression]`. */
export interface CompressionSettings {
  readonly enabled: boolean;
  readonly codings: readonly string[];
  readonly types: readonly string[];
  readonly precompressed: boolean;
  readonly minimum_size_bytes: number;
  readonly maximum_size_mb: number;
  readonly br_level: number;
  readonly zstd_level: number;
  readonly gzip_level: number;
  readonly cache_share_percent: number;
  readonly upgrade: boolean;
  readonly upgrade_hits: number;
  readonly upgrade_cpu_percent: number;
}

/** What is known of a file's content. */
export enum Reading {
  /** It changes while it is read. */
  Unstable,
  /** It was not read: it is too large for the cache. */
  Unread,
  /** Its entity tag is of its octets. */
  Read,
}

/** A file that has just been loaded. */
export interface LoadedFile {
  readonly root: DocumentRoot;
  readonly filePath: string;
  readonly followSymlinks: SymlinkPolicy;
  readonly version: FileStatus;
  readonly reading: Reading;
  /** Where its content comes from, unless its replies hold it. */
  readonly file: OpenFile | null;
}

/** With these, a 304 for a related tag would ignore a condition that comes first (RFC 9110 §13.2.2). */
const OTHER_CONDITIONS = (1 << Field.IfMatch) | (1 << Field.IfUnmodifiedSince);
const IF_NONE_MATCH = 1 << Field.IfNoneMatch;

export class Coder {
  private readonly codings: readonly Coding[];
  private readonly types: CompressibleTypes;
  private readonly orders: CodingOrders;
  private readonly reader = new AcceptEncodingReader();
  private readonly maker: VariantMaker;
  private readonly background: Background;
  private readonly upgrader: Upgrader;
  private readonly largeFiles: LargeFiles;
  private readonly canCompress: boolean;
  private readonly notes: NeighbourNotes;

  constructor(
    private readonly settings: CompressionSettings,
    cachedFileOctetsMax: number,
    cache: VariantCache,
    private readonly counts: CodingCounts = UNCOUNTED,
    private readonly compressor: Compressor = new CompressorProcess(),
    warn: (message: string) => void = () => {},
  ) {
    this.notes = new NeighbourNotes(warn);
    this.codings = settings.enabled ? [...new Set(settings.codings.map((name) => CODING_NAME.indexOf(name)))] : [];
    this.types = new CompressibleTypes(settings.types);
    this.orders = new CodingOrders(this.codings);
    this.canCompress = !cache.isOff && settings.cache_share_percent > 0;
    const levels: number[] = [];
    levels[Coding.Gzip] = settings.gzip_level;
    levels[Coding.Br] = settings.br_level;
    levels[Coding.Zstd] = settings.zstd_level;
    this.maker = new VariantMaker({ cachedFileOctetsMax, levels }, cache, counts, this.notes);
    this.background = new Background(settings.upgrade_cpu_percent);
    const hotAfter = settings.upgrade ? settings.upgrade_hits : Number.POSITIVE_INFINITY;
    this.upgrader = new Upgrader(hotAfter, this.background, compressor, this.maker);
    this.largeFiles = new LargeFiles(cache.variantOctetsMax, levels, this.background, compressor, this.maker);
  }

  /** Looks for compressed neighbours of a file of this type; null where none is wanted. Off the event loop. */
  lookAround(path: string, contentType: string, done: (neighbours: Neighbours | null) => void): void {
    if (!this.settings.precompressed || !this.isWorthCoding(contentType)) return done(null);
    Neighbours.look(path, this.codings, done);
  }

  /** Whether a client's Accept-Encoding makes a difference for this file; then its replies say so (Vary). */
  isNegotiable(contentType: string, version: FileStatus, reading: Reading, neighbours: Neighbours | null): boolean {
    if (!this.isWorthCoding(contentType)) return false;
    for (const { path, fault } of neighbours?.unusedFor(version) ?? []) this.notes.note(path, fault);
    return this.makingOf(contentType, version.size, reading) > Making.TooLarge || usableOf(neighbours, version) !== 0;
  }

  /** What can answer besides `identity`; for files that are negotiable. */
  variantsOf(loaded: LoadedFile, neighbours: Neighbours | null, identity: FileReplies): Variants {
    const { root, filePath, followSymlinks, version, reading, file } = loaded;
    const source = { root, filePath, followSymlinks, neighbours, usable: usableOf(neighbours, version) };
    const making = this.makingOf(identity.fields.contentType, version.size, reading);
    const later = making === Making.Later ? this.largeFiles : null;
    return new Variants(source, identity, file, this.orders, this.upgrader, making > Making.TooLarge, later);
  }

  offers(coding: Coding): boolean {
    return this.codings.includes(coding);
  }

  /** A file stored in a content coding, sent so or decompressed: nothing else is made of it. */
  variantsOfPacked(identity: FileReplies, coded: FileReplies): Variants {
    const variants = new Variants(null, identity, null, this.orders, this.upgrader, false);
    variants.storedIn = coded.coding;
    variants.accept(new Variant(variants, coded.coding, coded, null, false));
    return variants;
  }

  /** Whether generated content is worth compressing. */
  isPageNegotiable(contentType: string, octets: number): boolean {
    return this.makingOf(contentType, octets, Reading.Read) === Making.AtOnce;
  }

  /** An error page in other codings; null where it has none. */
  codedPageOf(contentType: string, content: Buffer): CodedPage | null {
    if (!this.isPageNegotiable(contentType, content.length)) return null;
    return new CodedPage(content, (coding, octets, done) => this.maker.compressPage(coding, octets, done));
  }

  /** The coding of an error page to send for this request, and counts it. */
  selectPage(page: CodedPage, head: RequestHead): Coding {
    const coding = page.select(this.orders.of(this.reader.preferenceOf(head), 0));
    if (coding !== Coding.Identity && head.method === Method.Get) {
      this.counts.responded(coding, page.content.length, page.contentIn(coding).length);
    }
    return coding;
  }

  /** What can answer besides `identity`, for generated content that is negotiable. */
  variantsOfPage(identity: FileReplies): Variants {
    return new Variants(null, identity, null, this.orders, this.upgrader, true);
  }

  /** The replies to choose from for this request, or null: then what it `wanted` has to be made first. */
  select(variants: Variants, head: RequestHead): FileReplies | null {
    return variants.select(this.reader.preferenceOf(head));
  }

  /** The coding that has to be made before `select` knows an answer; identity for none. */
  wanted(variants: Variants, head: RequestHead): Coding {
    return variants.wantedFor(this.reader.preferenceOf(head));
  }

  /** Why `select` chooses the representation in this coding. */
  outcomeOf(variants: Variants, coding: Coding, head: RequestHead): CodingOutcome {
    return variants.outcomeOf(coding, this.reader.preferenceOf(head));
  }

  /** The coding that the client would get if it could be had already; identity for none. */
  pendingFor(variants: Variants, head: RequestHead): Coding {
    return variants.pendingFor(this.reader.preferenceOf(head));
  }

  /** Whether the client takes uncoded content; one that refuses everything gets it all the same. */
  acceptsIdentity(head: RequestHead): boolean {
    return rankOf(this.reader.preferenceOf(head), Coding.Identity) > 0;
  }

  /**
   * 304 for a client that holds other octets of the coding that was selected (coded-entity-tag.ts); null for all others.
   * `selected`: what `select` returned just now.
   */
  notModified(variants: Variants, selected: FileReplies | null, head: RequestHead): Reply | null {
    if ((head.present & (IF_NONE_MATCH | OTHER_CONDITIONS)) !== IF_NONE_MATCH) return null;
    if (selected !== null && holdsExactly(head, selected)) return null;
    const coding = selected?.isCoded === true ? selected.coding : this.pendingFor(variants, head);
    if (coding === Coding.Identity || variants.hasNeighbour(coding)) return null;
    const tag = kindredTag(head, variants.identity.fields.entityTag, coding);
    return tag === null ? null : variants.identity.notModifiedAs(tag);
  }

  /** A response with the content of `selected` is about to be sent. */
  count({ identity }: Variants, selected: FileReplies): void {
    if (selected.coding !== Coding.Identity) this.counts.responded(selected.coding, identity.size, selected.size);
  }

  /** Whether `make` can begin at once. */
  canMake(variants: Variants, coding: Coding): boolean {
    return this.maker.canMake(variants, coding);
  }

  /** Makes what was wanted, and calls back later; `done(true)`: ask `select` again, `done(false)`: take identity. */
  make(variants: Variants, coding: Coding, done: MakeDone): void {
    this.maker.make(variants, coding, done);
  }

  /** Resolves when what was begun is made, and error pages have the codings that were asked for; null if nothing was begun. */
  whenIdle(): Promise<void> | null {
    return this.maker.whenIdle();
  }

  /** Once a second. */
  tick(nowMs: number): void {
    const { user, system } = process.cpuUsage();
    this.background.tick(nowMs, (user + system) / 1000);
  }

  /** The worker is about to end: nothing new is begun. */
  stop(): void {
    this.background.stop();
    this.compressor.stop();
  }

  /** How content of this type is compressed, or why it isn't. */
  makingOf(contentType: string, octets: number, reading: Reading): Making {
    const { minimum_size_bytes, maximum_size_mb } = this.settings;
    if (!this.isWorthCoding(contentType)) return Making.OtherType;
    if (!this.canCompress) return Making.NoCache;
    if (octets === 0 || octets < minimum_size_bytes) return Making.TooSmall;
    if (octets > maximum_size_mb * MIB) return Making.TooLarge;
    if (reading === Reading.Unstable) return Making.Unstable;
    return reading === Reading.Read && octets <= WAITING_OCTETS_MAX ? Making.AtOnce : Making.Later;
  }

  private isWorthCoding(contentType: string): boolean {
    return this.codings.length > 0 && this.types.has(contentType);
  }
}

const MIB = 1024 * 1024;

function usableOf(neighbours: Neighbours | null, version: FileStatus): CodingSet {
  return neighbours === null ? 0 : neighbours.usableFor(version);
}

/** The one tag that the client sent is the one it would get: the usual way answers it. */
function holdsExactly(head: RequestHead, { entityTag }: FileReplies): boolean {
  const start = head.valueStart(Field.IfNoneMatch);
  return equalsExactly(head.bytes, start, head.valueEnd(Field.IfNoneMatch), entityTag);
}
