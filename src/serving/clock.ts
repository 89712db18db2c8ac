/**
 * The worker's time: a monotonic one for durations and deadlines, and the Date field's text (RFC 9110 §6.6.1).
 *
 * Units: milliseconds; `second` counts seconds since 1970.
 * Keeps: the text is made once a second and copied into a head only when it shows another second.
 */
import { formatHttpDate } from "../http/http-date.ts";
import type { EncodedHead } from "../http/response-head.ts";
import { Milliseconds } from "../units.ts";

const DATE_OCTETS = 29;

export class Clock {
  /** Monotonic, as of the last `update`. */
  nowMs = Milliseconds(0);
  private second = 0;
  private nextSecondMs = 0;
  /**
   * What is added to monotonic time to get wall time, to a fraction of a millisecond, so that all workers tell the same; follows
   * changes of the system's clock every second.
   */
  private wallOffsetMs = performance.timeOrigin;
  private readonly date = Buffer.alloc(DATE_OCTETS);
  private readonly expires = Buffer.alloc(DATE_OCTETS);
  private expiresSecond = Number.NaN;

  constructor() {
    this.update();
  }

  /** Reads the clock; once per event is enough. */
  update(): Milliseconds {
    const nowMs = Milliseconds(performance.now());
    this.nowMs = nowMs;
    if (nowMs >= this.nextSecondMs) this.nextSecond(nowMs);
    return nowMs;
  }

  /** Milliseconds since 1970 as of the last `update`. */
  get wallMs(): number {
    return this.nowMs + this.wallOffsetMs;
  }

  /** Writes the current second into a head's Date, and the later time into its Expires. */
  stamp(head: EncodedHead): void {
    if (head.dateSecond === this.second || head.dateOffset < 0) return;
    this.date.copy(head.octets, head.dateOffset);
    head.dateSecond = this.second;
    if (head.expiresOffset >= 0) this.stampExpires(head);
  }

  /** Ranges are stamped each time, mostly of one file or with one rule: the last text is kept. */
  private stampExpires(head: EncodedHead): void {
    const second = this.second + head.expiresSeconds;
    if (second !== this.expiresSecond) {
      this.expires.write(formatHttpDate(second * 1000), "latin1");
      this.expiresSecond = second;
    }
    this.expires.copy(head.octets, head.expiresOffset);
  }

  private nextSecond(nowMs: Milliseconds): void {
    const wallMs = Date.now();
    // Date.now() is truncated: the true offset is up to 1 ms larger. An offset within that range is the more exact one and stays.
    const offsetMs = wallMs - nowMs;
    this.wallOffsetMs = Math.min(Math.max(this.wallOffsetMs, offsetMs), offsetMs + 1);
    this.second = Math.floor(wallMs / 1000);
    this.nextSecondMs = nowMs + 1000 - (wallMs % 1000);
    this.date.write(formatHttpDate(this.second * 1000), "latin1");
  }
}
