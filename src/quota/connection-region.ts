/**
 * How many connections each client has open in one worker, in memory that the other workers read.
 *
 * In:    keys of clients, when a connection begins and when it ends; from other processes, queries.
 * Keeps: one process writes, any may read. An entry for each client that has a connection here, and for no other. Open
 *        addressing with linear probing; removal closes the gap, so no tombstones are left. Nothing is allocated.
 *
 *   sequence   0 = never used; odd while entries move       entry   count (0 = free) · key, two words
 *
 * Races: the key of a new entry is written before its count, so readers see all of it or nothing. While entries move, readers wait,
 *        typically less than a microsecond, and a reader that saw the sequence change reads again. If the writer was killed
 *        meanwhile, they go on without it; the table decides whether a dead worker counts. All accesses to shared words are
 *        atomic, which also keeps CPUs from reordering them.
 */
import { type ClientKey, hashClientKey } from "./client-key.ts";

enum Word {
  Count = 0,
  Key0 = 1,
  Key1 = 2,
}
const ENTRY_WORDS = 3;

/** In a table that is 3/4 full, a search takes 2.5 steps on average, 8.5 for a client that isn't there (Knuth, 6.4). */
const ENTRIES_PER_CLIENT = 4 / 3;

/** How often a region whose entries move is read again, and how often after a pause. */
const LOOKS_MAX = 200;
const PAUSES_MAX = 20;
const PAUSE_MS = 1;

/** Words of the entries for that many clients. */
export function regionWords(clients: number): number {
  return (Math.ceil(clients * ENTRIES_PER_CLIENT) + 1) * ENTRY_WORDS;
}

export class ConnectionRegion {
  private readonly start: number;
  private readonly entries: number;
  /** Clients that have a connection; only the writer knows. */
  private clients = 0;

  /** `words[sequence]` is the sequence, the entries are from `start` on: as many as `regionWords` says for `clientsMax`. */
  constructor(
    private readonly words: Int32Array,
    private readonly sequence: number,
    start: number,
    private readonly clientsMax: number,
  ) {
    this.start = start;
    this.entries = regionWords(clientsMax) / ENTRY_WORDS;
  }

  /** Writer: empties the region, before other workers count it. */
  begin(): void {
    const { sequence, start, words } = this;
    const before = Atomics.load(words, sequence);
    if (before !== 0) words.fill(0, start, start + this.entries * ENTRY_WORDS);
    Atomics.store(words, sequence, ((before | 1) + 1) | 0 || 2);
  }

  /** Writer: one more connection of a client; returns how many it has here now, 0 if there is no room for the client. */
  add({ key0, key1 }: ClientKey): number {
    const { words } = this;
    const entry = this.entryOf(key0, key1);
    const count = Atomics.load(words, entry + Word.Count) + 1;
    if (count === 1) {
      if (this.clients === this.clientsMax) return 0;
      this.clients++;
      Atomics.store(words, entry + Word.Key0, key0);
      Atomics.store(words, entry + Word.Key1, key1);
    }
    Atomics.store(words, entry + Word.Count, count);
    return count;
  }

  /** Writer: one less. False if the client has none here. */
  remove({ key0, key1 }: ClientKey): boolean {
    const { sequence, words } = this;
    const entry = this.entryOf(key0, key1);
    const count = Atomics.load(words, entry + Word.Count);
    if (count === 0) return false;
    if (count > 1) {
      Atomics.store(words, entry + Word.Count, count - 1);
      return true;
    }
    this.clients--;
    Atomics.add(words, sequence, 1);
    this.closeUp(entry);
    // 0 would mean that the region was never used.
    if (Atomics.add(words, sequence, 1) === -1) Atomics.store(words, sequence, 2);
    return true;
  }

  /** Any process: how many connections of a client are open here. */
  countOf(key: ClientKey): number {
    const { sequence, words } = this;
    for (let pauses = 0; ; pauses++) {
      for (let look = 0; look < LOOKS_MAX; look++) {
        const before = Atomics.load(words, sequence);
        if (before === 0) return 0;
        if ((before & 1) !== 0) continue;
        const count = Atomics.load(words, this.entryOf(key.key0, key.key1) + Word.Count);
        if (Atomics.load(words, sequence) === before) return count;
      }
      // The writer has lost its CPU while it moves entries, perhaps to this process.
      if (pauses === PAUSES_MAX) return Atomics.load(words, this.entryOf(key.key0, key.key1) + Word.Count);
      Bun.sleepSync(PAUSE_MS);
    }
  }

  /** Whether any worker has ever counted here. */
  get isUsed(): boolean {
    return Atomics.load(this.words, this.sequence) !== 0;
  }

  /** Where a key is, or would be. There is always a free entry; a reader may miss it while entries move, so its search is bounded. */
  private entryOf(key0: number, key1: number): number {
    const { start, words } = this;
    const end = start + this.entries * ENTRY_WORDS;
    let entry = this.homeOf(key0, key1);
    for (let step = 0; step < this.entries; step++) {
      if (Atomics.load(words, entry + Word.Count) === 0) return entry;
      const isMine = Atomics.load(words, entry + Word.Key1) === key1 && Atomics.load(words, entry + Word.Key0) === key0;
      if (isMine) return entry;
      entry += ENTRY_WORDS;
      if (entry === end) entry = start;
    }
    return entry;
  }

  /** Where the search for a key starts. */
  private homeOf(key0: number, key1: number): number {
    const index = Math.floor((hashClientKey(key0, key1) * this.entries) / 2 ** 32);
    return this.start + index * ENTRY_WORDS;
  }

  /** Moves back the entries behind a gap that are there only because it wasn't free (Knuth, 6.4, algorithm R). */
  private closeUp(empty: number): void {
    const { start, words } = this;
    const length = this.entries * ENTRY_WORDS;
    let hole = empty;
    let entry = empty;
    for (;;) {
      entry = entry + ENTRY_WORDS === start + length ? start : entry + ENTRY_WORDS;
      if (words[entry + Word.Count] === 0) break;
      const home = this.homeOf(words[entry + Word.Key0]!, words[entry + Word.Key1]!);
      if (distance(home, entry, length) < distance(hole, entry, length)) continue;
      for (let word = 0; word < ENTRY_WORDS; word++) Atomics.store(words, hole + word, words[entry + word]!);
      hole = entry;
    }
    Atomics.store(words, hole + Word.Count, 0);
  }
}

/** Words from one entry forward to another, around the end if need be. */
function distance(from: number, to: number, length: number): number {
  return to >= from ? to - from : to - from + length;
}
