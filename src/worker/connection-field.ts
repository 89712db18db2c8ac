/**
 * What a response says about its connection (RFC 9112 §9.3, §9.6) and its request, and how that gets into a head that many
 * responses share.
 *
 * In:    a reply's head, which ends with an empty line and has no Connection field.
 * Out:   the lines to put in place of the empty line, or a copy of the head with them.
 * Units: octets.
 */
import { textOf } from "../http/octets.ts";
import type { FileReply, PartsReply } from "../http/reply.ts";
import type { LoggedRequest } from "../log/logged-request.ts";

export enum ConnectionField {
  /** HTTP/1.1 stays open by default. */
  None,
  Close,
  /** HTTP/1.0 stays open only if the response says so. */
  KeepAlive,
}

/** The field and the empty line behind it, in place of the head's own empty line; null where there is no field. */
export const FIELD_LINE: readonly (Buffer | null)[] = [
  null,
  Buffer.from("Connection: close\r\n\r\n", "latin1"),
  Buffer.from("Connection: keep-alive\r\n\r\n", "latin1"),
];

/** The same, before it the field of the request's identifier (`request_id`). */
export function fieldLinesWithId(field: ConnectionField, { id, idOctets }: LoggedRequest): Buffer {
  const line = field === ConnectionField.None ? "\r\n" : FIELD_LINE[field]!.toString("latin1");
  return Buffer.from(`X-Request-Id: ${textOf(id, 0, idOctets)}\r\n${line}`, "latin1");
}

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

  /** Copies a head to the start of `octets`, with `lines`, if there are any, in place of its empty line; returns how many it has. */
  copy(reply: FileReply | PartsReply, lines: Buffer | null): number {
    const needed = reply.headOctets + (lines === null ? 0 : lines.length) + this.roomBehind;
    if (needed > this.octets.length) this.octets = Buffer.allocUnsafeSlow(needed);
    const { octets } = this;
    if (lines === null) return reply.octets.copy(octets, 0, 0, reply.headOctets);
    const end = reply.octets.copy(octets, 0, 0, reply.headOctets - CRLF_OCTETS);
    return end + lines.copy(octets, end);
  }
}
