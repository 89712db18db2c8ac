/**
 * A link that is encrypted: a TCP socket of the runtime's event loop that becomes a TLS socket when the first octets ask for it.
 *
 *   attach ─► (what comes before TLS is read and written as it is) ─► upgrade ─► secure ─► … ─► established ─► … ─► detach
 *
 * Units: octets of plain text; what the kernel tells of the socket is about octets of TLS records, which are a few more.
 * Keeps: one object per connection, reused with it. Whatever closes it sends close_notify first (RFC 8446 §6.1), but for `terminate`:
 *        a client can tell a whole response from one that was cut. Each `write` is a record or more, and a system call: callers gather.
 *        After a short write the same octets come first in the next one: part of them may lie in a record that is half sent.
 * Why not the runtime's `end`: it cuts off what the socket doesn't take at once, and says close_notify all the same.
 */
import type { Socket } from "bun";
import { acknowledgeAtOnce, limitUnsentOctets } from "../sys/tcp-options.ts";
import { acknowledgedOctets, retransmittedSegments } from "../sys/tcp-info.ts";
import { hasQueuedOctets, unacknowledgedOctets } from "../sys/transmit.ts";
import type { Link } from "./link.ts";
import type { RuntimeSocket, TlsHandlers, TlsOptions, UpgradableSocket } from "./runtime-socket.ts";
import { REFUSED } from "./transmitter.ts";
import { UnsentLimit } from "./unsent-limit.ts";

enum Security {
  /** As TCP has it. */
  None,
  /** A handshake goes on: nothing can be said yet. */
  Handshake,
  Established,
  /** close_notify has been sent. */
  Closed,
}

export class TlsLink implements Link {
  /** Records are made by us, so the kernel can't send files. */
  readonly takesFiles = false;
  private socket: RuntimeSocket | null = null;
  private security = Security.None;
  /** Of a connection that responses share. */
  private unsentLimit: UnsentLimit | null = null;

  /** A connection begins. */
  attach<Data>(socket: Socket<Data>): void {
    this.socket = socket as unknown as RuntimeSocket;
    this.security = Security.None;
    this.unsentLimit = null;
  }

  /**
   * A handshake begins, of which `octets` are the first. Its handlers may be called before this returns; the first of them is `open`,
   * which calls `secure`. The handlers of the socket so far go on being called, with records and null as `data`: they are to ignore them.
   */
  upgrade<Data>(octets: Buffer, options: TlsOptions, handlers: TlsHandlers<Data>, data: Data): void {
    this.security = Security.Handshake;
    const accepted = this.socket as unknown as Socket<unknown> & UpgradableSocket;
    const { data: acceptedData } = accepted;
    accepted.data = null;
    try {
      accepted.upgradeTLS({ isServer: true, initialData: octets, data, tls: options, socket: handlers });
    } catch (error) {
      accepted.data = acceptedData; // it stays what it was
      throw error;
    }
  }

  /** `socket` takes the place of the one that was attached. */
  secure<Data>(socket: Socket<Data>): void {
    this.socket = socket as unknown as RuntimeSocket;
  }

  /**
   * The handshake is done. `isShared`: by responses that leave side by side. Then little may wait in the kernel (unsent-limit.ts): behind
   * 12 MiB of others at 4 MB/s, a small response came after 127 ms with a limit of 128 KiB, 820 ms without. Alone, a response leaves at less
   * cost the more the kernel takes of it: an eighth, of 1 MiB (EPYC VM, 2026-11-28).
   *
   * Where the server doesn't speak first, the last octets of the handshake are acknowledged now: otherwise that waits for our first write,
   * and some clients keep their first request back for as long (RFC 9293 §3.7.4).
   */
  established(isShared: boolean): void {
    this.security = Security.Established;
    if (isShared) this.limitUnsent((this.unsentLimit = new UnsentLimit()));
    else acknowledgeAtOnce(this.socket!.fd);
  }

  private limitUnsent({ octets }: UnsentLimit): void {
    limitUnsentOctets(this.socket!.fd, octets);
  }

  /** The connection is gone. */
  detach(): void {
    this.socket = null;
  }

  get isSecure(): boolean {
    return this.security !== Security.None;
  }

  get remoteAddress(): string {
    // A client that is gone already has none.
    return (this.socket?.remoteAddress as string | undefined) ?? "";
  }

  get localPort(): number {
    return this.socket?.localPort ?? 0;
  }

  write(octets: Buffer, start: number, count: number): number {
    if (this.socket === null) return -1;
    const taken = this.socket.write(octets, start, count);
    if (this.unsentLimit !== null && taken >= 0) this.noteTaken(this.unsentLimit, taken, taken < count);
    return taken;
  }

  private noteTaken(limit: UnsentLimit, octets: number, isFull: boolean): void {
    limit.take(octets);
    if (isFull && limit.full(performance.now())) this.limitUnsent(limit);
  }

  /** Two writes would be two records. */
  writeAhead(): number {
    return REFUSED;
  }

  writeFile(): number {
    return REFUSED;
  }

  pause(): void {
    this.socket?.pause();
  }

  resume(): void {
    this.socket?.resume();
  }

  /** close_notify, then FIN; reading goes on. */
  shutdown(): void {
    if (this.security === Security.Closed) return;
    if (this.security === Security.Established) this.security = Security.Closed;
    this.socket?.shutdown();
  }

  close(): void {
    if (this.security === Security.Established) this.shutdown();
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
