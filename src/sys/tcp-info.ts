/**
 * What the kernel knows about a connection, or a listening socket (TCP_INFO, man 7 tcp; struct tcp_info in linux/tcp.h).
 *
 * In:    the descriptor of the socket.
 * Out:   numbers, or `-errno`; `-ENOSYS` without FFI.
 * Keeps: never throws, never allocates; one system call of 0.3 us each.
 */
import { ptr } from "bun:ffi";
import { Errno } from "./errno.ts";
import { errno, libc } from "./libc.ts";

const IPPROTO_TCP = 6;
const TCP_INFO = 11;

/** 32-bit words of the structure: `tcpi_unacked`, `tcpi_total_retrans`, and the two of `tcpi_bytes_acked` (since Linux 4.1). */
const UNACKNOWLEDGED_WORD = 24 / 4;
const RETRANSMITS_WORD = 100 / 4;
const ACKNOWLEDGED_WORD = 120 / 4;
const WORD = 0x1_0000_0000;

const info = new Uint32Array(new ArrayBuffer(128));
const infoSize = new Uint32Array(new ArrayBuffer(4));

/** 0, or `-errno`; then `info` holds the answer. */
function look(fd: number): number {
  if (libc === null) return -Errno.ENOSYS;
  infoSize[0] = info.byteLength;
  return libc.getsockopt(fd, IPPROTO_TCP, TCP_INFO, ptr(info), ptr(infoSize)) === 0 ? 0 : -errno();
}

/** Octets that the peer has acknowledged since the connection began. */
export function acknowledgedOctets(fd: number): number {
  const failure = look(fd);
  return failure !== 0 ? failure : info[ACKNOWLEDGED_WORD]! + info[ACKNOWLEDGED_WORD + 1]! * WORD;
}

/** Connections that wait for accept(2) on a listening socket: the kernel tells them in the place of unacknowledged segments. */
export function waitingConnections(fd: number): number {
  const failure = look(fd);
  return failure !== 0 ? failure : info[UNACKNOWLEDGED_WORD]!;
}

/** Segments sent again since the connection began; those of the handshake, also while accept(2) was deferred, are counted. */
export function retransmittedSegments(fd: number): number {
  const failure = look(fd);
  return failure !== 0 ? failure : info[RETRANSMITS_WORD]!;
}
