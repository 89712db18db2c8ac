/**
 * A link that is a TCP socket of the runtime's event loop (`Bun.listen`), or a unix socket.
 *
 * Keeps: one object per connection, reused with it. Without FFI the kernel isn't asked for anything: files are read and
 *        written, and what a client has acknowledged isn't known.
 */
import type { Socket } from "bun";
import { acknowledgedOctets, retransmittedSegments } from "../sys/tcp-info.ts";
import { hasQueuedOctets, unacknowledgedOctets } from "../sys/transmit.ts";
import type { Link } from "./link.ts";
import type { RuntimeSocket } from "./runtime-socket.ts";
import type { Transmitter } from "./transmitter.ts";
import type { Octets, Offset } from "../units.ts";

export class PlainLink implements Link {
  readonly isSecure = false;
  private socket: RuntimeSocket | null = null;

  constructor(private readonly transmitter: Transmitter) {}

  get takesFiles(): boolean {
    return this.transmitter.copiesFiles;
  }

  /** A connection begins. */
  attach<Data>(socket: Socket<Data>): void {
    this.socket = socket as unknown as RuntimeSocket;
  }

  /** The connection is gone. */
  detach(): void {
    this.socket = null;
  }

  get remoteAddress(): string {
    // A client that is gone already has none.
    return (this.socket?.remoteAddress as string | undefined) ?? "";
  }

  get localPort(): number {
    return this.socket?.localPort ?? 0;
  }

  write(octets: Buffer, start: number, count: number): number {
    return this.socket === null ? -1 : this.socket.write(octets, start, count);
  }

  writeAhead(octets: Buffer, start: number, count: number): number {
    return this.transmitter.sendAhead(this.socket!.fd, octets, start, count);
  }

  writeFile(fd: number, offset: Offset, count: Octets): number {
    return this.transmitter.sendFile(this.socket!.fd, fd, offset, count);
  }

  pause(): void {
    this.socket?.pause();
  }

  resume(): void {
    this.socket?.resume();
  }

  shutdown(): void {
    this.socket?.shutdown();
  }

  close(): void {
    this.socket?.close();
  }

  terminate(): void {
    this.socket?.terminate();
  }

  acknowledgedOctets(): number {
    return this.socket === null ? -1 : acknowledgedOctets(this.socket.fd);
  }

  unacknowledgedOctets(): number {
    return this.socket === null ? 0 : unacknowledgedOctets(this.socket.fd);
  }

  hasQueuedOctets(): boolean {
    return this.socket !== null && hasQueuedOctets(this.socket.fd);
  }

  retransmittedSegments(): number {
    return this.socket === null ? 0 : retransmittedSegments(this.socket.fd);
  }
}
