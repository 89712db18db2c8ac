/**
 * The worker's cache: from a request's canonical path to an entry whose responses are ready to send.
 *
 * In:    entries made by `site`, each put under one of these budgets:
 *          content    files up to `max_cached_file_kb`, charged with their octets (`cache_size_mb`)
 *          files      larger files, of which only head and descriptor are kept, charged one each
 *          absent     paths known to name nothing, or only a redirect, charged one each
 *          variants   coded representations of files, charged with their octets: a share of `cache_size_mb`. What they
 *                     don't take of it is for plain files, and that share is the most they can take from those.
 * Out:   `get` for a hit; evicted entries are released (their descriptor closes when the last transfer ends).
 * Keeps: a look-up is one Map access and a relinking; nothing here does I/O or knows about freshness.
 */
import { Lru, LruNode } from "./lru.ts";
import { largeFilesMax } from "./open-file.ts";

/** Remembered absences: a bound on what a scan for missing paths can make us keep. */
const ABSENT_MAX = 1024;

/** What an entry costs besides its content: objects, heads, the key. Measured with heapStats() over 10 000 entries. */
export const ENTRY_OVERHEAD_OCTETS = 2048;

export enum Budget {
  Content,
  Files,
  Absent,
  Variants,
}

/** Whatever the cache keeps and may have to give up. */
export abstract class CacheMember extends LruNode {
  /** What it is found under; null for a part of an entry, which is found by way of that. */
  abstract readonly key: string | null;

  /** Lets go of what it holds open. Called once, when it leaves the cache or was never taken in. */
  abstract release(): void;
}

export abstract class CacheEntry extends CacheMember {
  /** The canonical path it is kept under (site/request-path.ts). */
  readonly key: string;
  /** When the file system was last asked whether this still holds, in milliseconds of the monotonic clock. */
  checkedMs = 0;

  constructor(key: string) {
    super();
    this.key = key;
  }
}

export class ResponseCache<Entry extends CacheEntry> {
  private readonly entries = new Map<string, Entry>();
  private readonly lists: readonly Lru[];
  private readonly content: Lru;
  private readonly variants: Lru;
  /** Entries and variants that left because others needed their room. */
  evictions = 0;

  /**
   * @param contentOctetsMax the budget for files' content; 0 turns the cache off, and nothing is ever kept
   * @param variantOctetsMax how much of that may be variants
   */
  constructor(
    readonly contentOctetsMax: number,
    readonly variantOctetsMax = 0,
  ) {
    const onEvict = (node: LruNode) => this.evict(node as CacheMember);
    this.content = new Lru(contentOctetsMax, onEvict);
    this.variants = new Lru(variantOctetsMax, onEvict);
    const off = contentOctetsMax === 0;
    const files = new Lru(off ? 0 : largeFilesMax(), onEvict);
    const absent = new Lru(off ? 0 : ABSENT_MAX, onEvict);
    this.lists = [this.content, files, absent, this.variants];
  }

  get isOff(): boolean {
    return this.contentOctetsMax === 0;
  }

  /** Octets charged for content, variants included. */
  get octets(): number {
    return this.content.total + this.variants.total;
  }

  get count(): number {
    return this.entries.size;
  }

  /** The entry under `key`, now the most recently used of its list. */
  get(key: string): Entry | undefined {
    const entry = this.entries.get(key);
    if (entry !== undefined) entry.list!.touch(entry);
    return entry;
  }

  /** Takes an entry in, in place of one with the same key. False when it is too large for its budget (or the cache is off). */
  insert(entry: Entry, budget: Budget): boolean {
    const former = this.entries.get(entry.key);
    if (former !== undefined) this.remove(former);
    this.content.setBudget(this.contentOctetsMax - this.variants.total);
    if (!this.lists[budget]!.insert(entry)) return false;
    this.entries.set(entry.key, entry);
    return true;
  }

  /** Takes in a part of an entry, which leaves with its entry at the latest. False when it is too large for its budget. */
  insertPart(part: CacheMember, budget: Budget): boolean {
    const isTaken = this.lists[budget]!.insert(part);
    this.content.setBudget(this.contentOctetsMax - this.variants.total);
    return isTaken;
  }

  /** Drops an entry that no longer holds. */
  remove(entry: Entry): void {
    entry.list!.remove(entry);
    this.entries.delete(entry.key);
    entry.release();
  }

  /** Drops everything. */
  clear(): void {
    for (const entry of [...this.entries.values()]) this.remove(entry);
  }

  private evict(member: CacheMember): void {
    if (member.key !== null) this.entries.delete(member.key);
    this.evictions++;
    member.release();
  }
}
