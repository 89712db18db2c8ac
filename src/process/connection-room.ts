/**
 * How many connections a worker has room for, and which of them makes room for one more.
 *
 *   1 room         fewer than `max_connections`, and descriptors left for it
 *   2 makes room   the connection that has waited longest for its next request (RFC 9112 §9.5 lets it be closed at any time)
 *   3 makes room   one that has been silent since it was accepted, for SILENT_SECONDS at least
 *   4 none         all are busy: the answer is 503 and a close
 *
 * In:    `max_connections`, the limit of descriptors of this process.
 * Units: connections; descriptors.
 * Keeps: connections never exhaust the descriptors: the event loop's accept would then fail forever without taking the
 *        connection off the backlog, and spin. So connections stay below the limit by what files, logs and the goodbye to
 *        refused clients need.
 */
import { countOpenFiles, openFilesMax, reservedDescriptors } from "../cache/open-file.ts";
import { type Waiter, WaitingList } from "../socket/waiting-list.ts";
import type { WheelSecond } from "../units.ts";

/** Refused clients that are given time to read why, as a share of reservedDescriptors and at most; more are cut off at once. */
const GOODBYES_SHARE = 1 / 2;
const GOODBYES_MAX = 64;

/** Connections allowed beyond `max_connections` while their PROXY protocol header has yet to name the client; a burst. */
const UNKNOWN_MAX = 1024;

/** A connection that is younger is never closed for being silent. */
const SILENT_SECONDS = 2;

/** A server needs at least this many connections, whatever the limit of descriptors. */
const CONNECTIONS_MIN = 16;

export class ConnectionRoom {
  /** Answered, and waiting for the next request. */
  readonly keptAlive: WaitingList = new WaitingList();
  /** Accepted, and nothing received yet. */
  readonly silent: WaitingList = new WaitingList();
  /** `max_connections`, or what the limit of descriptors leaves of it. */
  readonly connectionsMax: number;
  private readonly descriptorsMax: number;
  private readonly goodbyesMax: number;

  /** `descriptorLimit`: of this process; Infinity or NaN when there is none or it isn't known. */
  constructor(settingMax: number, descriptorLimit: number) {
    const limit = Number.isNaN(descriptorLimit) ? Infinity : descriptorLimit;
    const reserved = reservedDescriptors(limit);
    this.descriptorsMax = limit - reserved;
    this.goodbyesMax = Math.min(GOODBYES_MAX, Math.floor(reserved * GOODBYES_SHARE));
    const room = this.descriptorsMax - openFilesMax(descriptorLimit);
    this.connectionsMax = Math.min(settingMax, Math.max(CONNECTIONS_MIN, room));
  }

  /** Whether `count` connections are not too many. */
  holds(count: number): boolean {
    return count <= this.connectionsMax && count + countOpenFiles() <= this.descriptorsMax;
  }

  /** The same while the client of the last one isn't known yet. */
  holdsUnknown(count: number): boolean {
    return count <= this.connectionsMax + UNKNOWN_MAX && count + countOpenFiles() <= this.descriptorsMax;
  }

  /** Whether a client that is refused, as number `count`, can be given time to read the refusal. */
  allowsGoodbye(count: number): boolean {
    return count <= Math.min(this.connectionsMax, this.descriptorsMax - countOpenFiles()) + this.goodbyesMax;
  }

  /** Takes the connection that gives way off its list; null when there is none. `second`: now. */
  takeLongestWaiting(second: WheelSecond): Waiter | null {
    const { oldest } = this.silent;
    const silent = oldest !== null && second - oldest.waitingSince > SILENT_SECONDS ? oldest : null;
    const waiter: Waiter | null = this.keptAlive.oldest ?? silent;
    waiter?.waitingList!.remove(waiter);
    return waiter;
  }
}
