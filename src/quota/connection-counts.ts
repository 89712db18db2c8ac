/**
 * How many connections each client has open, in one worker.
 *
 * In:    keys of clients, when a connection begins and when it ends.
 * Keeps: an entry for each client that has a connection, and for no other: it is bounded by the limit on connections. Open
 *        addressing with linear probing; removal closes the gap, so no tombstones are left.
 *        Three words an entry; at most half of the table is in use.
 */
import { type ClientKey, hashClientKey } from "./client-key.ts";

const ENTRIES_MIN = 1024;

export class ConnectionCounts {
  private mask = ENTRIES_MIN - 1;
  private keys = new Int32Array(2 * ENTRIES_MIN);
  private counts = new Int32Array(ENTRIES_MIN);
  /** Clients that have a connection. */
  clients = 0;

  /** One more connection of a client; returns how many it has now. */
  add({ key0, key1 }: ClientKey): number {
    const entry = this.entryOf(key0, key1);
    const count = ++this.counts[entry]!;
    if (count > 1) return count;
    this.keys[2 * entry] = key0;
    this.keys[2 * entry + 1] = key1;
    if (++this.clients > this.mask >>> 1) this.grow();
    return 1;
  }

  /** One less. */
  remove({ key0, key1 }: ClientKey): void {
    const entry = this.entryOf(key0, key1);
    if (this.counts[entry] === 0) throw new Error("a client's connection ended that had not begun");
    if (--this.counts[entry]! > 0) return;
    this.clients--;
    this.closeUp(entry);
  }

  /** Where a key is, or would be. */
  private entryOf(key0: number, key1: number): number {
    const { counts, keys, mask } = this;
    let entry = hashClientKey(key0, key1) & mask;
    while (counts[entry] !== 0 && (keys[2 * entry] !== key0 || keys[2 * entry + 1] !== key1))
      entry = (entry + 1) & mask;
    return entry;
  }

  /** Moves back those behind an empty place that were only there because it wasn't empty (Knuth, 6.4, algorithm R). */
  private closeUp(empty: number): void {
    const { counts, keys, mask } = this;
    let hole = empty;
    for (let entry = (hole + 1) & mask; counts[entry] !== 0; entry = (entry + 1) & mask) {
      const home = hashClientKey(keys[2 * entry]!, keys[2 * entry + 1]!) & mask;
      if (((entry - home) & mask) < ((entry - hole) & mask)) continue;
      counts[hole] = counts[entry]!;
      keys.copyWithin(2 * hole, 2 * entry, 2 * entry + 2);
      counts[entry] = 0;
      hole = entry;
    }
  }

  private grow(): void {
    const { counts, keys } = this;
    const entries = 2 * counts.length;
    this.mask = entries - 1;
    this.keys = new Int32Array(2 * entries);
    this.counts = new Int32Array(entries);
    for (let from = 0; from < counts.length; from++) {
      if (counts[from] === 0) continue;
      const entry = this.entryOf(keys[2 * from]!, keys[2 * from + 1]!);
      this.counts[entry] = counts[from]!;
      this.keys[2 * entry] = keys[2 * from]!;
      this.keys[2 * entry + 1] = keys[2 * from + 1]!;
    }
  }
}
