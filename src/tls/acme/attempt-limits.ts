/**
 * Limits of our own on what is asked of an authority, so that no fault of ours uses up what it allows.
 *
 * Out:   when the next order may be placed.
 * Units: milliseconds since 1970.
 * Keeps: pure. Let's Encrypt allows five failed validations for a name in an hour: the fifth is left to whoever repairs what is wrong.
 */
import { HOUR_MS } from "../../units.ts";

export const ORDERS_MAX = 10;
export const ORDERS_PERIOD_MS = 10_000;
export const FAILED_VALIDATIONS_MAX = 4;

/** A validation that failed. */
export interface FailedValidation {
  readonly name: string;
  readonly atMs: number;
}

/** 0 when now is as good as any time. `placed`: times of the last orders. */
export function orderAllowedMs(placed: readonly number[], nowMs: number): number {
  const recent = placed.filter((atMs) => atMs > nowMs - ORDERS_PERIOD_MS && atMs <= nowMs).sort((a, b) => a - b);
  return recent.length < ORDERS_MAX ? 0 : recent[recent.length - ORDERS_MAX]! + ORDERS_PERIOD_MS;
}

/** What still counts of them; times in the future are of a clock that has been set back. */
export function recentFailures(failures: readonly FailedValidation[], nowMs: number): FailedValidation[] {
  return failures.filter(({ atMs }) => atMs > nowMs - HOUR_MS && atMs <= nowMs);
}

/** 0 when none of the names has failed too often. */
export function validationAllowedMs(failures: readonly FailedValidation[], nowMs: number): number {
  const byName = Map.groupBy(recentFailures(failures, nowMs), ({ name }) => name);
  const allowed = [...byName.values()]
    .filter((times) => times.length >= FAILED_VALIDATIONS_MAX)
    .map(
      (times) => times.map(({ atMs }) => atMs).sort((a, b) => a - b)[times.length - FAILED_VALIDATIONS_MAX]! + HOUR_MS,
    );
  return Math.max(0, ...allowed);
}
