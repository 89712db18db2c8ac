/**
 * Field names saker knows, and their recognition in a buffer without making a string.
 *
 * In:    octets [start, end) that are already known to be a field name (tchar only).
 * Out:   a `Field`; `Field.count` for every other name.
 * Keeps: names are case-insensitive (RFC 9110 §5.1); at most 32 fields, so that a set of them is one integer.
 *
 * The length and the first and last octets of a name pick its only candidate from a table; the octets then decide.
 * The table is built at start-up and refuses a new field that would share a place: change the factors then.
 */

import { CASE_BIT, octetsOf } from "./octets.ts";

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
const NO_FIELD = Field.count;
const FIELD_OCTETS = FIELD_NAME.map(octetsOf);
const CANDIDATE = buildCandidates();

/** Where the candidate for a name stands; first and last are octets of the name with CASE_BIT set. */
function placeOf(octets: number, first: number, last: number): number {
  return (octets * 9 + first * 5 + last * 3) & (PLACES - 1);
}

function buildCandidates(): Uint8Array {
  if (FIELD_NAME.length !== Field.count || Field.count > 32) throw new Error("FIELD_NAME does not fit Field");
  const candidates = new Uint8Array(PLACES).fill(NO_FIELD);
  for (let field = 0; field < Field.count; field++) {
    const name = FIELD_OCTETS[field]!;
    if (!FIELD_NAME[field]!.match(/^[a-z-]+$/)) throw new Error(`${FIELD_NAME[field]}: letters and "-" only`);
    const place = placeOf(name.length, name[0]!, name[name.length - 1]!);
    if (candidates[place] !== NO_FIELD) throw new Error(`${FIELD_NAME[field]} shares a place: change the factors`);
    candidates[place] = field;
  }
  return candidates;
}

/**
 * The field whose name is octets [start, end), or `Field.count`.
 *
 * Setting CASE_BIT folds letters; on the other octet of known names, "-" (0x2d), it could only confuse 0x0d, which
 * is not a tchar.
 */
export function recogniseField(bytes: Uint8Array, start: number, end: number): Field {
  const octets = end - start;
  const field = CANDIDATE[placeOf(octets, bytes[start]! | CASE_BIT, bytes[end - 1]! | CASE_BIT)]!;
  if (field === NO_FIELD) return NO_FIELD;
  const name = FIELD_OCTETS[field]!;
  if (name.length !== octets) return NO_FIELD;
  for (let index = 0; index < octets; index++) {
    if ((bytes[start + index]! | CASE_BIT) !== name[index]) return NO_FIELD;
  }
  return field;
}
