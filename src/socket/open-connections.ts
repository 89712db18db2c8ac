/**
 * The connections that are open, in no order.
 *
 * Keeps: each knows its place, so adding and removing are a few stores and nothing is allocated; a Set takes 200 octets for every
 *        connection that comes and goes. The array keeps its greatest length.
 */

/** What it holds; connections have this field. */
export interface Placed {
  /** Where it is in the array; -1 = nowhere. */
  place: number;
}

export class OpenConnections<T extends Placed> {
  size = 0;
  private readonly places: (T | null)[] = [];

  add(connection: T): void {
    connection.place = this.size;
    this.places[this.size++] = connection;
  }

  /** Does nothing if it isn't here. */
  delete(connection: T): void {
    const { place } = connection;
    if (place === -1) return;
    const last = this.places[--this.size]!;
    this.places[place] = last;
    last.place = place;
    this.places[this.size] = null;
    connection.place = -1;
  }

  /** `visit` may delete the connection it is given, whose place the last one takes: hence from the end. */
  forEach(visit: (connection: T) => void): void {
    for (let place = this.size - 1; place >= 0; place--) visit(this.places[place]!);
  }
}
