/**
 * The way to one client and back, whatever lies under it: a TCP socket of the runtime's loop, one of our own loop, TLS.
 *
 * Whoever owns the link is told what happens to it (`SocketOwner`), and acts on it. Nothing above this room knows a socket or
 * a descriptor of one.
 *
 * Units: octets. Negative results are errors of the kernel, as `-errno`.
 */
import type { Octets, Offset } from "../units.ts";

/** Takes octets in order. */
export interface OctetSink {
  /** Takes `octets[start, start + count)` or fewer; fewer means "not now", and `writable` will come. Negative: no more, ever. */
  write(octets: Buffer, start: number, count: number): number;
}

export interface Link extends OctetSink {
  /** The other end's address as text; "" once it is gone. */
  readonly remoteAddress: string;
  /** The port of this end; 0 where there is none. */
  readonly localPort: number;
  /** Whether what travels is encrypted. */
  readonly isSecure: boolean;
  /** Whether `writeFile` is worth a try. */
  readonly takesFiles: boolean;
  /**
   * As `write`, with more to follow at once: both may share a segment (MSG_MORE). Comes short without `writable`; REFUSED
   * (transmitter.ts): use `write`.
   */
  writeAhead(octets: Buffer, start: number, count: number): number;
  /** Sends a piece of an open file (sendfile(2)). Comes short without `writable`; REFUSED: read it, and use `write`. */
  writeFile(fd: number, offset: Offset, count: Octets): number;
  /** Nothing is received until `resume`. */
  pause(): void;
  resume(): void;
  /** Closes the sending side: FIN after what is still to be sent. */
  shutdown(): void;
  /** Closes both sides; what the kernel holds is still sent. */
  close(): void;
  /** Resets the connection. */
  terminate(): void;
  /** Octets that the other end has acknowledged since the connection began; -1 where that can't be known. */
  acknowledgedOctets(): number;
  /** Octets sent and not acknowledged yet; 0 where that can't be known. */
  unacknowledgedOctets(): number;
  /** Whether octets are unread or unacknowledged: a close would then make the kernel reset the connection. */
  hasQueuedOctets(): boolean;
  /** Segments that the kernel has sent again. */
  retransmittedSegments(): number;
}

/** Who is told what happens to a link. */
export interface SocketOwner {
  /** Octets have come. They are lent: what has to outlive the call must be copied, unless the loop gives its buffers away. */
  received(octets: Buffer): void;
  /** The link takes octets again. */
  writable(): void;
  /** The other end has closed its sending side. */
  ended(): void;
  /** The link is gone, whichever side closed it. */
  closed(): void;
  /** The server is going away: what is outstanding is done, and nothing new is begun. */
  drain(): void;
}
