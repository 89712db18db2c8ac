/**
 * What a load generator is asked for and what it tells: one book-keeping for every experiment.
 *
 * Units: milliseconds; requests.
 * Keeps: plain values, as they go through the channel between two processes. Every request is counted exactly once, under
 *        `ok`, `statuses` or one of the failures.
 */

export interface LoadTarget {
  readonly target: string;
  /** File whose content every 200 must have; null: any content of the promised length will do. */
  readonly file: string | null;
}

/** HTTP/1.1; the same over TLS; HTTP/2 over TLS, several requests at a time on a connection. */
export type LoadProtocol = "http" | "https" | "h2";

export interface LoadOptions {
  readonly port: number;
  readonly protocol: LoadProtocol;
  readonly clients: number;
  /** One connection for all requests of a client, or a new one for each. */
  readonly connections: "keep-alive" | "per-request";
  readonly targets: readonly LoadTarget[];
  /** Requests a second of all clients together, sent whether or not earlier ones were answered; 0: each client at once. */
  readonly ratePerSecond: number;
}

export interface LoadReport {
  /** 200, whole, and the right octets. */
  ok: number;
  /** Whole answers with another status, by status. */
  statuses: Record<string, number>;
  /** No connection could be made. */
  refused: number;
  /** The connection ended before TLS was agreed upon. */
  handshakesCut: number;
  /** The connection ended before the first octet of the answer. */
  unanswered: number;
  /** The connection ended inside the answer. */
  cut: number;
  /** 200 with other octets than the file's. */
  wrong: number;
  /** Nothing within ANSWER_MS_MAX. */
  timedOut: number;
  /**
   * Sent a second time because the server had said that it would not touch them: GOAWAY with a lower stream, or REFUSED_STREAM
   * (RFC 9113 §8.7). Not failures; their time goes on counting.
   */
  retried: number;
  connections: number;
  /** Kept-alive connections that the server closed between two requests: its right (RFC 9112 §9.5), and no failure. */
  closedBetween: number;
  seconds: number;
  /** Of the answers counted as ok, from the moment the request was due. */
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Longest time without any good answer. */
  longestGapMs: number;
}

/** A client waits this long for an answer. */
export const ANSWER_MS_MAX = 8000;

/** Requests that came to nothing, without those the server answered with a status. */
export function failuresOf(report: LoadReport): number {
  return report.refused + report.handshakesCut + report.unanswered + report.cut + report.wrong + report.timedOut;
}

/** All requests of a report. */
export function requestsOf(report: LoadReport): number {
  const others = Object.values(report.statuses).reduce((sum, count) => sum + count, 0);
  return report.ok + others + failuresOf(report);
}

const NAMES: Readonly<Record<string, string>> = { timedOut: "timed out", handshakesCut: "cut in the handshake" };

/** `12 cut, 3 refused`; `0 failed` when nothing did. */
export function describeFailures(report: LoadReport): string {
  const parts = (["refused", "handshakesCut", "unanswered", "cut", "wrong", "timedOut"] as const)
    .filter((kind) => report[kind] > 0)
    .map((kind) => `${report[kind]} ${NAMES[kind] ?? kind}`);
  for (const [status, count] of Object.entries(report.statuses)) parts.push(`${count}x ${status}`);
  return parts.length === 0 ? "0 failed" : parts.join(", ");
}

/** The value that a share `q` of the sorted values doesn't exceed; 0 of none. */
export function quantileOf(sorted: ArrayLike<number>, q: number): number {
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)]!;
}
