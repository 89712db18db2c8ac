/**
 * A directory that has no index file, with its listings ready to send.
 *
 * Out:   the page a request asks for by its Accept and its query, and in which content codings it can be had.
 * Keeps: pages are put together when first asked for, and the last PAGES_KEPT of them kept; all of it is charged to the
 *        cache from the beginning. A page's entity tag is that of its octets: equal on every replica, and new only
 *        when something that is shown has changed.
 * Why:   no Last-Modified: a folder's date says nothing of what changed below it. A client that mirrors by dates would be
 *        told that a page is the same, and never look at the folders and files that it links to.
 */
import { assert } from "../../assert.ts";
import { CacheEntry, ENTRY_OVERHEAD_OCTETS } from "../../cache/response-cache.ts";
import { Field } from "../../http/field.ts";
import { prefersMediaType } from "../../http/media-range.ts";
import { textOf } from "../../http/octets.ts";
import { CacheOutcome } from "../../http/reply.ts";
import type { RequestHead } from "../../http/request-head.ts";
import type { FieldLine } from "../../http/response-head.ts";
import { FileStatus, statPath } from "../../sys/file-status.ts";
import type { CacheField } from "../represent/cache-field.ts";
import type { Coder } from "../coding/coder.ts";
import type { Variants } from "../coding/variants.ts";
import { EntryKind } from "../entry/entry-kind.ts";
import { FileReplies } from "../represent/file-replies.ts";
import { cPathOf } from "../name-octets.ts";
import type { FieldEdits } from "../rules/field-edit.ts";
import { contentEntityTag } from "../load/validators.ts";
import { type DirectoryPages, LISTING_MEDIA_TYPE, ListingForm } from "./directory-pages.ts";
import { ORDER_COUNT, type Order, orderNumber, orderOfQuery } from "./listing-order.ts";

/** Pages kept of one directory: what people see, and what programs get or people sort. */
const PAGES_KEPT = 2;

/** The start of a page, and what it is sorted by. */
const PAGE_FRAME_OCTETS = 8192;

/**
 * How long a listing is valid while its directory is unchanged: a file that grows changes nothing in its directory.
 * The more entries there are to check, the longer.
 */
const AGE_MS_MAX = 2000;
const AGE_MS_MAX_PER_ENTRY = 2;

/** `no-cache`: to be kept, but not used without asking (RFC 9111 §5.2.2.4). */
const NO_CACHE: FieldLine = ["Cache-Control", "no-cache"];

/** One page, as it is and in other codings; null where there are none. */
export interface ListingPage {
  readonly replies: FileReplies;
  readonly variants: Variants | null;
}

/** Filled in by every check. */
const probe = new FileStatus();

export interface ListingSource {
  readonly path: string;
  /** The directory before it was read. */
  readonly version: FileStatus;
  /** It had changed so recently that it may have changed again without its times showing it. */
  readonly isRacy: boolean;
  readonly serverField: string;
  readonly cacheField: CacheField | undefined;
  readonly coder: Coder | null;
  /** What rules make of the fields. */
  readonly edits: FieldEdits;
}

export class ListingEntry extends CacheEntry {
  readonly kind = EntryKind.Listing;
  private readonly cPath: Buffer;
  private readonly readMs = performance.now();
  private readonly ageMsMax: number;
  /** By form and order, the longest unused first. */
  private readonly kept = new Map<number, ListingPage>();
  private users = 1;

  constructor(
    key: string,
    private readonly source: ListingSource,
    private readonly pages: DirectoryPages,
  ) {
    super(key);
    const { directories, files } = pages.summary;
    this.cPath = cPathOf(source.path);
    this.ageMsMax = AGE_MS_MAX + AGE_MS_MAX_PER_ENTRY * (directories + files);
    this.cost = ENTRY_OVERHEAD_OCTETS + (PAGES_KEPT + 1) * (pages.rowOctets + PAGE_FRAME_OCTETS);
  }

  /** True while the directory is the same and the rest has been looked at lately. */
  isCurrent(): boolean {
    if (this.source.isRacy || performance.now() - this.readMs > this.ageMsMax) return false;
    return statPath(this.cPath, probe) === 0 && probe.isSameVersion(this.source.version);
  }

  retain(): void {
    assert(this.users > 0, "an entry is retained while it is in use");
    this.users++;
  }

  release(): void {
    assert(this.users > 0, "an entry is released once by each user");
    if (--this.users !== 0) return;
    for (const { variants } of this.kept.values()) variants?.release();
  }

  /** The page that a request asks for. */
  pageFor(head: RequestHead): ListingPage {
    const query = head.queryStart === -1 ? null : textOf(head.bytes, head.queryStart, head.queryEnd);
    const isJson = prefersMediaType(head.value(Field.Accept), "application/json", "text/html");
    return this.page(isJson ? ListingForm.Json : ListingForm.Html, orderOfQuery(query));
  }

  private page(form: ListingForm, order: Order): ListingPage {
    const number = form * ORDER_COUNT + orderNumber(order);
    const page = this.kept.get(number) ?? this.buildPage(form, order);
    this.kept.delete(number);
    this.kept.set(number, page);
    if (this.kept.size > PAGES_KEPT) this.forgetOldest();
    return page;
  }

  private forgetOldest(): void {
    const [number, { variants }] = this.kept.entries().next().value!;
    this.kept.delete(number);
    variants?.release();
  }

  private buildPage(form: ListingForm, order: Order): ListingPage {
    const page = this.pages.page(form, order);
    const { cacheField, coder, serverField, edits } = this.source;
    const varies = coder !== null && coder.isPageNegotiable(LISTING_MEDIA_TYPE[form]!, page.length);
    const count: FieldLine[] = form === ListingForm.Json ? [["X-Total-Count", String(this.pages.summary.total)]] : [];
    const fields = {
      serverField,
      ...(cacheField === undefined ? {} : { cacheField }),
      contentType: LISTING_MEDIA_TYPE[form]!,
      size: page.length,
      entityTag: contentEntityTag(page),
      lastModifiedMs: NaN,
      extraFields: [["Vary", varies ? "Accept, Accept-Encoding" : "Accept"] as const, NO_CACHE, ...count],
      edits,
    };
    const replies = new FileReplies(fields, page, null, CacheOutcome.Hit);
    return { replies, variants: varies ? coder.variantsOfPage(replies) : null };
  }
}
