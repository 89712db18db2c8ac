/**
 * A line of the JSON format: one object.
 *
 *     {"time":"2026-11-20T16:12:37+00:00","client":"127.0.0.1","user":null,"host":"example.org","method":"GET","target":"/",
 *      "protocol":"HTTP/1.1","status":200,"bytes":612,"microseconds":41,"referer":null,"user_agent":"…","request_id":null,
 *      "tls":"1.3","suite":"TLS_AES_128_GCM_SHA256","sni":"example.org","resumed":false}
 *
 * Out:   valid UTF-8, whatever the client sent (json-text.ts). What there is none of is null; every member is always there.
 * Keeps: allocates nothing.
 */
import { putDecimal } from "../http/decimal.ts";
import { IN_TARGET, putEscaped, putOctets } from "./escape.ts";
import { putJsonText } from "./json-text.ts";
import {
  HOST_OCTETS_MAX,
  METHOD_OCTETS_MAX,
  REFERER_OCTETS_MAX,
  REQUEST_ID_OCTETS_MAX,
  TARGET_OCTETS_MAX,
  USER_AGENT_OCTETS_MAX,
  USER_OCTETS_MAX,
} from "./line-limits.ts";
import { octetsOfText, putVersion } from "./line-parts.ts";
import type { LoggedRequest } from "./logged-request.ts";
import { NO_TLS } from "./tls-members.ts";

const LF = 0x0a;
const QUOTE = 0x22;
const RIGHT_BRACE = 0x7d;

const CLIENT = octetsOfText(`","client":"`);
const USER = octetsOfText(`","user":`);
const HOST = octetsOfText(`,"host":`);
const METHOD = octetsOfText(`,"method":`);
const TARGET = octetsOfText(`,"target":`);
const PROTOCOL = octetsOfText(`,"protocol":`);
const STATUS = octetsOfText(`,"status":`);
const BYTES = octetsOfText(`,"bytes":`);
const MICROSECONDS = octetsOfText(`,"microseconds":`);
const REFERER = octetsOfText(`,"referer":`);
const USER_AGENT = octetsOfText(`,"user_agent":`);
const REQUEST_ID = octetsOfText(`,"request_id":`);
const NULL = octetsOfText("null");

/** Puts a whole line; `time` is `{"time":"…`. Returns the offset after its LF. */
export function putJsonLine(
  request: LoggedRequest,
  time: Uint8Array,
  status: number,
  contentOctets: number,
  microseconds: number,
  out: Uint8Array,
  start: number,
): number {
  const { bytes, client, user, idOctets } = request;
  let at = putOctets(time, time.length, out, start);
  at = putOctets(CLIENT, CLIENT.length, out, at);
  at = putOctets(client.address, client.address.length, out, at);
  at = putOctets(USER, USER.length, out, at);
  at = user === null ? putNull(out, at) : putText(user, 0, user.length, out, at, USER_OCTETS_MAX);
  at = putOctets(HOST, HOST.length, out, at);
  const hostStart = request.hostEnd > request.authorityStart ? request.authorityStart : -1;
  at = putText(bytes, hostStart, request.hostEnd, out, at, HOST_OCTETS_MAX);
  at = putOctets(METHOD, METHOD.length, out, at);
  at = putText(bytes, request.methodStart, request.methodEnd, out, at, METHOD_OCTETS_MAX);
  at = putOctets(TARGET, TARGET.length, out, at);
  at = putTargetOf(request, out, at);
  at = putOctets(PROTOCOL, PROTOCOL.length, out, at);
  at = putProtocol(request.version, out, at);
  at = putOctets(STATUS, STATUS.length, out, at);
  at = putDecimal(status, out, at);
  at = putOctets(BYTES, BYTES.length, out, at);
  at = putDecimal(contentOctets, out, at);
  at = putOctets(MICROSECONDS, MICROSECONDS.length, out, at);
  at = putDecimal(microseconds, out, at);
  at = putOctets(REFERER, REFERER.length, out, at);
  at = putText(bytes, request.refererStart, request.refererEnd, out, at, REFERER_OCTETS_MAX);
  at = putOctets(USER_AGENT, USER_AGENT.length, out, at);
  at = putText(bytes, request.userAgentStart, request.userAgentEnd, out, at, USER_AGENT_OCTETS_MAX);
  at = putOctets(REQUEST_ID, REQUEST_ID.length, out, at);
  at = putText(request.id, idOctets > 0 ? 0 : -1, idOctets, out, at, REQUEST_ID_OCTETS_MAX);
  const tls = client.tls?.json ?? NO_TLS;
  at = putOctets(tls, tls.length, out, at);
  out[at] = RIGHT_BRACE;
  out[at + 1] = LF;
  return at + 2;
}

function putTargetOf(request: LoggedRequest, out: Uint8Array, at: number): number {
  const { bytes, targetStart, targetEnd } = request;
  if (!request.isTargetValid || targetStart < 0)
    return putText(bytes, targetStart, targetEnd, out, at, TARGET_OCTETS_MAX);
  out[at] = QUOTE;
  at = putEscaped(bytes, targetStart, targetEnd, out, at + 1, at + 1 + TARGET_OCTETS_MAX, IN_TARGET);
  out[at] = QUOTE;
  return at + 1;
}

/** `"text"`, or `null` where `start` is -1. */
function putText(from: Uint8Array, start: number, end: number, out: Uint8Array, at: number, octetsMax: number): number {
  if (start < 0) return putNull(out, at);
  out[at] = QUOTE;
  at = putJsonText(from, start, end, out, at + 1, at + 1 + octetsMax);
  out[at] = QUOTE;
  return at + 1;
}

function putProtocol(version: number, out: Uint8Array, at: number): number {
  if (version < 0) return putNull(out, at);
  out[at] = QUOTE;
  at = putVersion(version, out, at + 1);
  out[at] = QUOTE;
  return at + 1;
}

function putNull(out: Uint8Array, at: number): number {
  return putOctets(NULL, NULL.length, out, at);
}
