/**
 * Field names saker knows, and their recognition in a buffer without making a string.
 *
 * In:    octets [start, end) that are already known to be a field name (tchar only, at least one), and followed by ":".
 * Out:   a `Field`; `Field.count` for every name that is not known.
 * Keeps: names are case-insensitive (RFC 9110 §5.1); at most 32 fields, so that a set of them is one integer.
 *
 * The length and the first and last octets of a name pick its only candidate from a table; the octets then decide.
 * The table is built at start-up and refuses a new field that would share a place: change the factors then.
 */

import { CASE_BIT, Octet, octetsOf } from "./octets.ts";

export enum Field {
  Host,
  Connection,
  ContentLength,
  TransferEncoding,
  Expect,
  IfMatch,
  IfNoneMatch,
  IfModifiedSince,
  IfUnmodifiedSince,
  IfRange,
  Range,
  Accept,
  AcceptEncoding,
  AcceptLanguage,
  Authorization,
  UserAgent,
  Referer,
  Upgrade,
  Origin,
  CacheControl,
  Cookie,
  ContentType,
  ContentEncoding,
  XForwardedFor,
  XForwardedProto,
  Forwarded,
  Te,
  Trailer,
  KeepAlive,
  XRequestId,
  /** Number of known fields; also stands for "any other name". */
  count,
}

/** Field names in lower case, by `Field`. */
export const FIELD_NAME: readonly string[] = [
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "expect",
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "if-range",
  "range",
  "accept",
  "accept-encoding",
  "accept-language",
  "authorization",
  "user-agent",
  "referer",
  "upgrade",
  "origin",
  "cache-control",
  "cookie",
  "content-type",
  "content-encoding",
  "x-forwarded-for",
  "x-forwarded-proto",
  "forwarded",
  "te",
  "trailer",
  "keep-alive",
  "x-request-id",
];

const PLACES = 256;
const NAME_STRIDE = 32;

/** Where the candidate for a name stands, from its length and its first and last octet. */
function placeOf(octets: number, first: number, last: number): number {
  return (octets * 9 + (first | CASE_BIT) * 5 + (last | CASE_BIT) * 3) & (PLACES - 1);
}

const CANDIDATE = buildCandidates();
const NAME_AND_COLON = buildNames();

function buildCandidates(): Uint8Array {
  if (FIELD_NAME.length !== Field.count || Field.count > 32) throw new Error("FIELD_NAME does not fit Field");
  const candidates = new Uint8Array(PLACES).fill(Field.count);
  FIELD_NAME.forEach((name, field) => {
    const place = placeOf(name.length, name.charCodeAt(0), name.charCodeAt(name.length - 1));
    if (candidates[place] !== Field.count) throw new Error(`${name} shares a place: change the factors`);
    candidates[place] = field;
  });
  return candidates;
}

/**
 * A row of NAME_STRIDE octets for each field: its name and ":", so that comparing both compares the lengths as well.
 */
function buildNames(): Uint8Array {
  const names = new Uint8Array(NAME_STRIDE * Field.count);
  FIELD_NAME.forEach((name, field) => {
    if (!/^[a-z-]+$/.test(name)) throw new Error(`${name}: letters and "-" only`);
    if (name.length >= NAME_STRIDE) throw new Error(`${name}: too long`);
    names.set(octetsOf(name + ":"), field * NAME_STRIDE);
  });
  return names;
}

/** The only field that the name [start, end) can be, or `Field.count` if it can be none. */
export function candidateField(bytes: Uint8Array, start: number, end: number): Field {
  return CANDIDATE[placeOf(end - start, bytes[start]!, bytes[end - 1]!)]!;
}

/** The field whose name is octets [start, end), at least one, whatever follows them; `Field.count` if it is none of them. */
export function recogniseField(bytes: Uint8Array, start: number, end: number): Field {
  const field = candidateField(bytes, start, end);
  if (field === Field.count) return field;
  let expected = field * NAME_STRIDE;
  for (let position = start; position < end; position++) {
    if ((bytes[position]! | CASE_BIT) !== NAME_AND_COLON[expected++]) return Field.count;
  }
  return NAME_AND_COLON[expected] === Octet.Colon ? field : Field.count;
}

/**
 * Whether the name [start, end), which ":" follows, is the name of `field` (not `Field.count`).
 *
 * Setting CASE_BIT folds letters and leaves ":" and "-" alone; what else it would turn into those is no tchar.
 * Small on purpose, as candidateField is: the engine inlines both, which is worth 5 ns a field (bench/micro).
 */
export function isFieldNamed(bytes: Uint8Array, start: number, end: number, field: Field): boolean {
  let expected = field * NAME_STRIDE;
  for (let position = start; position <= end; position++) {
    if ((bytes[position]! | CASE_BIT) !== NAME_AND_COLON[expected++]) return false;
  }
  return true;
}
