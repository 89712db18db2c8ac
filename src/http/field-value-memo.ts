/**
 * What the last few values of a field were found to mean, so that what browsers send all day costs one comparison.
 *
 * In:    octets of a field value; a result of at least 0 to remember with them.
 * Out:   the result for the same octets later, or -1.
 * Keeps: allocates nothing after it was made. Values that are too long are not remembered; the oldest gives way.
 */

/** Browsers and tools together send fewer values than this; a client that sends other values costs parsing, and no more. */
const PLACES = 8;

export class FieldValueMemo {
  private readonly values: Uint8Array;
  /** Octets of the value in each place; -1 for none. */
  private readonly lengths = new Int32Array(PLACES).fill(-1);
  private readonly results = new Int32Array(PLACES);
  /** The place that matched last, and the one that is given up next. */
  private recent = 0;
  private next = 0;

  /** `octetsMax`: longer values are not remembered. */
  constructor(private readonly octetsMax: number) {
    this.values = new Uint8Array(PLACES * octetsMax);
  }

  /** The result remembered with `bytes[start, end)`; -1 if there is none. */
  resultFor(bytes: Uint8Array, start: number, end: number): number {
    if (this.matches(this.recent, bytes, start, end)) return this.results[this.recent]!;
    for (let place = 0; place < PLACES; place++) {
      if (!this.matches(place, bytes, start, end)) continue;
      this.recent = place;
      return this.results[place]!;
    }
    return -1;
  }

  /** Returns `result`. */
  remember(bytes: Uint8Array, start: number, end: number, result: number): number {
    if (end - start > this.octetsMax) return result;
    const place = this.next;
    this.next = (place + 1) % PLACES;
    this.recent = place;
    this.lengths[place] = end - start;
    this.results[place] = result;
    for (let index = 0; index < end - start; index++) {
      this.values[place * this.octetsMax + index] = bytes[start + index]!;
    }
    return result;
  }

  private matches(place: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.lengths[place] !== end - start) return false;
    const { values } = this;
    let index = place * this.octetsMax;
    for (let position = start; position < end; position++) {
      if (bytes[position] !== values[index++]) return false;
    }
    return true;
  }
}
