/**
 * Where octets of requests are kept until their lines have been written to the access log, if the octets they came in aren't.
 *
 * HTTP/1.1 needs none: the event loop hands over a buffer of its own for each read. The fields of HTTP/2 lie in a store that the next
 * request overwrites.
 *
 * Units: octets.
 * Keeps: one buffer serves hundreds of requests and is forgotten with the last of them: a slow client holds back one, not a copy for
 *        each. Without a log nothing is ever kept.
 */
import type { LoggedRequest } from "../log/logged-request.ts";

const ROOM_OCTETS = 64 * 1024;

export class LogRoom {
  private octets: Buffer = Buffer.alloc(0);
  private end = 0;

  /** Moves what `request` refers to into octets that nobody overwrites. */
  keep(request: LoggedRequest): void {
    const source = request.bytes as Buffer;
    this.ensure(octetsOf(request));
    const methodStart = this.copy(source, request.methodStart, request.methodEnd);
    request.methodEnd += methodStart - request.methodStart;
    request.methodStart = methodStart;
    this.keepTarget(source, request);
    this.keepAuthority(source, request);
    const refererStart = this.copy(source, request.refererStart, request.refererEnd);
    request.refererEnd += refererStart - request.refererStart;
    request.refererStart = refererStart;
    const userAgentStart = this.copy(source, request.userAgentStart, request.userAgentEnd);
    request.userAgentEnd += userAgentStart - request.userAgentStart;
    request.userAgentStart = userAgentStart;
    request.bytes = this.octets;
  }

  /** The path is a part of it. */
  private keepTarget(source: Buffer, request: LoggedRequest): void {
    const start = this.copy(source, request.targetStart, request.targetEnd);
    const shift = start - request.targetStart;
    request.targetStart = start;
    request.targetEnd += shift;
    request.pathStart += shift;
    request.pathEnd += shift;
  }

  private keepAuthority(source: Buffer, request: LoggedRequest): void {
    const start = this.copy(source, request.authorityStart, request.authorityEnd);
    const shift = start - request.authorityStart;
    request.authorityStart = start;
    request.hostEnd += shift;
    request.authorityEnd += shift;
  }

  /** Returns where the copy begins; what isn't there begins at -1 still. */
  private copy(source: Buffer, start: number, end: number): number {
    if (start < 0) return start;
    const at = this.end;
    this.end += source.copy(this.octets, at, start, end);
    return at;
  }

  private ensure(octets: number): void {
    if (this.end + octets <= this.octets.length) return;
    this.octets = Buffer.allocUnsafeSlow(Math.max(ROOM_OCTETS, octets));
    this.end = 0;
  }
}

function octetsOf(request: LoggedRequest): number {
  return (
    request.methodEnd -
    request.methodStart +
    (request.targetEnd - request.targetStart) +
    (request.authorityEnd - request.authorityStart) +
    (request.refererEnd - request.refererStart) +
    (request.userAgentEnd - request.userAgentStart)
  );
}
