/**
 * How long a stream may wait for its client, while the connection goes on with others.
 *
 *   content    `timeout_seconds`, again and again while it comes at `min_receive_rate`      ends with 408, or a reset
 *   window     the same while the client takes `min_send_rate`, where its windows let nothing be sent      a reset
 *   application, and a client that doesn't read: not the stream's matter
 *
 * Units: seconds, to the second (socket/timer-wheel.ts).
 * Keeps: measured over whole periods: one that is running isn't begun anew, so a client can't buy time with an octet.
 */
import type { Timed, TimerWheel } from "../socket/timer-wheel.ts";
import { type Seconds, WheelSecond } from "../units.ts";

/** What a stream may wait for. */
export enum StreamWait {
  None,
  Content,
  Window,
}

export interface H2StreamDeadlineParts {
  readonly wheel: TimerWheel;
  readonly timeouts: {
    readonly contentSeconds: Seconds;
    readonly receiveRateMin: number;
    readonly sendRateMin: number;
  };
}

/** The stream, when its time is up. */
export interface H2StreamDeadlineOwner {
  /** What it waits for now. */
  readonly wait: StreamWait;
  /** Octets that it has moved so far in the direction it waits for. */
  readonly octetsMoved: number;
  late(wait: StreamWait): void;
}

export class H2StreamDeadline implements Timed {
  deadline = WheelSecond(0);
  scheduled = -1;
  wheelNext: Timed | null = null;
  wheelPrevious: Timed | null = null;
  private armed = StreamWait.None;
  private octetsBefore = 0;

  constructor(
    private readonly parts: H2StreamDeadlineParts,
    private readonly owner: H2StreamDeadlineOwner,
  ) {}

  /** What the stream waits for may have changed. */
  settle(): void {
    const { wait } = this.owner;
    if (wait !== StreamWait.None && wait !== this.armed) this.begin(wait);
  }

  /** The stream is closed. */
  end(): void {
    this.armed = StreamWait.None;
    this.parts.wheel.remove(this);
  }

  expired(): void {
    const { armed, owner } = this;
    this.armed = StreamWait.None;
    if (owner.wait !== armed) return this.settle();
    if (owner.octetsMoved - this.octetsBefore >= this.octetsWanted(armed)) return this.begin(armed);
    owner.late(armed);
  }

  private begin(wait: StreamWait): void {
    this.armed = wait;
    this.octetsBefore = this.owner.octetsMoved;
    this.parts.wheel.setDeadline(this, this.parts.timeouts.contentSeconds);
  }

  private octetsWanted(wait: StreamWait): number {
    const { contentSeconds, receiveRateMin, sendRateMin } = this.parts.timeouts;
    const rate = wait === StreamWait.Content ? receiveRateMin : sendRateMin;
    return Math.max(1, rate * contentSeconds);
  }
}
