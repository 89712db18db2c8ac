/**
 * Token buckets of clients, in memory that all workers share: who may ask now, and who has to wait.
 *
 * In:    a client's key, the time. Out: 0 and a token is taken, or the seconds until there is one.
 * Units: ticks, TICKS_PER_TOKEN of which pass while one token is added; they wrap around at 2^32.
 * Keeps: a bucket is one word: when it will be full again (the "theoretical arrival time" of GCRA, ITU-T I.371), which is
 *        a token bucket without arithmetic on time and changes by one compare-and-swap. So workers need no lock, and two
 *        of them never spend the same token. Nothing is allocated, and the table never grows.
 *
 *   set     WAYS entries, one of which a client's key may be in        hash of the key → set
 *   entry   sequence (0 = never used, odd = being written) · key, two words · when the bucket is full
 *
 * Full:  a newcomer takes the place of the bucket of his set that is nearest to full. A full bucket says nothing, so
 *        in a table that is large enough nothing is lost; in one that is not, somebody who had asked least gets a new bucket.
 *        Who is over his limit is the last to be forgotten. A newcomer always has a full bucket.
 * Races: a key that two workers enter at the same instant may get two entries, until one is displaced.
 */
import { type ClientKey, hashClientKey } from "./client-key.ts";

/** Words of an entry: four entries in a line of the processor's cache. */
export const ENTRY_WORDS = 4;
enum Word {
  Sequence = 0,
  Key0 = 1,
  Key1 = 2,
  FullAt = 3,
}

/** Entries a key may be in: two cache lines. */
export const WAYS = 8;
const SET_WORDS = WAYS * ENTRY_WORDS;

const TICKS_PER_TOKEN = 16;

/**
 * What another worker has changed first is tried again. He has got ahead, so it ends; should it not, nobody waits for ever: the
 * request is let through.
 */
const ATTEMPTS_MAX = 1000;

/** Calls of `refresh` in which every entry has its turn. At the highest rate a full one would look empty after 134 s. */
const REFRESH_TURNS = 32;

/** A client's place in the table, kept where it asks from; -1 when it isn't known. */
export interface BucketPlace extends ClientKey {
  entry: number;
  sequence: number;
}

export class BucketTable {
  private readonly setMask: number;
  private readonly ticksPerMs: number;
  /** How far ahead of now `FullAt` may be when there is still a token, and when there is none. */
  private readonly aheadMax: number;
  private readonly emptyAhead: number;
  private refreshTurn = 0;

  /**
   * `words`: zeros at first; a power of two of sets. `requestsPerSecond`: above 0, at most 10^6; the same in all processes
   * that share the words. `burst`: tokens in a full bucket, at least 1.
   */
  constructor(
    private readonly words: Int32Array,
    private readonly requestsPerSecond: number,
    burst: number,
  ) {
    const sets = words.length / SET_WORDS;
    if (sets < 1 || (sets & (sets - 1)) !== 0)
      throw new RangeError(`${words.length} words are no power of two of sets`);
    this.setMask = sets - 1;
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
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const { entry } = place;
      if (entry < 0 || words[entry] !== place.sequence) {
        if (!this.find(place, now)) return 0;
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
    return 0;
  }

  /** Once a second: keeps full buckets from looking empty when ticks have wrapped around. */
  refresh(wallMs: number): void {
    const { words } = this;
    const now = (wallMs * this.ticksPerMs) | 0;
    const count = words.length / REFRESH_TURNS;
    const start = Math.floor(this.refreshTurn * count) & -ENTRY_WORDS;
    const end = Math.floor((this.refreshTurn + 1) * count) & -ENTRY_WORDS;
    this.refreshTurn = (this.refreshTurn + 1) % REFRESH_TURNS;
    for (let entry = start; entry < end; entry += ENTRY_WORDS) {
      const fullAt = words[entry + Word.FullAt]!;
      if (words[entry] === 0 || ((fullAt - now) | 0) >= 0) continue;
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

  /** Finds the entry of a key, or makes one. False when that is not possible just now. */
  private find(place: BucketPlace, now: number): boolean {
    const { words } = this;
    const { key0, key1 } = place;
    const first = (hashClientKey(key0, key1) & this.setMask) * SET_WORDS;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      let chosen = -1;
      let chosenSequence = 0;
      let chosenAhead = Infinity;
      for (let entry = first; entry < first + SET_WORDS; entry += ENTRY_WORDS) {
        const sequence = Atomics.load(words, entry);
        if ((sequence & 1) !== 0) continue;
        if (sequence !== 0 && words[entry + Word.Key0] === key0 && words[entry + Word.Key1] === key1) {
          if (Atomics.load(words, entry) !== sequence) continue;
          place.entry = entry;
          place.sequence = sequence;
          return true;
        }
        const ahead = sequence === 0 ? -1 : this.aheadOf(words[entry + Word.FullAt]!, now);
        if (ahead >= chosenAhead) continue;
        chosen = entry;
        chosenSequence = sequence;
        chosenAhead = ahead;
      }
      if (chosen >= 0 && this.enter(place, chosen, chosenSequence, now)) return true;
    }
    return false;
  }

  /** Gives an entry to a key; false when another worker was first. */
  private enter(place: BucketPlace, entry: number, sequence: number, now: number): boolean {
    const { words } = this;
    if (Atomics.compareExchange(words, entry, sequence, sequence | 1) !== sequence) return false;
    words[entry + Word.Key0] = place.key0;
    words[entry + Word.Key1] = place.key1;
    words[entry + Word.FullAt] = now;
    const next = (sequence + 2) | 0 || 2;
    Atomics.store(words, entry, next);
    place.entry = entry;
    place.sequence = next;
    return true;
  }
}
