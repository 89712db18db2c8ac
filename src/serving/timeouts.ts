/**
 * How long clients may take, and what measures it: the same for connections of every version (h1-deadline.ts, h2-deadline.ts).
 *
 * Units: seconds; octets per second.
 */
import type { TimerWheel } from "../socket/timer-wheel.ts";
import type { WaitingList } from "../socket/waiting-list.ts";
import { Seconds } from "../units.ts";
import type { Clock } from "./clock.ts";
import type { KeepAlive } from "./keep-alive.ts";

/** How long a closed connection's client may go on sending before it is cut off (RFC 9112 §9.6 says why). */
export const LINGER_SECONDS = Seconds(5);

export interface Timeouts {
  readonly headSeconds: Seconds;
  readonly contentSeconds: Seconds;
  /** Octets of content per second that a client must send; 0: any. */
  readonly receiveRateMin: number;
  /** How long a client may take nothing, or the period over which its rate is measured. */
  readonly writeSeconds: Seconds;
  /** Octets per second that a client must take; 0: no limit. */
  readonly sendRateMin: number;
  /** By how much accept(2) was deferred for a client that said nothing. */
  readonly deferSeconds: Seconds;
}

/** What the deadline of a connection is made of. */
export interface DeadlineParts {
  readonly clock: Clock;
  readonly wheel: TimerWheel;
  /** Answered, and waiting for the next request. */
  readonly keptAlive: WaitingList;
  /** Accepted, and nothing received yet. */
  readonly silent: WaitingList;
  readonly timeouts: Timeouts;
  readonly keepAlive: KeepAlive;
  readonly counters: Float64Array;
}
