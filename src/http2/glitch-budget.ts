/**
 * How much misuse a connection may cost: one budget that everything draws on which makes work and asks for nothing.
 *
 * Each such frame is legal by itself (RFC 9113 §10.5 leaves it to the server to say what is too much): a stream that is reset, whoever
 * resets it, a field section that is too large, empty frames, SETTINGS, PING, priorities, windows that open by next to nothing.
 * Requests that are answered pay it back, so does time; an honest client never comes near the end, and one that does gets
 * ENHANCE_YOUR_CALM.
 *
 * Keeps: a request and its reset are a draw, however quickly it was answered: what it paid back is taken again, and a point more.
 *
 * Units: points, of which POINTS_MAX are there at first; seconds of any clock.
 */
export enum Glitch {
  /** The client reset a stream whose response wasn't done (CVE-2023-44487). */
  Reset,
  /** It reset one whose response was done: it asked for what it didn't want. */
  LateReset,
  /** It did what makes the server reset a stream (CVE-2025-8671). */
  ProvokedReset,
  /** A field section beyond the limit, which is decoded all the same. */
  LargeFieldSection,
  /** SETTINGS, which has to be acknowledged. */
  Settings,
  Ping,
  /** DATA without an octet of content, and without an end. */
  EmptyData,
  /** PRIORITY, PRIORITY_UPDATE. */
  Priority,
  /** A window that opens by less than WINDOW_INCREMENT_MIN. */
  SmallIncrement,
  /** A part of a field block after its first. */
  Continuation,
  /** A frame for a stream that is closed. */
  ClosedStream,
  /** A frame of an unknown type. */
  Unknown,
}

/** A window that opens by less, again and again, isn't what flow control is for. */
export const WINDOW_INCREMENT_MIN = 1024;

/** What a response that was sent whole pays back, and a DATA frame of one. */
const REQUEST_POINTS = 10;
const DATA_POINTS = 1;

const COST: Readonly<Record<Glitch, number>> = {
  [Glitch.Reset]: 10,
  [Glitch.LateReset]: REQUEST_POINTS + 1,
  [Glitch.ProvokedReset]: 10,
  [Glitch.LargeFieldSection]: REQUEST_POINTS + 30,
  [Glitch.Settings]: 10,
  [Glitch.Ping]: 1,
  [Glitch.EmptyData]: 1,
  [Glitch.Priority]: 1,
  [Glitch.SmallIncrement]: 1,
  [Glitch.Continuation]: 5,
  [Glitch.ClosedStream]: 1,
  [Glitch.Unknown]: 1,
};

/** A hundred resets in a row, a thousand PINGs or requests that were answered before their reset, or 33 that were too large. */
export const POINTS_MAX = 1000;

/** What a second pays back: a client that keeps its connection for days with PINGs is no attacker. */
const POINTS_PER_SECOND = 10;

export class GlitchBudget {
  private left = POINTS_MAX;

  /** `second`: when the connection began. */
  constructor(private paidUntil: number) {}

  /** A glitch, in `second`. False: that was too much. */
  draw(glitch: Glitch, second: number): boolean {
    if (second > this.paidUntil) {
      this.repay((second - this.paidUntil) * POINTS_PER_SECOND);
      this.paidUntil = second;
    }
    this.left -= COST[glitch];
    return this.left >= 0;
  }

  requestAnswered(): void {
    this.repay(REQUEST_POINTS);
  }

  dataSent(): void {
    this.repay(DATA_POINTS);
  }

  private repay(points: number): void {
    this.left = Math.min(POINTS_MAX, this.left + points);
  }
}
