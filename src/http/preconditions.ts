/**
 * Preconditions of a request for a representation that exists (RFC 9110 §13).
 *
 * In:    a complete head; the validators of the selected representation: entity tag, modification date.
 * Out:   which condition decided, and how; `statusOf` is what that makes of the answer: 304, 412, or the usual one.
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

/** The outcome of the condition that decided, or of the last one that was evaluated. */
export enum Precondition {
  /** There is none to evaluate. */
  Absent,

  // A date is not heeded: the request proceeds.
  Undated,
  RepeatedDate,
  InvalidDate,

  // It is true: the request proceeds.
  MatchHolds,
  UnmodifiedSinceHolds,
  NoneMatchHolds,
  ModifiedSinceHolds,

  // It is false: 304.
  NoneMatchMatched,
  NotModifiedSince,

  // It is false: 412.
  MatchFailed,
  ModifiedMeanwhile,
  /** The same as NoneMatchMatched, for a method that would change the representation. */
  NoneMatchForbids,
}

/** The status that an outcome makes of the answer; 0: the usual one. */
export function statusOf(outcome: Precondition): 0 | 304 | 412 {
  if (outcome <= Precondition.ModifiedSinceHolds) return 0;
  return outcome <= Precondition.NotModifiedSince ? 304 : 412;
}

const PRECONDITION_FIELDS =
  (1 << Field.IfMatch) | (1 << Field.IfNoneMatch) | (1 << Field.IfModifiedSince) | (1 << Field.IfUnmodifiedSince);

/**
 * All of them, in the order of §13.2.2.
 *
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
  if ((head.present & PRECONDITION_FIELDS) === 0 || selectsNothing(head.method)) return Precondition.Absent;
  const unchanged = evaluateUnchanged(head, entityTag, lastModifiedSeconds);
  if (statusOf(unchanged) !== 0) return unchanged;
  const changed = evaluateChanged(head, entityTag, lastModifiedSeconds, lastModified);
  return changed === Precondition.Absent ? unchanged : changed;
}

/** If-Match, else If-Unmodified-Since: whether the representation is still the one that the client means. */
export function evaluateUnchanged(head: RequestHead, entityTag: Uint8Array, lastModifiedSeconds: number): Precondition {
  if (head.has(Field.IfMatch)) return evaluateIfMatch(head, entityTag);
  return head.has(Field.IfUnmodifiedSince) ? evaluateIfUnmodifiedSince(head, lastModifiedSeconds) : Precondition.Absent;
}

/** If-None-Match, else If-Modified-Since: whether it is another one than the client has. */
export function evaluateChanged(
  head: RequestHead,
  entityTag: Uint8Array,
  lastModifiedSeconds: number,
  lastModified: Uint8Array,
): Precondition {
  const isRead = head.method === Method.Get || head.method === Method.Head;
  if (head.has(Field.IfNoneMatch)) {
    if (noneMatches(head, entityTag)) return Precondition.NoneMatchHolds;
    return isRead ? Precondition.NoneMatchMatched : Precondition.NoneMatchForbids;
  }
  if (!isRead || !head.has(Field.IfModifiedSince)) return Precondition.Absent;
  return evaluateIfModifiedSince(head, lastModifiedSeconds, lastModified);
}

function selectsNothing(method: Method): boolean {
  return method === Method.Connect || method === Method.Options || method === Method.Trace;
}

/** §13.1.1: any member matches strongly; "*" matches whatever exists. */
function evaluateIfMatch(head: RequestHead, entityTag: Uint8Array): Precondition {
  let line = head.firstLine(Field.IfMatch);
  for (; line >= 0; line = head.nextLine(Field.IfMatch, line)) {
    const start = head.lineValueStart(line);
    const end = head.lineValueEnd(line);
    if (isAnyTag(head.bytes, start, end)) return Precondition.MatchHolds;
    if (listMatchesStrongly(head.bytes, start, end, entityTag)) return Precondition.MatchHolds;
  }
  return Precondition.MatchFailed;
}

/** §13.1.2: no member matches weakly. */
function noneMatches(head: RequestHead, entityTag: Uint8Array): boolean {
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
function evaluateIfModifiedSince(
  head: RequestHead,
  lastModifiedSeconds: number,
  lastModified: Uint8Array,
): Precondition {
  if (Number.isNaN(lastModifiedSeconds)) return Precondition.Undated;
  if (head.isRepeated(Field.IfModifiedSince)) return Precondition.RepeatedDate;
  const start = head.valueStart(Field.IfModifiedSince);
  const end = head.valueEnd(Field.IfModifiedSince);
  if (end > start && equalsExactly(head.bytes, start, end, lastModified)) return Precondition.NotModifiedSince;
  const since = parseHttpDate(head.bytes, start, end);
  if (Number.isNaN(since)) return Precondition.InvalidDate;
  return lastModifiedSeconds > since ? Precondition.ModifiedSinceHolds : Precondition.NotModifiedSince;
}

/** §13.1.4 */
function evaluateIfUnmodifiedSince(head: RequestHead, lastModifiedSeconds: number): Precondition {
  if (Number.isNaN(lastModifiedSeconds)) return Precondition.Undated;
  if (head.isRepeated(Field.IfUnmodifiedSince)) return Precondition.RepeatedDate;
  const start = head.valueStart(Field.IfUnmodifiedSince);
  const since = parseHttpDate(head.bytes, start, head.valueEnd(Field.IfUnmodifiedSince));
  if (Number.isNaN(since)) return Precondition.InvalidDate;
  return lastModifiedSeconds <= since ? Precondition.UnmodifiedSinceHolds : Precondition.ModifiedMeanwhile;
}
