/**
 * Dates for HTML's `datetime` and for JSON (RFC 3339, UTC, whole seconds).
 *
 * In:    milliseconds since 1970, of whatever a file system says. Out: "2024-05-01T12:34:56Z"; "" for NaN.
 * Keeps: pure; four-digit years only: times before 1 or after 9999 are shown as the first or the last of these.
 */

const MS_MIN = -62_135_596_800_000;
const MS_MAX = 253_402_300_799_999;

export function isoDate(ms: number): string {
  if (Number.isNaN(ms)) return "";
  return `${new Date(Math.min(Math.max(ms, MS_MIN), MS_MAX)).toISOString().slice(0, 19)}Z`;
}
