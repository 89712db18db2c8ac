/**
 * HTTP-date: timestamps in fields (RFC 9110 §5.6.7).
 *
 *     IMF-fixdate  = "Sun, 06 Nov 1994 08:49:37 GMT"        ; the only one saker sends
 *     rfc850-date  = "Sunday, 06-Nov-94 08:49:37 GMT"       ; obsolete, must be understood
 *     asctime-date = "Sun Nov  6 08:49:37 1994"             ; obsolete, must be understood
 *
 * In:    milliseconds since 1970; or octets [start, end). Out: text; or seconds since 1970, NaN for anything else.
 * Keeps: names are case-sensitive, as the RFC says; the day name must be one, but is not compared with the date. A
 *        second of 60 is a leap second, taken for the second after it.
 */

import { DIGIT, Octet, equalsExactly, octetsOf } from "./octets.ts";

/** Octets of an IMF-fixdate. */
export const HTTP_DATE_OCTETS = 29;
const ASCTIME_OCTETS = 24;
/** ", 06-Nov-94 08:49:37 GMT": an rfc850-date after its day name. */
const RFC850_TAIL_OCTETS = 24;

const DAY_NAMES = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = octetsOf("JanFebMarAprMayJunJulAugSepOctNovDec");
const DAYS = octetsOf(DAY_NAMES.map((name) => name.slice(0, 3)).join(""));
const LONG_DAYS = DAY_NAMES.map(octetsOf);
const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

const SECONDS_PER_DAY = 86_400;
const MS_MAX = 253_402_300_799_999; // the end of 9999, the last year the grammar can write

/** IMF-fixdate of a time in milliseconds since 1970, rounded down to the second and kept within 1970 to 9999. */
export function formatHttpDate(ms: number): string {
  return new Date(Math.max(0, Math.min(ms, MS_MAX))).toUTCString();
}

/**
 * Seconds since 1970 of the HTTP-date [start, end), or NaN. Allocates nothing, except for an rfc850-date.
 * `nowMs` decides the century of an rfc850-date: one that seems to be more than 50 years ahead is of the past.
 */
export function parseHttpDate(bytes: Uint8Array, start: number, end: number, nowMs?: number): number {
  const octets = end - start;
  if (octets === HTTP_DATE_OCTETS) return parseImfFixdate(bytes, start);
  if (octets === ASCTIME_OCTETS) return parseAsctime(bytes, start);
  return parseRfc850(bytes, start, end, nowMs ?? Date.now());
}

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
function parseImfFixdate(bytes: Uint8Array, start: number): number {
  if (indexOfName(bytes, start, DAYS) < 0) return NaN;
  if (bytes[start + 3] !== Octet.Comma || bytes[start + 4] !== Octet.Space) return NaN;
  if (bytes[start + 7] !== Octet.Space || bytes[start + 11] !== Octet.Space) return NaN;
  if (bytes[start + 16] !== Octet.Space || !isGmt(bytes, start + 25)) return NaN;
  const month = indexOfName(bytes, start + 8, MONTHS);
  const year = digits(bytes, start + 12, 4);
  return secondsOf(year, month, digits(bytes, start + 5, 2), timeOfDay(bytes, start + 17));
}

/** `Sun Nov  6 08:49:37 1994` */
function parseAsctime(bytes: Uint8Array, start: number): number {
  if (indexOfName(bytes, start, DAYS) < 0) return NaN;
  if (bytes[start + 3] !== Octet.Space || bytes[start + 7] !== Octet.Space) return NaN;
  if (bytes[start + 10] !== Octet.Space || bytes[start + 19] !== Octet.Space) return NaN;
  const month = indexOfName(bytes, start + 4, MONTHS);
  const day = bytes[start + 8] === Octet.Space ? digits(bytes, start + 9, 1) : digits(bytes, start + 8, 2);
  return secondsOf(digits(bytes, start + 20, 4), month, day, timeOfDay(bytes, start + 11));
}

/** `Sunday, 06-Nov-94 08:49:37 GMT` */
function parseRfc850(bytes: Uint8Array, start: number, end: number, nowMs: number): number {
  const tail = end - RFC850_TAIL_OCTETS;
  if (tail <= start || !isLongDay(bytes, start, tail)) return NaN;
  if (bytes[tail] !== Octet.Comma || bytes[tail + 1] !== Octet.Space) return NaN;
  if (bytes[tail + 4] !== Octet.Hyphen || bytes[tail + 8] !== Octet.Hyphen) return NaN;
  if (bytes[tail + 11] !== Octet.Space || !isGmt(bytes, tail + 20)) return NaN;
  const month = indexOfName(bytes, tail + 5, MONTHS);
  const day = digits(bytes, tail + 2, 2);
  const time = timeOfDay(bytes, tail + 12);
  const shortYear = digits(bytes, tail + 9, 2);
  if (shortYear < 0) return NaN;
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + shortYear;
  return secondsOf(year > thisYear + 50 ? year - 100 : year, month, day, time);
}

/** Seconds since midnight of `08:49:37`, or -1. */
function timeOfDay(bytes: Uint8Array, start: number): number {
  if (bytes[start + 2] !== Octet.Colon || bytes[start + 5] !== Octet.Colon) return -1;
  const hour = digits(bytes, start, 2);
  const minute = digits(bytes, start + 3, 2);
  const second = digits(bytes, start + 6, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return -1;
  return hour * 3600 + minute * 60 + second;
}

/** Any part may be -1: then there is no such date. `month` counts from 0. */
function secondsOf(year: number, month: number, day: number, time: number): number {
  if (year < 0 || month < 0 || day < 1 || time < 0) return NaN;
  const leapDay = isLeapYear(year) ? 1 : 0;
  const daysInMonth = DAYS_BEFORE_MONTH[month + 1]! - DAYS_BEFORE_MONTH[month]! + (month === 1 ? leapDay : 0);
  if (day > daysInMonth) return NaN;
  const dayOfYear = DAYS_BEFORE_MONTH[month]! + (month > 1 ? leapDay : 0) + day - 1;
  const days = year * 365 + leapDaysBefore(year) - (1970 * 365 + leapDaysBefore(1970)) + dayOfYear;
  return days * SECONDS_PER_DAY + time;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Leap days in the years from 0 up to `year`, which is not counted. */
function leapDaysBefore(year: number): number {
  return Math.ceil(year / 4) - Math.ceil(year / 100) + Math.ceil(year / 400);
}

/** Value of `count` digits, or -1. */
function digits(bytes: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let position = start; position < start + count; position++) {
    if (DIGIT[bytes[position]!] === 0) return -1;
    value = value * 10 + bytes[position]! - Octet.Zero;
  }
  return value;
}

/** Index among `names`, three octets each, of the one at `start`; or -1. */
function indexOfName(bytes: Uint8Array, start: number, names: Uint8Array): number {
  for (let name = 0; name < names.length; name += 3) {
    const isName =
      bytes[start] === names[name] && bytes[start + 1] === names[name + 1] && bytes[start + 2] === names[name + 2];
    if (isName) return name / 3;
  }
  return -1;
}

function isLongDay(bytes: Uint8Array, start: number, end: number): boolean {
  for (const day of LONG_DAYS) {
    if (equalsExactly(bytes, start, end, day)) return true;
  }
  return false;
}

const GMT = octetsOf(" GMT");

function isGmt(bytes: Uint8Array, start: number): boolean {
  return equalsExactly(bytes, start, start + GMT.length, GMT);
}
