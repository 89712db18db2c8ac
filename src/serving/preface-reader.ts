/**
 * Tells HTTP/2 by prior knowledge from HTTP/1.1: a client that speaks it begins with the connection preface (RFC 9113 §3.4), in any pieces.
 *
 * In:    the first octets of a connection, as they come.
 * Out:   `PrefaceMatch`; what came in pieces, put together again for whoever reads on.
 * Units: octets.
 */
import { PREFACE } from "../http2/frame.ts";

export enum PrefaceMatch {
  /** So far it may be one. */
  Partial,
  Whole,
  /** It is something else. */
  None,
}

export class PrefaceReader {
  /** How much of it had come before the present octets, and with them. */
  private before = 0;
  private matched = 0;

  begin(): void {
    this.before = 0;
    this.matched = 0;
  }

  /** Compares `octets[offset, …)` with what is still to come of it. */
  read(octets: Buffer, offset: number): PrefaceMatch {
    const before = this.matched;
    let next = offset;
    while (next < octets.length && octets[next] === PREFACE[before + next - offset]) next++;
    this.before = before;
    this.matched = before + next - offset;
    if (this.matched === PREFACE.length) return PrefaceMatch.Whole;
    return next === octets.length ? PrefaceMatch.Partial : PrefaceMatch.None;
  }

  /** Everything that has come, the last of it `octets[offset, …)`. */
  joined(octets: Buffer, offset: number): Buffer {
    return Buffer.concat([PREFACE.subarray(0, this.before), octets.subarray(offset)]);
  }

  /** Whether something came before the present octets. */
  get isInPieces(): boolean {
    return this.before > 0;
  }
}
