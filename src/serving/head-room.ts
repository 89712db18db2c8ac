/**
 * Where the head of a response is put together, and content read behind it: its shared fields, its own, its connection's.
 *
 * Units: octets.
 * Keeps: in use for the length of one call; what has to outlive it is copied.
 */
import type { Reply } from "../http/reply.ts";
import type { Ending } from "./h1-framing-line.ts";

/** Heads are shorter, unless the settings add long fields to them. */
const HEAD_OCTETS_COMMON = 8 * 1024;

const EMPTY_LINE = Buffer.from("\r\n", "latin1");

export class HeadRoom {
  octets: Buffer;

  /** `roomBehind`: octets of content that fit behind any head. */
  constructor(private readonly roomBehind: number) {
    this.octets = Buffer.allocUnsafeSlow(roomBehind + HEAD_OCTETS_COMMON);
  }

  /** Puts a reply's whole head at the start of `octets`, with `ending`, if there is one, in place of its empty line; returns how many they are. */
  put({ head, lines }: Reply, ending: Ending | null): number {
    const behind = ending === null ? EMPTY_LINE : ending.octets;
    const needed = head.fieldsOctetsMax + (lines?.h1.length ?? 0) + behind.length + this.roomBehind;
    if (needed > this.octets.length) this.octets = Buffer.allocUnsafeSlow(needed);
    const { octets } = this;
    let end = head.put(octets);
    if (lines !== null) end += lines.h1.copy(octets, end);
    return end + behind.copy(octets, end);
  }
}
