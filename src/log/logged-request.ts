/**
 * What a line of the access log says of a request: offsets into the octets it was read from.
 *
 * Units: octets; pairs [start, end), where a start of -1 means that there is no such thing.
 * Keeps: whoever fills it leaves the octets alone until the line is written. Reused: `forget` lets go of them.
 */
const NO_OCTETS = new Uint8Array(0);

export class LoggedRequest {
  /** The client's, from `encodeAddress`. */
  address: Uint8Array = NO_OCTETS;
  /** What the offsets are about. */
  bytes: Uint8Array = NO_OCTETS;
  /** The method is `[methodStart, targetStart - 1)` (RFC 9112 §3); -1: no request line could be read. */
  methodStart = -1;
  targetStart = -1;
  targetEnd = -1;
  /** Ten times the HTTP version: 10, 11, 20. */
  version = 11;
  refererStart = -1;
  refererEnd = -1;
  userAgentStart = -1;
  userAgentEnd = -1;

  forget(): void {
    this.bytes = NO_OCTETS;
  }
}
