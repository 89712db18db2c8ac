/**
 * The order in which representations are tried for a request: the client's ranks first, then the server's (RFC 9110 §12.1).
 *
 * In:    a preference (http/content-coding.ts), the codings for which a precompressed file exists, the order of the
 *        settings.
 * Out:   codings, best first, PLACE_BITS bits each and one more than the coding, so that 0 ends the list. Identity is
 *        always among them and always last: codings that the client ranks below it needn't be tried, and a client
 *        that accepts nothing gets it, too.
 * Why:   among equals a precompressed file comes first: it was made deliberately, and it costs nothing.
 * Keeps: each order is worked out once; after that, one array read.
 */
import { Coding, type Preference, PREFERENCE_COUNT, rankOf } from "../../http/content-coding.ts";

export const PLACE_BITS = 3;
export const PLACE_MASK: number = (1 << PLACE_BITS) - 1;

/** A set of codings: bit `1 << coding`. */
export type CodingSet = number;

const CODING_SETS = 1 << Coding.count;

export class CodingOrders {
  /** 0 = not worked out yet. */
  private readonly orders = new Uint16Array(PREFERENCE_COUNT * CODING_SETS);

  /** `offered`: without identity, the server's preference first. */
  constructor(private readonly offered: readonly Coding[]) {}

  of(preference: Preference, neighbours: CodingSet): number {
    const index = preference * CODING_SETS + neighbours;
    return this.orders[index]! || (this.orders[index] = this.workOut(preference, neighbours));
  }

  private workOut(preference: Preference, neighbours: CodingSet): number {
    const isNeighbour = (coding: Coding) => (neighbours >> coding) & 1;
    const better = this.offered
      .filter((coding) => rankOf(preference, coding) > 0)
      .filter((coding) => rankOf(preference, coding) >= rankOf(preference, Coding.Identity))
      // Stable: the order of the settings holds among equals.
      .sort((a, b) => rankOf(preference, b) - rankOf(preference, a) || isNeighbour(b) - isNeighbour(a));
    return [...better, Coding.Identity].reduce(
      (order, coding, place) => order | ((coding + 1) << (place * PLACE_BITS)),
      0,
    );
  }
}
