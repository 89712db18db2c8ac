/**
 * Preconditions of a request for a representation that exists (RFC 9110 §13).
 *
 * In:    a complete head; the validators of the selected representation: entity tag, modification date.
 * Out:   Proceed; NotModified (304); Failed (412).
 * Keeps: the order of RFC 9110 §13.2.2: If-Match, else If-Unmodified-Since; then If-None-Match, else If-Modified-Since.
 *        If-Range comes after all of these, see byte-range.ts. Without preconditions: one test. With those a browser
 *        sends back as they were given out: one comparison of octets. No strings are made.
 *
 * To be asked only when the answer without preconditions would be 2xx (§13.2.1). CONNECT, OPTIONS and TRACE select no
 * representation, so they always proceed. Invalid or repeated dates are ignored (§13.1.3, §13.1.4).
 */

import { isAnyTag, listMatchesStrongly, listMatchesWeakly } from "./entity-tag.ts";
import { Field } from "./field.ts";
import { parseHttpDate } from "./http-date.ts";
import { Method } from "./method.ts";
import { equalsExactly } from "./octets.ts";
import type { RequestHead } from "./request-head.ts";

export enum Precondition {
  Proceed,
  NotModified,
  Failed,
}

const PRECONDITION_FIELDS =
  (1 << Field.IfMatch) | (1 << Field.IfNoneMatch) | (1 << Field.IfModifiedSince) | (1 << Field.IfUnmodifiedSince);

/**
 * @param entityTag quotes and perhaps W/ included; empty if there is none
 * @param lastModifiedSeconds since 1970; NaN if the representation has no modification date
 * @param lastModified the same as it is sent in Last-Modified; a shortcut, may be empty
 */
export function evaluatePreconditions(
  head: RequestHead,
  entityTag: Uint8Array,
  lastModifiedSeconds: number,
  lastModified: Uint8Array,
): Precondition {
  if ((head.present & PRECONDITION_FIELDS) === 0 || selectsNothing(head.method)) return Precondition.Proceed;

  if (head.has(Field.IfMatch)) {
    if (!ifMatchHolds(head, entityTag)) return Precondition.Failed;
  } else if (head.has(Field.IfUnmodifiedSince)) {
    if (!ifUnmodifiedSinceHolds(head, lastModifiedSeconds)) return Precondition.Failed;
  }

  const isRead = head.method === Method.Get || head.method === Method.Head;
  if (head.has(Field.IfNoneMatch)) {
    if (ifNoneMatchHolds(head, entityTag)) return Precondition.Proceed;
    return isRead ? Precondition.NotModified : Precondition.Failed;
  }
  if (isRead && head.has(Field.IfModifiedSince)) {
    if (!ifModifiedSinceHolds(head, lastModifiedSeconds, lastModified)) return Precondition.NotModified;
  }
  return Precondition.Proceed;
}

function selectsNothing(method: Method): boolean {
  return method === Method.Connect || method === Method.Options || method === Method.Trace;
}

/** §13.1.1: any member matches strongly; "*" matches whatever exists. */
function ifMatchHolds(head: RequestHead, entityTag: Uint8Array): boolean {
  let line = head.firstLine(Field.IfMatch);
  for (; line >= 0; line = head.nextLine(Field.IfMatch, line)) {
    const start = head.lineValueStart(line);
    const end = head.lineValueEnd(line);
    if (isAnyTag(head.bytes, start, end)) return true;
    if (listMatchesStrongly(head.bytes, start, end, entityTag)) return true;
  }
  return false;
}

/** §13.1.2: no member matches weakly. */
function ifNoneMatchHolds(head: RequestHead, entityTag: Uint8Array): boolean {
  let line = head.firstLine(Field.IfNoneMatch);
  for (; line >= 0; line = head.nextLine(Field.IfNoneMatch, line)) {
    const start = head.lineValueStart(line);
    const end = head.lineValueEnd(line);
    if (isAnyTag(head.bytes, start, end)) return false;
    if (listMatchesWeakly(head.bytes, start, end, entityTag)) return false;
  }
  return true;
}

/** §13.1.3 */
function ifModifiedSinceHolds(head: RequestHead, lastModifiedSeconds: number, lastModified: Uint8Array): boolean {
  if (Number.isNaN(lastModifiedSeconds)) return true;
  const start = head.valueStart(Field.IfModifiedSince);
  const end = head.valueEnd(Field.IfModifiedSince);
  if (head.isRepeated(Field.IfModifiedSince)) return true;
  if (end > start && equalsExactly(head.bytes, start, end, lastModified)) return false;
  const since = parseHttpDate(head.bytes, start, end);
  return Number.isNaN(since) || lastModifiedSeconds > since;
}

/** §13.1.4 */
function ifUnmodifiedSinceHolds(head: RequestHead, lastModifiedSeconds: number): boolean {
  if (Number.isNaN(lastModifiedSeconds) || head.isRepeated(Field.IfUnmodifiedSince)) return true;
  const start = head.valueStart(Field.IfUnmodifiedSince);
  const since = parseHttpDate(head.bytes, start, head.valueEnd(Field.IfUnmodifiedSince));
  return Number.isNaN(since) || lastModifiedSeconds <= since;
}
