/**
 * Whether a client that is slow to take what was sent takes it at all, and fast enough.
 *
 * The event loop reports only that a third of a socket's buffer has become free, for which a slow client may need longer than
 * it may be idle. So what the other end has acknowledged is compared, over periods that begin with `note`.
 *
 * Units: octets; milliseconds of the monotonic clock; octets per second.
 */
import type { Link } from "./link.ts";
import { Milliseconds } from "../units.ts";

export class Progress {
  private sinceMs = Milliseconds(0);
  private octets = 0;

  /** What the client receives is counted from here on. */
  note(link: Link, nowMs: Milliseconds): void {
    this.sinceMs = nowMs;
    this.octets = link.acknowledgedOctets();
  }

  /** Whether it has received anything, and `rateMin` octets a second, since the last call or note. False where that can't be known. */
  keepsUp(link: Link, nowMs: Milliseconds, rateMin: number): boolean {
    const { octets, sinceMs } = this;
    this.note(link, nowMs);
    const wanted = (rateMin * (nowMs - sinceMs)) / 1000;
    return octets >= 0 && this.octets - octets >= Math.max(wanted, 1);
  }
}
