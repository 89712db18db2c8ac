/**
 * Closing a listening socket to new clients while those whose handshake has begun still come in (socket(7),
 * SO_ATTACH_FILTER; RFC 9293 §3.1 for the flags).
 *
 * Why:   closing the socket resets every connection that is between its handshake and accept(2), although the client has
 *        seen its handshake succeed. With new SYNs dropped for a moment, that queue drains first.
 * How:   a filter that lets no segment through that has neither ACK nor RST, which is only a client's first SYN. The
 *        client tries again a second later, and is refused then. Accepted connections inherit the filter; none of their
 *        segments is a first SYN.
 */
import { attachProgram, Opcode } from "./socket-filter.ts";

const SO_ATTACH_FILTER = 26;
/** Of the TCP header, where a socket's filter begins to read. */
const FLAGS_OFFSET = 13;
const ACK_OR_RST = 0x10 | 0x04;
const WHOLE_SEGMENT = 0xffffffff;

/** From now on no handshake begins on this listening socket. False where the kernel doesn't support it. */
export function closeToNewcomers(fd: number): boolean {
  return attachProgram(fd, SO_ATTACH_FILTER, [
    [Opcode.LoadOctet, 0, FLAGS_OFFSET],
    [Opcode.JumpIfAnyBit, 1, ACK_OR_RST],
    [Opcode.Return, 0, WHOLE_SEGMENT],
    [Opcode.Return, 0, 0],
  ]);
}
