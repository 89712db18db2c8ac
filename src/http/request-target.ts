/**
 * Request-target: its four forms (RFC 9112 §3.2).
 *
 *     request-target = origin-form / absolute-form / authority-form / asterisk-form
 *     origin-form    = absolute-path [ "?" query ]
 *     absolute-form  = absolute-URI             ; here: http and https only
 *     authority-form = uri-host ":" port        ; CONNECT only
 *     asterisk-form  = "*"                      ; OPTIONS only
 *
 * In:    the octets of a target from `start` on; the method, in `head`.
 * Out:   the offset after the target; `head` gets form, authority, path and query. Or -ParseCode.
 * Keeps: reads no further than `targetOctetsMax` + 1 octets and never past an octet that no target may hold; left to
 *        right, so that the verdict on a prefix is the verdict on the whole.
 * The path is neither decoded nor normalised: the site decides what it means. What origin-form may hold besides the octets
 * of a URI (octets.ts) absolute-form may not: it has an authority, and a verdict on that must not depend on a lenient reader.
 */

import { parseAuthority } from "./authority.ts";
import type { Limits } from "./limits.ts";
import { Method } from "./method.ts";
import { Octet, TARGET_PATH, TARGET_QUERY, URI_PATH, URI_QUERY, equalsIgnoringCase, octetsOf } from "./octets.ts";
import { ParseCode } from "./parse-code.ts";
import { type RequestHead, Scheme, TargetForm } from "./request-head.ts";

/** RFC 9110 §4.2: the schemes an HTTP origin server speaks for; matched without case, "://" included. */
const HTTP_PREFIX = octetsOf("http://");
const HTTPS_PREFIX = octetsOf("https://");

export function parseRequestTarget(bytes: Uint8Array, start: number, head: RequestHead, limits: Limits): number {
  const limit = start + limits.targetOctetsMax + 1;
  let position = start;
  while (position < limit && TARGET_PATH[bytes[position]!] === 1) position++;
  const pathEnd = position;
  if (position < limit && bytes[position] === Octet.QuestionMark) {
    while (position < limit && TARGET_QUERY[bytes[position]!] === 1) position++;
  }
  head.targetStart = start;
  head.targetEnd = position;
  if (position === limit) return -ParseCode.TargetTooLong;
  if (bytes[position] !== Octet.Space) return -endFailure(bytes[position]!);
  if (position === start) return -ParseCode.BadRequestLine;

  if (bytes[start] === Octet.Slash && head.method !== Method.Connect) {
    setPathAndQuery(head, start, pathEnd, position);
    return position;
  }
  return parseOtherForm(bytes, start, position, head);
}

/** A line that ends after its target is HTTP/0.9 or cut short; anything else is an octet no target may hold. */
function endFailure(octet: number): ParseCode {
  return octet === Octet.Cr || octet === Octet.Lf ? ParseCode.BadRequestLine : ParseCode.BadTarget;
}

function setPathAndQuery(head: RequestHead, pathStart: number, pathEnd: number, end: number): void {
  head.pathStart = pathStart;
  head.pathEnd = pathEnd;
  if (pathEnd < end) {
    head.queryStart = pathEnd + 1;
    head.queryEnd = end;
  }
}

/**
 * :path of HTTP/2 [start, end), not empty: what origin-form and asterisk-form are in HTTP/1.1, and judged alike (RFC 9113 §8.3.1).
 * `head` has its method and its octets.
 */
export function takePath(head: RequestHead, start: number, end: number, limits: Limits): ParseCode {
  const { bytes } = head;
  const limit = Math.min(end, start + limits.targetOctetsMax + 1);
  let pathEnd = start;
  while (pathEnd < limit && TARGET_PATH[bytes[pathEnd]!] === 1) pathEnd++;
  let position = pathEnd;
  if (position < limit && bytes[position] === Octet.QuestionMark) {
    while (position < limit && TARGET_QUERY[bytes[position]!] === 1) position++;
  }
  head.targetStart = start;
  head.targetEnd = end;
  if (position < limit) return ParseCode.BadTarget;
  if (end - start > limits.targetOctetsMax) return ParseCode.TargetTooLong;
  if (bytes[start] === Octet.Slash) {
    setPathAndQuery(head, start, pathEnd, end);
    return ParseCode.None;
  }
  head.pathStart = head.pathEnd = end;
  const isAsterisk = bytes[start] === Octet.Asterisk && parseAsteriskForm(start, end, head) === end;
  return isAsterisk ? ParseCode.None : ParseCode.BadTarget;
}

/** :authority of HTTP/2 [start, end) where it is the target, as CONNECT has it (RFC 9113 §8.5). */
export function takeAuthorityForm(head: RequestHead, start: number, end: number): ParseCode {
  head.targetStart = start;
  head.targetEnd = head.pathStart = head.pathEnd = end;
  return parseAuthorityForm(head.bytes, start, end, head) === end ? ParseCode.None : ParseCode.BadTarget;
}

function parseOtherForm(bytes: Uint8Array, start: number, end: number, head: RequestHead): number {
  head.pathStart = head.pathEnd = end;
  if (head.method === Method.Connect) return parseAuthorityForm(bytes, start, end, head);
  if (bytes[start] === Octet.Asterisk) return parseAsteriskForm(start, end, head);
  return parseAbsoluteForm(bytes, start, end, head);
}

function parseAsteriskForm(start: number, end: number, head: RequestHead): number {
  if (end - start !== 1 || head.method !== Method.Options) return -ParseCode.BadTarget;
  head.targetForm = TargetForm.Asterisk;
  return end;
}

/** RFC 9112 §3.2.3: both host and port, nothing else. */
function parseAuthorityForm(bytes: Uint8Array, start: number, end: number, head: RequestHead): number {
  const hostEnd = parseAuthority(bytes, start, end);
  if (hostEnd <= start || hostEnd + 1 >= end) return -ParseCode.BadTarget;
  head.targetForm = TargetForm.Authority;
  setAuthority(head, start, end, hostEnd);
  return end;
}

/** RFC 9112 §3.2.2; userinfo and an empty host make the target invalid (RFC 9110 §4.2.1, §4.2.4). */
function parseAbsoluteForm(bytes: Uint8Array, start: number, end: number, head: RequestHead): number {
  let authorityStart = skipPrefix(bytes, start, end, HTTP_PREFIX);
  head.scheme = Scheme.Http;
  if (authorityStart < 0) {
    authorityStart = skipPrefix(bytes, start, end, HTTPS_PREFIX);
    head.scheme = Scheme.Https;
  }
  if (authorityStart < 0) return -ParseCode.BadTarget;
  let authorityEnd = authorityStart;
  while (authorityEnd < end && bytes[authorityEnd] !== Octet.Slash && bytes[authorityEnd] !== Octet.QuestionMark) {
    authorityEnd++;
  }
  const hostEnd = parseAuthority(bytes, authorityStart, authorityEnd);
  if (hostEnd <= authorityStart) return -ParseCode.BadTarget;
  head.targetForm = TargetForm.Absolute;
  setAuthority(head, authorityStart, authorityEnd, hostEnd);
  let pathEnd = authorityEnd;
  while (pathEnd < end && URI_PATH[bytes[pathEnd]!] === 1) pathEnd++;
  let queryEnd = pathEnd;
  if (bytes[pathEnd] === Octet.QuestionMark) while (queryEnd < end && URI_QUERY[bytes[queryEnd]!] === 1) queryEnd++;
  if (queryEnd !== end) return -ParseCode.BadTarget;
  setPathAndQuery(head, authorityEnd, pathEnd, end);
  return end;
}

/** Offset after `prefix` if octets [start, end) begin with it whatever the case; else -1. */
function skipPrefix(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): number {
  const prefixEnd = start + prefix.length;
  return prefixEnd <= end && equalsIgnoringCase(bytes, start, prefixEnd, prefix) ? prefixEnd : -1;
}

function setAuthority(head: RequestHead, start: number, end: number, hostEnd: number): void {
  head.authorityStart = start;
  head.authorityEnd = end;
  head.hostEnd = hostEnd;
}
