/**
 * Until when a connection may stay in its state (h1-life.ts), and its place in the lists of those that wait.
 *
 *   first request   `header_timeout_seconds` after it was accepted      ends with a close
 *   next request    `keepalive_timeout_seconds`                         a close
 *   head            `header_timeout_seconds`, however it trickles in    408
 *   content         `timeout_seconds`, again and again while it comes at `min_receive_rate`   408
 *   client          `timeout_seconds`, or a period over which it takes `min_send_rate`        a reset
 *   application     none: it answers in its own time
 *   goodbye         LINGER_SECONDS, again and again while the client takes the rest           a close
 *
 * Units: seconds, to the second (socket/timer-wheel.ts).
 * Keeps: every open connection has a deadline. A deadline that only moves later is a store.
 */
import type { Link } from "../socket/link.ts";
import { Progress } from "../socket/progress.ts";
import type { Timed } from "../socket/timer-wheel.ts";
import type { Waiter, WaitingList } from "../socket/waiting-list.ts";
import { Counter } from "../stats/layout.ts";
import { type H1Life, Wait } from "./h1-life.ts";
import { type DeadlineParts, LINGER_SECONDS } from "./timeouts.ts";
import { Seconds, WheelSecond } from "../units.ts";

/** The connection, when its time is up. */
export interface H1DeadlineOwner {
  /** A request isn't whole in time. */
  late(): void;
  close(): void;
  abort(): void;
  giveWay(): void;
  fail(error: unknown): void;
  /** Takes the count of content that has come since it was last taken. */
  takeContentReceived(): number;
}

export class H1Deadline implements Timed, Waiter {
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
  private readonly progress = new Progress();

  constructor(
    private readonly parts: DeadlineParts,
    private readonly link: Link,
    private readonly life: H1Life,
    private readonly owner: H1DeadlineOwner,
  ) {}

  /** A client has connected. */
  begin(): void {
    const { silent, timeouts, wheel } = this.parts;
    this.armed = Wait.FirstRequest;
    silent.add(this, wheel.tick);
    // A client that is still silent when it is handed over has mostly been silent for a while (deferred accept).
    this.set(Seconds(Math.max(0, timeouts.headSeconds - timeouts.deferSeconds)));
  }

  /** The link is gone, or somebody else's. */
  end(): void {
    this.parts.wheel.remove(this);
    this.waitingList?.remove(this);
  }

  /** A request was answered: the next wait begins anew, even for the same. */
  restart(): void {
    this.armed = Wait.Nothing;
  }

  /** The next request is waited for. */
  awaitRequest(): void {
    const { keepAlive, keptAlive, wheel } = this.parts;
    this.armed = Wait.NextRequest;
    wheel.setDeadline(this, keepAlive.idleSeconds);
    keptAlive.add(this, wheel.tick);
  }

  /** Sets the deadline of what is waited for now. */
  settle(): void {
    const { timeouts } = this.parts;
    const { wait } = this.life;
    if (wait === Wait.NextRequest) return this.awaitRequest();
    if (wait === Wait.FirstRequest) return; // runs from the start
    this.waitingList?.remove(this);
    const isNew = wait !== this.armed;
    this.armed = wait;
    switch (wait) {
      case Wait.Head:
        return isNew ? this.set(timeouts.headSeconds) : undefined;
      case Wait.Content:
        if (isNew) this.owner.takeContentReceived();
        return isNew ? this.set(timeouts.contentSeconds) : undefined;
      case Wait.Client:
        // A rate is measured over periods that begin with the wait.
        return isNew || timeouts.sendRateMin === 0 ? this.awaitClient(timeouts.writeSeconds) : undefined;
      case Wait.Application:
        return this.set(timeouts.contentSeconds);
      case Wait.Goodbye:
        return isNew ? this.awaitClient(LINGER_SECONDS) : undefined;
      default:
        throw new Error(`no deadline in ${this.life.name}`);
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
    const { clock, counters, timeouts } = this.parts;
    const { link, progress } = this;
    switch (this.armed) {
      case Wait.FirstRequest:
        if (this.wasAcceptedEarly()) return this.set(Seconds(timeouts.deferSeconds - 1));
        counters[Counter.TimeoutsHeader]! += 1;
        return this.owner.close();
      case Wait.NextRequest:
        counters[Counter.TimeoutsKeepalive]! += 1;
        return this.owner.close();
      case Wait.Head:
        counters[Counter.TimeoutsHeader]! += 1;
        return this.owner.late();
      case Wait.Content: {
        const wanted = Math.max(1, timeouts.receiveRateMin * timeouts.contentSeconds);
        if (this.owner.takeContentReceived() >= wanted) return this.set(timeouts.contentSeconds);
        counters[Counter.TimeoutsIdle]! += 1;
        return this.owner.late();
      }
      case Wait.Client:
        if (progress.keepsUp(link, clock.nowMs, timeouts.sendRateMin)) return this.set(timeouts.writeSeconds);
        counters[timeouts.sendRateMin > 0 ? Counter.TimeoutsSendRate : Counter.TimeoutsIdle]! += 1;
        return this.owner.abort();
      case Wait.Application: // answers in its own time
        return this.set(timeouts.contentSeconds);
      case Wait.Goodbye:
        if (progress.keepsUp(link, clock.nowMs, timeouts.sendRateMin) && link.unacknowledgedOctets() > 0) {
          return this.set(LINGER_SECONDS);
        }
        return this.owner.close(); // not `abort`: what the kernel holds may still arrive
      default:
        throw new Error(`a deadline for nothing, in ${this.life.name}`);
    }
  }

  private set(seconds: Seconds): void {
    this.parts.wheel.setDeadline(this, seconds);
  }

  private awaitClient(seconds: Seconds): void {
    this.progress.note(this.link, this.parts.clock.nowMs);
    this.set(seconds);
  }

  /**
   * A silent client that was handed over at once, as in a flood of them (SYN cookies), is owed the time by which its
   * deadline was brought forward. For connections whose accept(2) was deferred the kernel has retransmitted its SYN-ACK.
   */
  private wasAcceptedEarly(): boolean {
    const { timeouts, wheel } = this.parts;
    const seconds = wheel.tick - this.waitingSince; // 1 perhaps a moment after it came: a tick lay in between
    return seconds <= Math.ceil(timeouts.headSeconds) && this.link.retransmittedSegments() === 0;
  }
}
