/**
 * Token buckets of clients, in memory that all workers share: which client may send a request now, and which has to wait.
 *
 * In:    a client's key, the time. Out: 0 and a token is taken, or the seconds until there is one.
 * Units: ticks, TICKS_PER_TOKEN of which pass while one token is added; they wrap around at 2^32.
 * Keeps: a bucket is one word: when it will be full again (the "theoretical arrival time" of GCRA, ITU-T I.371), which is
 *        a token bucket without arithmetic on time and changes by one compare-and-swap. Taking a token needs no lock, and two
 *        workers never take the same one. Nothing is allocated, and the table never grows.
 *
 *   versions   a word for each set: goes up when an entry is given to another client, odd while that is done
 *   sets       WAYS entries, one of which a client's key may be in        hash of the key → set
 *   entry      sequence (0 = never used) · key, two words · when the bucket is full
 *
 * Full:  a new client takes the place of the bucket in its set that is nearest to full. A full bucket carries no
 *        information, so nothing is lost in a table that is large enough; in one that is not, the client that had asked least
 *        gets a new bucket. Clients over their limit are forgotten last. A new client always has a full bucket.
 * Races: a worker that enters a client has found no entry for it in this very version of the set, and locks that version, so
 *        no client has two. Other workers wait for it, typically a microsecond; if it has been killed, they go on
 *        without it, and what it left is the bucket of a client that doesn't exist.
 */
import { type ClientKey, hashClientKey } from "./client-key.ts";

/** Words of an entry: four entries per cache line. */
const ENTRY_WORDS = 4;
enum Word {
  Sequence = 0,
  Key0 = 1,
  Key1 = 2,
  FullAt = 3,
}

/** Entries a key may be in: two cache lines. */
export const WAYS = 8;
const SET_WORDS = WAYS * ENTRY_WORDS;
const VERSION_WORDS = 1;

const TICKS_PER_TOKEN = 16;

/** How often a locked set is read again, and how often after a pause. */
const LOOKS_MAX = 200;
const PAUSES_MAX = 20;
const PAUSE_MS = 1;

/** Calls of `refresh` that it takes to visit every entry. At the highest rate a full one would look empty after 134 s. */
const REFRESH_TURNS = 32;

/** A client's place in the table, kept by its connection; -1 when it isn't known. */
export interface BucketPlace extends ClientKey {
  entry: number;
  sequence: number;
}

/** Words of a table for that many clients; the number of its sets is a power of two. */
export function wordsFor(clients: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, clients / WAYS))) * (VERSION_WORDS + SET_WORDS);
}

export class BucketTable {
  private readonly sets: number;
  private readonly ticksPerMs: number;
  /** How far ahead of now `FullAt` may be when there is still a token, and when there is none. */
  private readonly aheadMax: number;
  private readonly emptyAhead: number;
  private refreshTurn = 0;

  /**
   * `words`: zeros at first, as many as `wordsFor` says. `requestsPerSecond`: above 0, at most 10^6; the same in all processes
   * that share the words. `burst`: tokens in a full bucket, at least 1.
   */
  constructor(
    private readonly words: Int32Array,
    private readonly requestsPerSecond: number,
    burst: number,
  ) {
    this.sets = words.length / (VERSION_WORDS + SET_WORDS);
    if (this.sets < 1 || words.length !== wordsFor(this.sets * WAYS))
      throw new RangeError(`${words.length} words are no power of two of sets`);
    this.ticksPerMs = (requestsPerSecond * TICKS_PER_TOKEN) / 1000;
    this.emptyAhead = burst * TICKS_PER_TOKEN;
    this.aheadMax = this.emptyAhead - TICKS_PER_TOKEN;
  }

  /**
   * Takes a token out of a client's bucket at `wallMs`, a time that all workers share. 0: taken; else the whole seconds
   * until there is one. `place` remembers the entry, so that the next call needs no search.
   */
  take(place: BucketPlace, wallMs: number): number {
    const { words } = this;
    const now = (wallMs * this.ticksPerMs) | 0;
    // A retry happens only after another worker has taken a token from the same bucket: there are no more retries than tokens.
    for (;;) {
      const { entry } = place;
      if (entry < 0 || words[entry + Word.Sequence] !== place.sequence) {
        this.find(place, now);
        continue;
      }
      const fullAt = words[entry + Word.FullAt]!;
      const ahead = this.aheadOf(fullAt, now);
      const isEmpty = ahead > this.aheadMax;
      // A clock that was set back leaves buckets behind that seem to need hours: none needs longer than an empty one.
      const next = isEmpty ? (now + Math.min(ahead, this.emptyAhead)) | 0 : (now + ahead + TICKS_PER_TOKEN) | 0;
      if (isEmpty && next === fullAt) return this.secondsFor(ahead - this.aheadMax);
      const isMine = Atomics.compareExchange(words, entry + Word.FullAt, fullAt, next) === fullAt;
      if (isMine) return isEmpty ? this.secondsFor(this.emptyAhead - this.aheadMax) : 0;
    }
  }

  /** Once a second: keeps full buckets from looking empty when ticks have wrapped around. */
  refresh(wallMs: number): void {
    const { words } = this;
    const now = (wallMs * this.ticksPerMs) | 0;
    const count = (this.sets * WAYS) / REFRESH_TURNS;
    const start = this.sets + Math.floor(this.refreshTurn * count) * ENTRY_WORDS;
    const end = this.sets + Math.floor((this.refreshTurn + 1) * count) * ENTRY_WORDS;
    this.refreshTurn = (this.refreshTurn + 1) % REFRESH_TURNS;
    for (let entry = start; entry < end; entry += ENTRY_WORDS) {
      const fullAt = words[entry + Word.FullAt]!;
      if (words[entry + Word.Sequence] === 0 || ((fullAt - now) | 0) >= 0) continue;
      Atomics.compareExchange(words, entry + Word.FullAt, fullAt, now);
    }
  }

  /** How many ticks a bucket is from being full; 0 when it is. */
  private aheadOf(fullAt: number, now: number): number {
    const ahead = (fullAt - now) | 0;
    return ahead > 0 ? ahead : 0;
  }

  private secondsFor(ticks: number): number {
    return Math.max(1, Math.ceil(ticks / (this.requestsPerSecond * TICKS_PER_TOKEN)));
  }

  /** Finds the entry of a key, or makes one. */
  private find(place: BucketPlace, now: number): void {
    const { sets, words } = this;
    const set = hashClientKey(place.key0, place.key1) & (sets - 1);
    const first = sets + set * SET_WORDS;
    for (;;) {
      const version = this.settledVersion(set);
      const entry = this.entryOf(place, first);
      if (entry < 0) {
        if (Atomics.compareExchange(words, set, version, version | 1) !== version) continue;
        this.enter(place, this.mostDispensable(first, now), now);
        Atomics.compareExchange(words, set, version | 1, (version + 2) | 0);
        return;
      }
      place.entry = entry;
      place.sequence = words[entry + Word.Sequence]!;
      if (Atomics.load(words, set) === version) return;
    }
  }

  /** The version of a set, once it is not locked. */
  private settledVersion(set: number): number {
    const { words } = this;
    for (let pauses = 0; ; pauses++) {
      let version = 0;
      for (let look = 0; look < LOOKS_MAX; look++) {
        version = Atomics.load(words, set);
        if ((version & 1) === 0) return version;
      }
      // The worker that holds the lock has lost its CPU, perhaps to this one.
      if (pauses < PAUSES_MAX) Bun.sleepSync(PAUSE_MS);
      else Atomics.compareExchange(words, set, version, (version + 1) | 0);
    }
  }

  /** Where a key is in a set; -1 when it isn't there. */
  private entryOf({ key0, key1 }: BucketPlace, first: number): number {
    const { words } = this;
    for (let entry = first; entry < first + SET_WORDS; entry += ENTRY_WORDS) {
      if (words[entry + Word.Key0] !== key0 || words[entry + Word.Key1] !== key1) continue;
      if (words[entry + Word.Sequence] !== 0) return entry;
    }
    return -1;
  }

  /** An entry that was never used, or else the one whose bucket is nearest to full. */
  private mostDispensable(first: number, now: number): number {
    const { words } = this;
    let chosen = first;
    let chosenAhead = Infinity;
    for (let entry = first; entry < first + SET_WORDS; entry += ENTRY_WORDS) {
      if (words[entry + Word.Sequence] === 0) return entry;
      const ahead = this.aheadOf(words[entry + Word.FullAt]!, now);
      if (ahead >= chosenAhead) continue;
      chosen = entry;
      chosenAhead = ahead;
    }
    return chosen;
  }

  /** Gives an entry to a key. The sequence first: a connection that remembers the place must search again. */
  private enter(place: BucketPlace, entry: number, now: number): void {
    const { words } = this;
    const sequence = (words[entry + Word.Sequence]! + 1) | 0 || 1;
    Atomics.store(words, entry + Word.Sequence, sequence);
    words[entry + Word.Key0] = place.key0;
    words[entry + Word.Key1] = place.key1;
    words[entry + Word.FullAt] = now;
    place.entry = entry;
    place.sequence = sequence;
  }
}
