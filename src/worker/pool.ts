/**
 * Objects that are used again instead of made anew: exchanges, transfers, connections.
 *
 * Keeps: at most `sizeMax` idle objects, so that a burst doesn't hold its memory for ever. Who releases an object has
 *        cleared from it what it refers to.
 */
export class Pool<T> {
  private readonly idle: T[] = [];

  constructor(
    private readonly make: () => T,
    private readonly sizeMax: number,
  ) {}

  acquire(): T {
    return this.idle.pop() ?? this.make();
  }

  release(object: T): void {
    if (this.idle.length < this.sizeMax) this.idle.push(object);
  }
}
