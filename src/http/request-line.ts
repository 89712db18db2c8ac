/**
 * Request-line (RFC 9112 §3), the HTTP version in it (§2.3) included.
 *
 *     request-line = method SP request-target SP HTTP-version CRLF
 *     HTTP-version = "HTTP/" DIGIT "." DIGIT        ; case-sensitive
 *
 * In:    octets from `start` on: either a whole line, or at least `requestLineOctetsMax` octets of one.
 * Out:   the offset after the line, and method, target and version in `head`; or -ParseCode.
 * Keeps: left to right and bounded, never past the LF: more octets of a bad line don't change the verdict.
 * Stricter than RFC 9112 §3: parts are separated by exactly one SP, not by any whitespace.
 */

import type { Limits } from "./limits.ts";
import { METHOD_OCTETS_MAX } from "./limits.ts";
import { Method, isGet, recogniseMethod } from "./method.ts";
import { DIGIT, Octet, TCHAR } from "./octets.ts";
import { ParseCode } from "./parse-code.ts";
import { HttpVersion, type RequestHead } from "./request-head.ts";
import { parseRequestTarget } from "./request-target.ts";

const H = 0x48;
const T = 0x54;
const P = 0x50;
const ONE = 0x31;

export function parseRequestLine(bytes: Uint8Array, start: number, head: RequestHead, limits: Limits): number {
  const methodEnd = parseMethod(bytes, start, head);
  if (methodEnd < 0) return methodEnd;
  const targetEnd = parseRequestTarget(bytes, methodEnd + 1, head, limits);
  if (targetEnd < 0) return targetEnd;
  return parseVersionAndLineEnd(bytes, targetEnd + 1, head);
}

function parseMethod(bytes: Uint8Array, start: number, head: RequestHead): number {
  head.methodStart = start;
  if (isGet(bytes, start)) {
    head.method = Method.Get;
    return (head.methodEnd = start + 3);
  }
  const limit = start + METHOD_OCTETS_MAX + 1;
  let position = start;
  while (position < limit && TCHAR[bytes[position]!] === 1) position++;
  if (position === limit) return -ParseCode.MethodTooLong;
  if (position === start || bytes[position] !== Octet.Space) return -ParseCode.BadMethod;
  head.method = recogniseMethod(bytes, start, position);
  return (head.methodEnd = position);
}

/** What is wrong with :method of HTTP/2 [start, end) where it is not a known one, judged as that of a request-line is (RFC 9113 §8.3.1). */
export function checkUnknownMethod(bytes: Uint8Array, start: number, end: number): ParseCode {
  const limit = Math.min(end, start + METHOD_OCTETS_MAX + 1);
  let position = start;
  while (position < limit && TCHAR[bytes[position]!] === 1) position++;
  if (position - start > METHOD_OCTETS_MAX) return ParseCode.MethodTooLong;
  return position === start || position < end ? ParseCode.BadMethod : ParseCode.None;
}

/** Later minor versions are treated as 1.1, the highest saker speaks (RFC 9110 §6.2); other majors are refused. */
function parseVersionAndLineEnd(bytes: Uint8Array, start: number, head: RequestHead): number {
  if (!isVersionPrefix(bytes, start)) return -ParseCode.BadVersion;
  const major = bytes[start + 5]!;
  if (DIGIT[major] === 0 || bytes[start + 6] !== Octet.Dot) return -ParseCode.BadVersion;
  const minor = bytes[start + 7]!;
  if (DIGIT[minor] === 0) return -ParseCode.BadVersion;
  if (bytes[start + 8] !== Octet.Cr || bytes[start + 9] !== Octet.Lf) return -lineEndFailure(bytes[start + 8]!);
  if (major !== ONE) return -ParseCode.VersionNotSupported;
  head.version = minor === Octet.Zero ? HttpVersion.Http10 : HttpVersion.Http11;
  return start + 10;
}

/** "HTTP/" */
function isVersionPrefix(bytes: Uint8Array, start: number): boolean {
  return (
    bytes[start] === H &&
    bytes[start + 1] === T &&
    bytes[start + 2] === T &&
    bytes[start + 3] === P &&
    bytes[start + 4] === Octet.Slash
  );
}

function lineEndFailure(octet: number): ParseCode {
  return octet === Octet.Cr || octet === Octet.Lf ? ParseCode.BadLineEnd : ParseCode.BadVersion;
}
