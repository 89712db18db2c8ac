/**
 * Objects that are reused instead of allocated: exchanges, transfers, connections.
 *
 * Keeps: at most `sizeMax` idle objects, so that a burst doesn't hold its memory forever. The caller clears
 *        an object's references before releasing it.
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
