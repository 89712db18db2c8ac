/**
 * Token buckets of clients, in memory that all workers share: who may ask now, and who has to wait.
 *
 * In:    a client's key, the time. Out: 0 and a token is taken, or the seconds until there is one.
 * Units: ticks, TICKS_PER_TOKEN of which pass while one token is added; they wrap around at 2^32.
 * Keeps: a bucket is one word: when it will be full again (the "theoretical arrival time" of GCRA, ITU-T I.371), which is
 *        a token bucket without arithmetic on time and changes by one compare-and-swap. So workers need no lock, and two
 *        of them never spend the same token. Nothing is allocated, and the table never grows.
 *
 *   versions   a word for each set: goes up when an entry is given to another client, odd while that is done
 *   sets       WAYS entries, one of which a client's key may be in        hash of the key → set
 *   entry      sequence (0 = never used) · key, two words · when the bucket is full
 *
 * Full:  a newcomer takes the place of the bucket of his set that is nearest to full. A full bucket says nothing, so
 *        in a table that is large enough nothing is lost; in one that is not, somebody who had asked least gets a new bucket.
 *        Who is over his limit is the last to be forgotten. A newcomer always has a full bucket.
 * Races: who enters a client has found no entry of his in this very version of the set, and takes the version with him, so
 *        nobody has two. Others wait for him, a microsecond in all likelihood; should he have been killed, they go on
 *        without him, and what he has left is somebody's bucket whom nobody knows.
 */
import { type ClientKey, hashClientKey } from "./client-key.ts";

/** Words of an entry: four entries in a line of the processor's cache. */
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

/** How often a set that somebody enters a client into is looked at again, and how often there is a pause before that. */
const LOOKS_MAX = 200;
const PAUSES_MAX = 20;
const PAUSE_MS = 1;

/** Calls of `refresh` in which every entry has its turn. At the highest rate a full one would look empty after 134 s. */
const REFRESH_TURNS = 32;

/** A client's place in the table, kept where it asks from; -1 when it isn't known. */
export interface BucketPlace extends ClientKey {
  entry: number;
  sequence: number;
}

/** Words of a table that remembers as many clients; the number of its sets is a power of two. */
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
   * until there is one. `place` remembers the entry, so that the next question needs no search.
   */
  take(place: BucketPlace, wallMs: number): number {
    const { words } = this;
    const now = (wallMs * this.ticksPerMs) | 0;
    // Another try only after another worker has got a token out of the same bucket, so there are no more tries than tokens.
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

  /** The version of a set, once nobody enters a client into it. */
  private settledVersion(set: number): number {
    const { words } = this;
    for (let pauses = 0; ; pauses++) {
      let version = 0;
      for (let look = 0; look < LOOKS_MAX; look++) {
        version = Atomics.load(words, set);
        if ((version & 1) === 0) return version;
      }
      // He has lost his processor in the middle of it, perhaps to us.
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

  /** Gives an entry to a key. The sequence first: whoever remembers the place has to look for his own again. */
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
