/**
 * Until when an HTTP/2 connection may stay as it is (h2-life.ts), and its place in the lists of those that wait. What its streams wait
 * for is theirs (h2-stream-deadline.ts).
 *
 *   preface        `header_timeout_seconds` after it was accepted                                       ends with a close
 *   next request   `keepalive_timeout_seconds`                                                          GOAWAY, a close
 *   head           `header_timeout_seconds`, however its field block trickles in                        GOAWAY, a close
 *   client         `timeout_seconds`, or a period over which it takes `min_send_rate`                   a reset
 *   announcement   ANNOUNCEMENT_SECONDS                                                                 GOAWAY with the last stream
 *   goodbye        LINGER_SECONDS, again and again while the client takes the rest                      a close
 *   SETTINGS       `header_timeout_seconds` until ours are acknowledged, whatever else goes on          SETTINGS_TIMEOUT
 *
 * Units: seconds, to the second (socket/timer-wheel.ts).
 * Keeps: every open connection has a deadline. A deadline that only moves later is a store.
 */
import type { Link } from "../socket/link.ts";
import { Progress } from "../socket/progress.ts";
import type { Timed } from "../socket/timer-wheel.ts";
import type { Waiter, WaitingList } from "../socket/waiting-list.ts";
import { Counter } from "../stats/layout.ts";
import { Seconds, WheelSecond } from "../units.ts";
import { Wait } from "./h2-life.ts";
import { type DeadlineParts, LINGER_SECONDS } from "./timeouts.ts";

/** Within this time a client should have heard that the server leaves, and said so. */
const ANNOUNCEMENT_SECONDS = Seconds(1);

/** The connection, when its time is up. */
export interface H2DeadlineOwner {
  /** It has been idle for long enough. */
  idle(): void;
  /** A field block isn't whole in time. */
  headLate(): void;
  /** The client may not have heard that the server leaves, and isn't waited for. */
  announcementHeard(): void;
  /** Our SETTINGS weren't acknowledged. */
  unacknowledged(): void;
  close(): void;
  abort(): void;
  giveWay(): void;
  fail(error: unknown): void;
}

export class H2Deadline implements Timed, Waiter {
  deadline = WheelSecond(0);
  scheduled = -1;
  wheelNext: Timed | null = null;
  wheelPrevious: Timed | null = null;
  waitingList: WaitingList | null = null;
  waitingSince = WheelSecond(0);
  waitingNext: Waiter | null = null;
  waitingPrevious: Waiter | null = null;
  /** What the deadline that runs is for. */
  private armed = Wait.Nothing;
  private progress: Progress | null = null;
  private acknowledgement: Acknowledgement | null;

  constructor(
    private readonly parts: DeadlineParts,
    private readonly link: Link,
    private readonly owner: H2DeadlineOwner,
  ) {
    const { silent, timeouts, wheel } = parts;
    this.acknowledgement = new Acknowledgement(owner);
    wheel.setDeadline(this.acknowledgement, timeouts.headSeconds);
    this.armed = Wait.Preface;
    silent.add(this, wheel.tick);
    this.set(timeouts.headSeconds);
  }

  /** The client has acknowledged our SETTINGS. */
  acknowledged(): void {
    if (this.acknowledgement !== null) this.parts.wheel.remove(this.acknowledgement);
    this.acknowledgement = null;
  }

  /** The link is gone. */
  end(): void {
    this.parts.wheel.remove(this);
    this.waitingList?.remove(this);
    this.acknowledged();
  }

  /** Sets the deadline of what is waited for now. */
  settle(wait: Wait): void {
    const { keepAlive, keptAlive, timeouts, wheel } = this.parts;
    if (wait === Wait.NextRequest) {
      this.armed = wait;
      wheel.setDeadline(this, keepAlive.idleSeconds);
      keptAlive.add(this, wheel.tick);
      return;
    }
    if (wait === Wait.Preface) return; // runs from the start
    this.waitingList?.remove(this);
    const isNew = wait !== this.armed;
    this.armed = wait;
    switch (wait) {
      case Wait.Head:
        return isNew ? this.set(timeouts.headSeconds) : undefined;
      case Wait.Client:
        // A rate is measured over periods that begin with the wait.
        return isNew || timeouts.sendRateMin === 0 ? this.awaitClient(timeouts.writeSeconds) : undefined;
      case Wait.Streams:
        return this.set(timeouts.contentSeconds);
      case Wait.Announcement:
        return isNew ? this.set(ANNOUNCEMENT_SECONDS) : undefined;
      case Wait.Goodbye:
        return isNew ? this.awaitClient(LINGER_SECONDS) : undefined;
      default:
        throw new Error(`no deadline for ${Wait[wait]}`);
    }
  }

  /** The server is going away: what is waited for now may take `seconds` more. */
  hasten(seconds: Seconds): void {
    this.set(seconds);
  }

  giveWay(): void {
    this.owner.giveWay();
  }

  expired(): void {
    try {
      this.expire();
    } catch (error) {
      this.owner.fail(error);
    }
  }

  private expire(): void {
    const { counters, timeouts } = this.parts;
    switch (this.armed) {
      case Wait.Preface:
        counters[Counter.TimeoutsHeader]! += 1;
        return this.owner.close();
      case Wait.NextRequest:
        counters[Counter.TimeoutsKeepalive]! += 1;
        return this.owner.idle();
      case Wait.Head:
        counters[Counter.TimeoutsHeader]! += 1;
        return this.owner.headLate();
      case Wait.Client:
        if (this.keepsUp()) return this.set(timeouts.writeSeconds);
        counters[timeouts.sendRateMin > 0 ? Counter.TimeoutsSendRate : Counter.TimeoutsIdle]! += 1;
        return this.owner.abort();
      case Wait.Streams: // they have deadlines of their own
        return this.set(timeouts.contentSeconds);
      case Wait.Announcement:
        return this.owner.announcementHeard();
      case Wait.Goodbye:
        if (this.keepsUp() && this.link.unacknowledgedOctets() > 0) return this.set(LINGER_SECONDS);
        return this.owner.close(); // not `abort`: what the kernel holds may still arrive
      default:
        throw new Error(`a deadline for ${Wait[this.armed]}`);
    }
  }

  private set(seconds: Seconds): void {
    this.parts.wheel.setDeadline(this, seconds);
  }

  private awaitClient(seconds: Seconds): void {
    this.progress ??= new Progress();
    this.progress.note(this.link, this.parts.clock.nowMs);
    this.set(seconds);
  }

  private keepsUp(): boolean {
    const { clock, timeouts } = this.parts;
    return this.progress!.keepsUp(this.link, clock.nowMs, timeouts.sendRateMin);
  }
}

/** Until when our SETTINGS are to be acknowledged (RFC 9113 §6.5.3). */
class Acknowledgement implements Timed {
  deadline = WheelSecond(0);
  scheduled = -1;
  wheelNext: Timed | null = null;
  wheelPrevious: Timed | null = null;

  constructor(private readonly owner: Pick<H2DeadlineOwner, "unacknowledged" | "fail">) {}

  expired(): void {
    try {
      this.owner.unacknowledged();
    } catch (error) {
      this.owner.fail(error);
    }
  }
}
