/**
 * How much the kernel may hold, beyond what it has sent, of a connection that responses share: as much as leaves within some
 * milliseconds. More, and a small response would wait behind it; less, and the server is called again and again for a little.
 *
 * Whenever the kernel takes no more, as much has left since it last took no more as it has taken in between: that is the client's speed.
 *
 * In:    octets that the kernel has taken; when it takes no more. Out: the limit, and that it has changed.
 * Units: octets, milliseconds of any clock.
 * Keeps: pure. It begins with the least, and goes by factors of two; a client must be twice as fast as it needs for the next one, so that
 *        it doesn't go to and fro.
 */
const UNSENT_OCTETS_MIN = 128 * 1024;
const UNSENT_OCTETS_MAX = 1024 * 1024;

/** What the kernel holds is to leave within about this time. */
const SPAN_MS = 16;

export class UnsentLimit {
  octets = UNSENT_OCTETS_MIN;
  /** Taken since `fullMs`, when it took no more; NaN: that hasn't been yet. */
  private taken = 0;
  private fullMs = Number.NaN;

  take(octets: number): void {
    this.taken += octets;
  }

  /** The kernel takes no more. True: the limit is another from now on. */
  full(nowMs: number): boolean {
    const octetsInSpan = (this.taken / (nowMs - this.fullMs)) * SPAN_MS;
    const former = this.octets;
    if (octetsInSpan >= 2 * former) this.octets = Math.min(2 * former, UNSENT_OCTETS_MAX);
    else if (octetsInSpan < former) this.octets = Math.max(former / 2, UNSENT_OCTETS_MIN);
    // What another limit lets in, or keeps out, isn't the client's speed.
    this.taken = former - this.octets;
    this.fullMs = nowMs;
    return this.octets !== former;
  }
}
