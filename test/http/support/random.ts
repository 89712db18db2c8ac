/** Reproducible randomness: the same seed gives the same cases; print the seed when one fails. */

export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 32 random bits (mulberry32). */
  bits(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** Integer in 0..count-1. */
  below(count: number): number {
    return this.bits() % count;
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** Text of `octets` characters out of `alphabet`. */
  text(alphabet: string, octets: number): string {
    let text = "";
    for (let index = 0; index < octets; index++) text += alphabet[this.below(alphabet.length)];
    return text;
  }
}
