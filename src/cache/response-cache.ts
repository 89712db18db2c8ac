/**
 * The worker's cache: from a request's canonical path to an entry whose responses are ready to send.
 *
 * In:    entries made by `site`, each put under one of three budgets:
 *          content    files up to `max_cached_file_kb`, charged with their octets (`cache_size_mb`)
 *          files      larger files, of which only head and descriptor are kept, charged one each
 *          absent     paths known to name nothing, or only a redirect, charged one each
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
}

export abstract class CacheEntry extends LruNode {
  /** The canonical path it is kept under (site/request-path.ts). */
  readonly key: string;
  /** When the file system was last asked whether this still holds, in milliseconds of the monotonic clock. */
  checkedMs = 0;

  constructor(key: string) {
    super();
    this.key = key;
  }

  /** Lets go of what the entry holds open. Called once, when it leaves the cache or was never taken in. */
  abstract release(): void;
}

export class ResponseCache<Entry extends CacheEntry> {
  private readonly entries = new Map<string, Entry>();
  private readonly lists: readonly Lru[];
  private readonly content: Lru;
  /** Entries that left because others needed their room. */
  evictions = 0;

  /** `contentOctetsMax`: the budget for files' content; 0 turns the cache off, and nothing is ever kept. */
  constructor(readonly contentOctetsMax: number) {
    const onEvict = (node: LruNode) => this.evict(node as Entry);
    this.content = new Lru(contentOctetsMax, onEvict);
    const off = contentOctetsMax === 0;
    this.lists = [this.content, new Lru(off ? 0 : largeFilesMax(), onEvict), new Lru(off ? 0 : ABSENT_MAX, onEvict)];
  }

  get isOff(): boolean {
    return this.contentOctetsMax === 0;
  }

  /** Octets charged to the content budget. */
  get octets(): number {
    return this.content.total;
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
    if (!this.lists[budget]!.insert(entry)) return false;
    this.entries.set(entry.key, entry);
    return true;
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

  private evict(entry: Entry): void {
    this.entries.delete(entry.key);
    this.evictions++;
    entry.release();
  }
}
