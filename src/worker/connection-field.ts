/**
 * What a response says about its connection (RFC 9112 §9.3, §9.6), and how that gets into a head that many responses share.
 *
 * In:    a reply's head, which ends with an empty line and has no Connection field.
 * Out:   the line to put in place of the empty line, or a copy of the head with it.
 * Units: octets.
 */
import type { FileReply, PartsReply } from "../http/reply.ts";

export enum ConnectionField {
  /** HTTP/1.1 stays open by default. */
  None,
  Close,
  /** HTTP/1.0 stays open only if the response says so. */
  KeepAlive,
}

/** The field and the empty line behind it, in place of the head's own empty line. */
export const FIELD_LINE: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from("Connection: close\r\n\r\n", "latin1"),
  Buffer.from("Connection: keep-alive\r\n\r\n", "latin1"),
];

/** The empty line. */
export const CRLF_OCTETS = 2;

/** Heads are shorter, unless the settings add long fields to them. */
const HEAD_OCTETS_COMMON = 8 * 1024;

/** Where a head is put together with its Connection field, and content behind it; in use for the length of one call. */
export class HeadRoom {
  octets: Buffer;

  /** `roomBehind`: octets of content that fit behind any head. */
  constructor(private readonly roomBehind: number) {
    this.octets = Buffer.allocUnsafeSlow(roomBehind + HEAD_OCTETS_COMMON);
  }

  /** Copies a head with its Connection field to the start of `octets`; returns how many they are. */
  copy(reply: FileReply | PartsReply, field: ConnectionField): number {
    const line = FIELD_LINE[field]!;
    const needed = reply.headOctets + line.length + this.roomBehind;
    if (needed > this.octets.length) this.octets = Buffer.allocUnsafeSlow(needed);
    const { octets } = this;
    if (field === ConnectionField.None) return reply.octets.copy(octets, 0, 0, reply.headOctets);
    const end = reply.octets.copy(octets, 0, 0, reply.headOctets - CRLF_OCTETS);
    return end + line.copy(octets, end);
  }
}
