/**
 * Flow control (RFC 9113 §5.2, §6.9): how much may be sent, and how much the other end may send.
 *
 *   SendWindow      grows with WINDOW_UPDATE and SETTINGS, shrinks with DATA sent; may go below zero (§6.9.2)
 *   ReceiveWindow   shrinks with DATA received; what has been dealt with is given back in steps
 *
 * Units: octets of DATA payload, padding included.
 */
import { INITIAL_WINDOW_OCTETS, WINDOW_OCTETS_MAX } from "./settings.ts";

export class SendWindow {
  octets: number = INITIAL_WINDOW_OCTETS;

  /** A stream, or a connection, begins. */
  begin(octets: number): void {
    this.octets = octets;
  }

  /** `count` octets are sent. */
  take(count: number): void {
    this.octets -= count;
  }

  /** The other end lets `increment` more be sent, or, below zero, fewer. False: no window may be so large (§6.9.1). */
  grow(increment: number): boolean {
    if (this.octets + increment > WINDOW_OCTETS_MAX) return false;
    this.octets += increment;
    return true;
  }
}

/** The share of a window that is given back at a time: half of it, so that the sender never waits for the rest. */
const STEPS = 2;

export class ReceiveWindow {
  /** What the other end may still send. */
  private left: number = INITIAL_WINDOW_OCTETS;
  /** What it may have under way at a time. */
  private size: number = INITIAL_WINDOW_OCTETS;
  /** Dealt with, and not given back yet. */
  private due = 0;

  /** Whether it is larger than it was at first. */
  get isWide(): boolean {
    return this.size > INITIAL_WINDOW_OCTETS;
  }

  /** `count` octets have come. False: more than was allowed. */
  receive(count: number): boolean {
    this.left -= count;
    return this.left >= 0;
  }

  /** The window is to be `octets` larger. */
  widen(octets: number): void {
    this.size += octets;
    this.due += octets;
  }

  /** `count` octets have been dealt with. */
  release(count: number): void {
    this.due += count;
  }

  /** What is to be told the other end now (WINDOW_UPDATE); 0: nothing yet. */
  takeIncrement(): number {
    const { due } = this;
    if (due * STEPS < this.size) return 0;
    this.due = 0;
    this.left += due;
    return due;
  }
}
