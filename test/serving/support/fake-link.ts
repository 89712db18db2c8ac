/** A link without a kernel: it takes as many octets as the test lets it, and says what was done to it. */
import type { Link, SocketOwner } from "../../../src/socket/link.ts";

export class FakeLink implements Link {
  readonly isSecure = false;
  takesFiles = false;
  remoteAddress = "192.0.2.1";
  readonly localPort = 80;
  /** Octets it takes before it is full. */
  room = Number.POSITIVE_INFINITY;
  /** What was done to it, but for writes, pauses and resumes. */
  readonly deeds: string[] = [];
  isPaused = false;
  isGone = false;
  writes = 0;
  owner: SocketOwner | null = null;
  acknowledged = 0;
  unacknowledged = 0;
  queued = false;
  retransmitted = 1;
  private readonly pieces: Buffer[] = [];

  /** What was taken and isn't forgotten. */
  get octets(): Buffer {
    return Buffer.concat(this.pieces);
  }

  /** Everything that was taken so far, and forgets it. */
  take(): string {
    return Buffer.concat(this.pieces.splice(0)).toString("latin1");
  }

  /** How much was taken so far; it is forgotten, too. */
  taken(): number {
    return this.pieces.splice(0).reduce((sum, piece) => sum + piece.length, 0);
  }

  /** The client reads: there is room for `octets` more, and the owner is told. */
  drain(octets = Number.POSITIVE_INFINITY): void {
    this.room = octets;
    this.owner!.writable();
  }

  /** The client goes, whatever was on its way. */
  leave(): void {
    this.end("left");
  }

  write(octets: Buffer, start: number, count: number): number {
    this.writes++;
    if (this.isGone) return -1;
    const taken = Math.min(count, this.room);
    this.room -= taken;
    if (taken > 0) this.pieces.push(Buffer.from(octets.subarray(start, start + taken)));
    return taken;
  }

  writeAhead(octets: Buffer, start: number, count: number): number {
    return this.write(octets, start, count);
  }

  writeFile(_fd: number, _offset: number, _count: number): number {
    throw new Error("this link takes no files");
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  shutdown(): void {
    this.deeds.push("shutdown");
  }

  /** As the runtime's sockets do: the owner is told at once. */
  close(): void {
    this.end("close");
  }

  terminate(): void {
    this.end("terminate");
  }

  acknowledgedOctets(): number {
    return this.acknowledged;
  }

  unacknowledgedOctets(): number {
    return this.unacknowledged;
  }

  hasQueuedOctets(): boolean {
    return this.queued;
  }

  retransmittedSegments(): number {
    return this.retransmitted;
  }

  private end(deed: string): void {
    if (this.isGone) return;
    this.isGone = true;
    this.deeds.push(deed);
    this.owner?.closed();
  }
}
