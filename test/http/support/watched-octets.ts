/**
 * Octets that record how they are read: the number of reads and the highest offset.
 *
 * A typed array behind a Proxy: slow, and seen through only by element reads, which is all a parser does.
 */

export class WatchedOctets {
  reads = 0;
  highest = -1;
  /** To be given to the parser. */
  readonly bytes: Uint8Array;

  constructor(source: Uint8Array) {
    this.bytes = new Proxy(source, {
      get: (target, key) => {
        if (typeof key === "string" && /^\d+$/.test(key)) {
          const offset = Number(key);
          this.reads++;
          if (offset > this.highest) this.highest = offset;
          return target[offset];
        }
        return Reflect.get(target, key, target);
      },
    });
  }
}
