/**
 * What a line of the access log says of a request: offsets into the octets it was read from, and what was found out about it.
 *
 * Units: octets; pairs [start, end), where a start of -1 means that there is no such thing.
 * Keeps: whoever fills it leaves the octets alone until the line is written. Reused: `forget` lets go of them.
 */
const NO_OCTETS = new Uint8Array(0);

/** What was agreed on in a TLS handshake. */
export interface LoggedTls {
  /** From `encodeTls`. */
  readonly json: Uint8Array;
}

/** The client of a connection, and where it came in. */
export interface LoggedClient {
  /** From `encodeAddress`. */
  readonly address: Uint8Array;
  /** The server's port; 0 where it isn't known. */
  readonly serverPort: number;
  /** Null where the connection isn't encrypted. */
  readonly tls: LoggedTls | null;
}

const NOBODY: LoggedClient = { address: NO_OCTETS, serverPort: 0, tls: null };

export class LoggedRequest {
  client: LoggedClient = NOBODY;
  /** What the offsets are about. */
  bytes: Uint8Array = NO_OCTETS;
  methodStart = -1;
  methodEnd = -1;
  targetStart = -1;
  targetEnd = -1;
  /** Whether it is one that could be served: what no URI holds is percent-encoded then, in place of an escape of the format. */
  isTargetValid = true;
  /** Of a request that is understood: the path in its target. */
  pathStart = 0;
  pathEnd = 0;
  /** Ten times the HTTP version: 10, 11, 20; -1 = it can't be read. */
  version = 11;
  /** The authority that the request is for, and where the host in it ends, before a port. */
  authorityStart = -1;
  hostEnd = -1;
  authorityEnd = -1;
  refererStart = -1;
  refererEnd = -1;
  userAgentStart = -1;
  userAgentEnd = -1;
  /** Whose password was verified, in UTF-8; null = nobody's. */
  user: Uint8Array | null = null;
  /** The request's identifier: the first `idOctets` of `id`. */
  id: Uint8Array = NO_OCTETS;
  idOctets = 0;

  forget(): void {
    this.bytes = NO_OCTETS;
    this.user = null;
  }
}
