/**
 * A line of the combined format, as Apache and nginx write it and log analysers read it; and of `vhost_combined`, which Apache
 * begins with the host.
 *
 *     127.0.0.1 - ann [20/Nov/2026:16:12:37 +0000] "GET / HTTP/1.1" 200 612 "-" "curl/8.5.0"
 *     example.org:8080 127.0.0.1 - ann [20/Nov/2026:16:12:37 +0000] "GET / HTTP/1.1" 200 612 "-" "curl/8.5.0"
 *
 * Out:   octets 0x20..0x7e; everything else that a client sent is `\xHH` (escape.ts), a quote in quotes included. Outside of
 *        quotes no part holds a space or the brackets around the time. What there is none of is "-".
 * Keeps: allocates nothing.
 */
import { putDecimal } from "../http/decimal.ts";
import { AS_WORD, IN_QUOTES, IN_TARGET, putEscaped, putOctets } from "./escape.ts";
import {
  HOST_OCTETS_MAX,
  METHOD_OCTETS_MAX,
  REFERER_OCTETS_MAX,
  TARGET_OCTETS_MAX,
  USER_AGENT_OCTETS_MAX,
  USER_OCTETS_MAX,
} from "./line-limits.ts";
import type { LoggedRequest } from "./logged-request.ts";
import { octetsOfText, putVersion } from "./line-parts.ts";

const LF = 0x0a;
const SP = 0x20;
const QUOTE = 0x22;
const MINUS = 0x2d;
const COLON = 0x3a;

const BEFORE_USER = octetsOfText(" - ");
/** A user whose name is that of nobody. */
const USER_MINUS = octetsOfText("\\x2D");

/** Puts a whole line; `time` is ` [20/Nov/2026:16:12:37 +0000] "`. Returns the offset after its LF. */
export function putCombinedLine(
  request: LoggedRequest,
  time: Uint8Array,
  hasHost: boolean,
  status: number,
  contentOctets: number,
  out: Uint8Array,
  start: number,
): number {
  const { bytes, client, user } = request;
  let at = hasHost ? putHost(request, out, start) : start;
  at = putOctets(client.address, client.address.length, out, at);
  at = putOctets(BEFORE_USER, BEFORE_USER.length, out, at);
  at = putUser(user, out, at);
  at = putOctets(time, time.length, out, at);
  at = putRequestLine(request, out, at);
  out[at] = QUOTE;
  out[at + 1] = SP;
  at = putDecimal(status, out, at + 2);
  out[at] = SP;
  at = putDecimal(contentOctets, out, at + 1);
  out[at] = SP;
  at = putField(bytes, request.refererStart, request.refererEnd, out, at + 1, REFERER_OCTETS_MAX);
  out[at] = SP;
  at = putField(bytes, request.userAgentStart, request.userAgentEnd, out, at + 1, USER_AGENT_OCTETS_MAX);
  out[at] = LF;
  return at + 1;
}

/** The host and the port that the request names, or the one it came to. */
function putHost(
  { bytes, authorityStart, hostEnd, authorityEnd, client }: LoggedRequest,
  out: Uint8Array,
  at: number,
): number {
  if (hostEnd > authorityStart) {
    at = putEscaped(bytes, authorityStart, hostEnd, out, at, at + HOST_OCTETS_MAX, IN_QUOTES);
  } else {
    out[at++] = MINUS;
  }
  if (authorityEnd > hostEnd + 1) {
    at = putEscaped(bytes, hostEnd, authorityEnd, out, at, at + PORT_OCTETS_MAX, AS_WORD);
  } else {
    out[at] = COLON;
    at = putDecimal(client.serverPort, out, at + 1);
  }
  out[at] = SP;
  return at + 1;
}

/** With the colon before it; zeros may stand before a port. */
const PORT_OCTETS_MAX = 8;

function putUser(user: Uint8Array | null, out: Uint8Array, at: number): number {
  if (user === null) {
    out[at] = MINUS;
    return at + 1;
  }
  if (user.length === 1 && user[0] === MINUS) return putOctets(USER_MINUS, USER_MINUS.length, out, at);
  return putEscaped(user, 0, user.length, out, at, at + USER_OCTETS_MAX, AS_WORD);
}

/** `GET / HTTP/1.1`, or what there is of it, or `-`. */
function putRequestLine(
  { bytes, methodStart, methodEnd, targetStart, targetEnd, isTargetValid, version }: LoggedRequest,
  out: Uint8Array,
  start: number,
): number {
  let at = start;
  if (methodStart >= 0) at = putEscaped(bytes, methodStart, methodEnd, out, at, at + METHOD_OCTETS_MAX, IN_QUOTES);
  if (targetStart >= 0) {
    if (at > start) out[at++] = SP;
    const limit = at + TARGET_OCTETS_MAX;
    at = putEscaped(bytes, targetStart, targetEnd, out, at, limit, isTargetValid ? IN_TARGET : IN_QUOTES);
  }
  if (version >= 0 && at > start) {
    out[at] = SP;
    at = putVersion(version, out, at + 1);
  }
  if (at > start) return at;
  out[at] = MINUS;
  return at + 1;
}

/** `"value"`, or `"-"` for a field that isn't there. */
function putField(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
  octetsMax: number,
): number {
  out[at] = QUOTE;
  at++;
  if (start < 0) {
    out[at] = MINUS;
    at++;
  } else {
    at = putEscaped(bytes, start, end, out, at, at + octetsMax, IN_QUOTES);
  }
  out[at] = QUOTE;
  return at + 1;
}
