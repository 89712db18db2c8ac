/**
 * How many connections each client has open in all workers, and whether it may have one more.
 *
 * In:    a client's key, when a connection begins and when it ends.
 * Keeps: a region for each slot of the statistics, written by the worker of that slot alone (connection-region.ts). A client's total
 *        is the sum over the regions of live workers, so the share of a killed worker is gone as soon as the master marks its
 *        slot: there is nothing to repair, and no lock that a worker could die with.
 *
 * Races: a worker first counts a connection, then takes the sum. Of several connections that exceed the limit together, the one that
 *        was counted last sees all the others, so never more than the limit are let in. A worker that sees too many takes its
 *        own back, sums up again, and retries if there is a place: when two want the last place, one of them gets it. How often a
 *        worker sums up before it retries is random and doubles each time; otherwise two could go on in step.
 * Full:  a client that doesn't fit into a region is counted by its worker alone.
 * Cost:  per connection one search in each region in use; per request nothing (bench/micro/client-limits.bench.ts).
 */
import type { ClientKey } from "./client-key.ts";
import { ConnectionRegion, regionWords } from "./connection-region.ts";

/** After that many conflicts with other workers a connection is refused; by then at most 1 023 sums were taken, 2.6 ms with 64 workers. */
const TRIES_MAX = 10;

export interface ConnectionsShape {
  /** Workers that count at the same time, draining ones included. */
  readonly regions: number;
  /** Clients that a worker can count. */
  readonly clients: number;
}

/** Words of the table: a sequence for each region, then the regions. */
export function wordsForConnections({ regions, clients }: ConnectionsShape): number {
  return regions * (1 + regionWords(clients));
}

export class ConnectionTable {
  private readonly mine: ConnectionRegion;
  private readonly others: readonly { readonly index: number; readonly region: ConnectionRegion }[];
  /** Connections of clients that didn't fit into the region. */
  private readonly beyond = new Map<string, number>();

  /**
   * `words`: as many as `wordsForConnections` says, zeros at first. `own`: the region of this worker, which is emptied.
   * `isLive`: whether the worker of another region is alive and has emptied it.
   */
  constructor(
    words: Int32Array,
    shape: ConnectionsShape,
    own: number,
    private readonly isLive: (region: number) => boolean,
  ) {
    const { regions, clients } = shape;
    if (words.length !== wordsForConnections(shape)) throw new RangeError(`${words.length} words are no such table`);
    if (own >= regions) throw new RangeError(`there is no region ${own} among ${regions}`);
    const all = Array.from({ length: regions }, (_, index) => ({
      index,
      region: new ConnectionRegion(words, index, regions + index * regionWords(clients), clients),
    }));
    this.mine = all[own]!.region;
    this.others = all.filter(({ index }) => index !== own);
    this.mine.begin();
  }

  /** A connection has begun: true if its client has `connectionsMax` at most with it; then it is counted. */
  enter(key: ClientKey, connectionsMax: number): boolean {
    for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
      const own = this.add(key);
      if (this.sumWith(own, key, connectionsMax) <= connectionsMax) return true;
      this.leave(key);
      for (let looks = 2 ** attempt * Math.random(); looks >= 0; looks--) {
        if (this.sumWith(own - 1, key, connectionsMax) >= connectionsMax) return false;
      }
    }
    return false;
  }

  /** A connection that was counted has ended. */
  leave(key: ClientKey): void {
    if (this.mine.remove(key)) return;
    const name = nameOf(key);
    const count = this.beyond.get(name);
    if (count === undefined) throw new Error("a client's connection ended that had not begun");
    if (count > 1) this.beyond.set(name, count - 1);
    else this.beyond.delete(name);
  }

  /** Counts one more in this worker; returns how many the client has in it now. */
  private add(key: ClientKey): number {
    const counted = this.mine.add(key);
    if (counted > 0 && this.beyond.size === 0) return counted;
    const name = nameOf(key);
    const beyond = this.beyond.get(name) ?? 0;
    if (counted > 0) return counted + beyond;
    this.beyond.set(name, beyond + 1);
    return beyond + 1;
  }

  /** `own` and what the client has in other workers; stops once the sum exceeds `enough`. */
  private sumWith(own: number, key: ClientKey, enough: number): number {
    let sum = own;
    for (const { index, region } of this.others) {
      if (sum > enough) break;
      if (region.isUsed && this.isLive(index)) sum += region.countOf(key);
    }
    return sum;
  }
}

function nameOf({ key0, key1 }: ClientKey): string {
  return `${key0}:${key1}`;
}
