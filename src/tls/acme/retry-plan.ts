/**
 * When to try again after failures: first within seconds, then ever more rarely, up to hours.
 *
 * In:    how many attempts have failed in a row, what the authority asked for, how long the certificate lives.
 * Out:   a time, ms since 1970.
 * Keeps: pure; `random` from 0 to 1 spreads machines that failed at the same moment. What is to be renewed lives six days or ninety, so
 *        the longest wait is a share of the lifetime.
 */
import { HOUR_MS } from "../../units.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const WAITS_MS = [
  10 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  6 * HOUR_MS,
];

/** A name's validation has failed, by the authority's own word: that gets counted there, five in an hour at Let's Encrypt. */
const UNPROVEN_WAITS_MS = WAITS_MS.slice(2);

const SHARE_OF_LIFETIME = 1 / 24;
const SPREAD = 0.2;

export interface FailedAttempts {
  /** At least 1. */
  readonly count: number;
  readonly isUnproven: boolean;
  /** What the authority asked for. */
  readonly retryAtMs: number | null;
  /** Of the certificate that there is; null where there is none. */
  readonly lifetimeMs: number | null;
}

export function nextAttemptMs(failed: FailedAttempts, nowMs: number, random: number): number {
  const { count, isUnproven, retryAtMs, lifetimeMs } = failed;
  const waits = isUnproven ? UNPROVEN_WAITS_MS : WAITS_MS;
  const wanted = waits[Math.min(count, waits.length) - 1]!;
  const longest = lifetimeMs === null ? wanted : Math.max(lifetimeMs * SHARE_OF_LIFETIME, WAITS_MS[0]!);
  const waitMs = Math.min(wanted, longest) * (1 + SPREAD * random);
  return Math.max(nowMs + waitMs, retryAtMs ?? 0);
}
