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
