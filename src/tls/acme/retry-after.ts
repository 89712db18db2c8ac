/**
 * Retry-After (RFC 9110 §10.2.3): seconds, or a date.
 *
 * Out:   the time, ms since 1970; null where the field is missing or says nothing understandable.
 * Keeps: pure. No answer delays anything by more than a day: certificates of six days have two of them to be renewed in.
 */
import { DAY_MS } from "../../units.ts";

const DELAY_MS_MAX = DAY_MS;

export function retryAfterMs(value: string | null, nowMs: number): number | null {
  if (value === null) return null;
  const text = value.trim();
  const atMs = /^\d{1,9}$/.test(text) ? nowMs + Number(text) * 1000 : dateOf(text);
  if (Number.isNaN(atMs)) return null;
  return Math.min(Math.max(atMs, nowMs), nowMs + DELAY_MS_MAX);
}

/** A date of HTTP begins with a day (RFC 9110 §5.6.7); the runtime takes much more for one. */
const dateOf = (text: string): number => (/^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN);
