/**
 * The worker's cache: from a request's canonical path to an entry whose responses are ready to send.
 *
 * In:    entries made by `site`, each put under one of these budgets:
 *          content    files up to `max_cached_file_kb`, charged with their octets (`cache_size_mb`)
 *          files      larger files, of which only head and descriptor are kept, charged one each
 *          absent     paths known to name nothing, or only a redirect, charged one each
 *          variants   coded representations of files, charged with their octets: at most a share of `cache_size_mb`;
 *                     plain files may use what variants leave of it, and variants never more than that share.
 *        Every host has a cache of its own, so that paths of different hosts can't be confused; all share the budgets.
 * Out:   `get` for a hit; evicted entries are released (their descriptor closes when the last transfer ends).
 * Keeps: a look-up is one Map access and a relinking; nothing here does I/O or knows about freshness.
 */
import { WHOLE_CONTENT_OCTETS_MAX } from "../http/reply.ts";
import { Lru, LruNode } from "./lru.ts";
import { largeFilesMax } from "./open-file.ts";

/** Remembered absences: bounds what a scan for missing paths can make the cache keep. */
const ABSENT_MAX = 1024;

/** What an entry costs besides its content: objects, heads, the key. Measured with heapStats() over 10 000 entries. */
export const ENTRY_OVERHEAD_OCTETS = 2048;

/** What so much content costs: of what is small there is a second copy as soon as HTTP/2 has sent it (http2/whole-reply.ts). */
export function contentCost(octets: number): number {
  return octets <= WHOLE_CONTENT_OCTETS_MAX ? 2 * octets : octets;
}

export enum Budget {
  Content,
  Files,
  Absent,
  Variants,
}

/** Anything that the cache keeps and may evict. */
export abstract class CacheMember extends LruNode {
  /** The key it is found under; null for a part of an entry, which is found through the entry. */
  abstract readonly key: string | null;

  /** Releases what it holds open. Called once, when it leaves the cache or was never taken in. */
  abstract release(): void;
}

export abstract class CacheEntry extends CacheMember {
  /** The canonical path it is kept under (site/request-path.ts). */
  readonly key: string;
  /** The host's entries, while it is one of them. */
  home: Map<string, CacheEntry> | null = null;
  /** When the file system was last asked whether this still holds, in milliseconds of the monotonic clock. */
  checkedMs = 0;

  constructor(key: string) {
    super();
    this.key = key;
  }
}

/** What all hosts' entries together may take. */
class Budgets {
  readonly lists: readonly Lru[];
  readonly content: Lru;
  readonly variants: Lru;
  /** Entries and variants that were evicted to make room. */
  evictions = 0;
  /** Entries that left because they no longer held, or by a purge. */
  stale = 0;
  /** Entries in all caches. */
  entryCount = 0;
  readonly caches: { drop(): void }[] = [];

  constructor(
    readonly contentOctetsMax: number,
    readonly variantOctetsMax: number,
  ) {
    const onEvict = (node: LruNode) => this.evict(node as CacheMember);
    this.content = new Lru(contentOctetsMax, onEvict);
    this.variants = new Lru(variantOctetsMax, onEvict);
    const off = contentOctetsMax === 0;
    const files = new Lru(off ? 0 : largeFilesMax(), onEvict);
    const absent = new Lru(off ? 0 : ABSENT_MAX, onEvict);
    this.lists = [this.content, files, absent, this.variants];
  }

  /** Plain files can't use what variants have taken. */
  share(): void {
    this.content.setBudget(this.contentOctetsMax - this.variants.total);
  }

  private evict(member: CacheMember): void {
    if (member instanceof CacheEntry) this.forget(member);
    this.evictions++;
    member.release();
  }

  forget(entry: CacheEntry): void {
    entry.home!.delete(entry.key);
    entry.home = null;
    this.entryCount--;
  }
}

export class ResponseCache<Entry extends CacheEntry> {
  private readonly entries = new Map<string, Entry>();
  private readonly budgets: Budgets;

  /**
   * @param contentOctetsMax the budget for files' content; 0 turns the cache off, and nothing is ever kept
   * @param variantOctetsMax how much of that may be variants
   */
  constructor(
    contentOctetsMax: number,
    variantOctetsMax = 0,
    budgets = new Budgets(contentOctetsMax, variantOctetsMax),
  ) {
    this.budgets = budgets;
    budgets.caches.push(this);
  }

  /** A cache for another host, which shares the budgets of this one. */
  another(): ResponseCache<Entry> {
    return new ResponseCache<Entry>(0, 0, this.budgets);
  }

  get isOff(): boolean {
    return this.budgets.contentOctetsMax === 0;
  }

  /** Octets charged for content, variants included; of all hosts, as are the numbers that follow. */
  get octets(): number {
    return this.budgets.content.total + this.budgets.variants.total;
  }

  get count(): number {
    return this.budgets.entryCount;
  }

  /** Entries and variants that left because others needed their room. */
  get evictions(): number {
    return this.budgets.evictions;
  }

  /** Entries that left because they no longer held, or by a purge. */
  get stale(): number {
    return this.budgets.stale;
  }

  /** The entry under `key`, now the most recently used of its list. */
  get(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    if (entry !== undefined) entry.list!.touch(entry);
    return entry;
  }

  /** Takes an entry in, in place of one with the same key. False when it is too large for its budget (or the cache is off). */
  insert(entry: Entry, budget: Budget): boolean {
    const { budgets } = this;
    const former = this.entries.get(entry.key);
    if (former !== undefined) this.remove(former);
    budgets.share();
    if (!budgets.lists[budget]!.insert(entry)) return false;
    this.entries.set(entry.key, entry);
    entry.home = this.entries as Map<string, CacheEntry>;
    budgets.entryCount++;
    return true;
  }

  /** The budget of variants. */
  get variantOctetsMax(): number {
    return this.budgets.variantOctetsMax;
  }

  /** Whether a variant of this cost is ever taken in. */
  hasRoomForVariant(cost: number): boolean {
    return cost <= this.budgets.variantOctetsMax;
  }

  /** Takes in a part of an entry, which leaves with its entry at the latest. False when it is too large for its budget. */
  insertPart(part: CacheMember, budget: Budget): boolean {
    const isTaken = this.budgets.lists[budget]!.insert(part);
    this.budgets.share();
    return isTaken;
  }

  /** Drops an entry that is no longer valid. */
  remove(entry: Entry): void {
    entry.list!.remove(entry);
    this.budgets.stale++;
    this.budgets.forget(entry);
    entry.release();
  }

  /** Drops everything of every host. */
  clear(): void {
    for (const cache of this.budgets.caches) cache.drop();
  }

  /** Drops everything of this host. */
  drop(): void {
    for (const entry of [...this.entries.values()]) this.remove(entry);
  }
}
