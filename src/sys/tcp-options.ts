/**
 * What a TCP socket can be told (man 7 tcp), as far as the event loop doesn't.
 *
 * In:    the descriptor of a socket.
 * Keeps: never throws, never allocates; does nothing without FFI, or where the system refuses.
 */
import { ptr } from "bun:ffi";
import { libc } from "./libc.ts";

const IPPROTO_TCP = 6;
const TCP_QUICKACK = 12;
const TCP_NOTSENT_LOWAT = 25;

const value = new Int32Array(new ArrayBuffer(4));

function set(fd: number, option: number, number: number): void {
  if (libc === null) return;
  value[0] = number;
  libc.setsockopt(fd, IPPROTO_TCP, option, ptr(value), value.byteLength);
}

/** What has come is acknowledged now, not with the next octets that leave. It holds for the moment. */
export function acknowledgeAtOnce(fd: number): void {
  set(fd, TCP_QUICKACK, 1);
}

/** A socket with more than so many octets that haven't been sent yet takes no more. */
export function limitUnsentOctets(fd: number, octets: number): void {
  set(fd, TCP_NOTSENT_LOWAT, octets);
}
