/** What hostile clients are told to do, and what became of them. Units: milliseconds; connections. */

export interface AttackOptions {
  readonly port: number;
  readonly kind: "heads" | "bodies" | "readers" | "idle" | "mute";
  readonly count: number;
  readonly target: string;
}

export interface AttackReport {
  connected: number;
  /** No connection could be made. */
  failed: number;
  /** Told 503. */
  refused: number;
  /** Ended by the server. */
  ended: number;
  shortestLifeMs: number;
  medianLifeMs: number;
  longestLifeMs: number;
}

/** An attack on TLS or HTTP/2 (h2-attacks.ts and tls-attacks.ts name them). */
export interface SecureAttackOptions {
  readonly port: number;
  readonly kind: string;
  /** Connections at a time. */
  readonly count: number;
  /** Small and large file of the site. */
  readonly small: string;
  readonly large: string;
}

export interface SecureAttackReport {
  /** Connections made; floods replace those that the server ended. */
  connected: number;
  /** No connection could be made, or no handshake. */
  failed: number;
  /** Ended by the server. */
  ended: number;
  /** Ended, or told to stop: by an alert of TLS, GOAWAY, RST_STREAM, or an answer. */
  stopped: number;
  /** Connections of a flood that have sent all they had, and are still there. */
  through: number;
  /** Frames (or octets of a slow attack) that the kernel took, all connections together. */
  sent: number;
  /** The most of one connection. */
  sentMost: number;
  octetsReceived: number;
  /** GOAWAY frames by error code (RFC 9113 §7). */
  goAways: Record<string, number>;
  /** RST_STREAM frames received. */
  resets: number;
  /** Responses by status. */
  statuses: Record<string, number>;
  /** Of those stopped, from the beginning of the connection until then. */
  shortestLifeMs: number;
  medianLifeMs: number;
  longestLifeMs: number;
}
