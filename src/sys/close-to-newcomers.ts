/**
 * Closing a listening socket to new clients while those whose handshake has begun still come in (socket(7); RFC 9293 §3.10.7).
 *
 * Why:   closing the socket resets every connection that is between its handshake and accept(2), although the client has
 *        seen its handshake succeed. With new SYNs refused, that queue drains first.
 * How:   bound to a network interface that doesn't exist, the socket is not found for a SYN, and the kernel refuses it with a
 *        RST at once, as where nothing listens. A handshake that has begun is found by its own four numbers, and goes on.
 *        Where the kernel doesn't allow that (before Linux 5.7 without CAP_NET_RAW), a filter drops what has neither ACK nor
 *        RST, which is only a client's first SYN: it comes again a second later, and is refused then.
 */
import { ptr } from "bun:ffi";
import { libc } from "./libc.ts";
import { attachProgram, Opcode } from "./socket-filter.ts";

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
const SO_BINDTOIFINDEX = 62;
/** The kernel numbers interfaces from 1, and doesn't ask whether this one is there. */
const NO_INTERFACE = new Int32Array([0x7fffffff]);

/** Of the TCP header, where a socket's filter begins to read. */
const FLAGS_OFFSET = 13;
const ACK_OR_RST = 0x10 | 0x04;
const WHOLE_SEGMENT = 0xffffffff;

/** From now on no handshake begins on this listening socket, for good. False where the kernel doesn't support it. */
export function closeToNewcomers(fd: number): boolean {
  return hideFromNewcomers(fd) || dropNewcomers(fd);
}

function hideFromNewcomers(fd: number): boolean {
  return libc !== null && libc.setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, ptr(NO_INTERFACE), 4) === 0;
}

function dropNewcomers(fd: number): boolean {
  return attachProgram(fd, SO_ATTACH_FILTER, [
    [Opcode.LoadOctet, 0, FLAGS_OFFSET],
    [Opcode.JumpIfAnyBit, 1, ACK_OR_RST],
    [Opcode.Return, 0, WHOLE_SEGMENT],
    [Opcode.Return, 0, 0],
  ]);
}
