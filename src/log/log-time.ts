/**
 * Timestamps of log lines, in local time.
 *
 * In:    a Date.
 * Out:   `20/Nov/2026:16:12:37 +0000` (combined), `2026-11-20T16:12:37+00:00` (JSON, RFC 3339 §5.6) and
 *        `2026-11-20 16:12:37` (error log).
 * Units: seconds; offsets from UTC in minutes.
 * Keeps: pure; made once a second, never per request.
 */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `20/Nov/2026:16:12:37 +0000` */
export function formatCombinedTime(date: Date): string {
  const day = two(date.getDate());
  return `${day}/${MONTHS[date.getMonth()]}/${date.getFullYear()}:${clock(date)} ${utcOffset(date, "")}`;
}

/** `2026-11-20T16:12:37+00:00` (RFC 3339 §5.6) */
export function formatJsonTime(date: Date): string {
  return `${calendar(date)}T${clock(date)}${utcOffset(date, ":")}`;
}

/** `2026-11-20 16:12:37` */
export function formatErrorTime(date: Date): string {
  return `${calendar(date)} ${clock(date)}`;
}

function calendar(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function clock(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function utcOffset(date: Date, separator: string): string {
  const minutesEast = -date.getTimezoneOffset();
  const minutes = Math.abs(minutesEast);
  return `${minutesEast < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}${separator}${two(minutes % 60)}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}
