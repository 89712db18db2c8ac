/**
 * Sending to a connected socket past the event loop: send(2) with MSG_MORE, and sendfile(2); and what is still on its way.
 *
 * In:    descriptors as plain numbers (`socket.fd`, non-blocking), a buffer and a piece of it, offsets and octets.
 * Out:   octets the kernel took (may be fewer than given; 0 from `sendFile` means the file ended), or `-errno`:
 *        `-EAGAIN` when the socket buffer is full, `-EPIPE` or `-ECONNRESET` when the peer is gone, `-ENOSYS` without FFI.
 * Keeps: never throws, never allocates, never raises SIGPIPE (Bun ignores it; send passes MSG_NOSIGNAL besides).
 * Why:   a response head sent with MSG_MORE leaves in one segment with the start of the file that follows.
 */
import { ptr } from "bun:ffi";
import { Errno } from "./errno.ts";
import { errno, libc } from "./libc.ts";
import type { Octets, Offset } from "../units.ts";

const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const MSG_MORE = 0x8000;
const SEND_MORE_FLAGS = MSG_MORE | MSG_NOSIGNAL | MSG_DONTWAIT;

const SIOCOUTQ = 0x5411;
const FIONREAD = 0x541b;
const queueWord = new Int32Array(new ArrayBuffer(4));

/** The most octets Linux moves in one call (MAX_RW_COUNT, man 2 sendfile). */
export const TRANSFER_OCTETS_MAX = 0x7ffff000;

/** Whether `sendMore` and `sendFile` work here; when false every call answers `-ENOSYS`. */
export const canTransmit: boolean = libc !== null;

// off_t of sendfile: read and written by the kernel, as two 32-bit words to stay clear of BigInt.
// It lives as long as the process, and over an ArrayBuffer made first, so its address stays.
const offsetWords = new Uint32Array(new ArrayBuffer(8));
const offsetPointer = ptr(offsetWords);
const WORD = 0x1_0000_0000;

const send = libc === null ? unavailable : libc.send;
const sendfile = libc === null ? unavailable : libc.sendfile;

function unavailable(..._args: unknown[]): number {
  return -1;
}

function lastFailure(): number {
  return libc === null ? -Errno.ENOSYS : -errno();
}

/**
 * Sends `bytes[offset, offset + octets)` and tells the kernel that more follows at once, so it may hold back a part of
 * a segment (up to 200 ms: always send the rest). `offset + octets` must lie within `bytes`; 0 octets answer 0.
 */
export function sendMore(fd: number, bytes: Uint8Array, offset: number, octets: number): number {
  if (octets === 0) return 0;
  const taken = send(fd, ptr(bytes, offset), octets, SEND_MORE_FLAGS);
  return taken >= 0 ? taken : lastFailure();
}

/** Octets that the socket `fd` has taken and its peer has not acknowledged yet (SIOCOUTQ, man 7 tcp), or `-errno`. */
export function unacknowledgedOctets(fd: number): number {
  if (libc === null) return -Errno.ENOSYS;
  return libc.ioctl(fd, SIOCOUTQ, ptr(queueWord)) === 0 ? queueWord[0]! : -errno();
}

/**
 * Whether the kernel holds octets for the socket `fd` that were never read (FIONREAD), or that its peer has not acknowledged.
 * close(2) throws the first away, and then, or when more of them arrive, resets the connection, together with the second
 * (RFC 9112 §9.6). True where it can't be known.
 */
export function hasQueuedOctets(fd: number): boolean {
  if (libc === null) return true;
  if (libc.ioctl(fd, FIONREAD, ptr(queueWord)) !== 0 || queueWord[0] !== 0) return true;
  return unacknowledgedOctets(fd) !== 0;
}

/**
 * Copies up to `octets` of the file `inFd` from `offset` (0..2^53-1) into the socket `outFd`, inside the kernel.
 * The file's own position is neither used nor moved, so many connections may share one descriptor.
 * `outFd` must be non-blocking, as Bun's sockets are: sendfile has no flag for one call.
 */
export function sendFile(outFd: number, inFd: number, offset: Offset, octets: Octets): number {
  offsetWords[0] = offset; // a store into Uint32Array keeps the low 32 bits (ToUint32), exact up to 2^53
  offsetWords[1] = offset / WORD;
  const taken = sendfile(outFd, inFd, offsetPointer, octets < TRANSFER_OCTETS_MAX ? octets : TRANSFER_OCTETS_MAX);
  return taken >= 0 ? taken : lastFailure();
}
