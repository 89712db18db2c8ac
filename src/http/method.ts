/**
 * Request methods (RFC 9110 §9, PATCH: RFC 5789) and their recognition in a buffer.
 *
 * In:    octets [start, end) that are already known to be a token.
 * Out:   a `Method`; `Method.Unknown` for every token saker has no name for (the site answers 501, RFC 9110 §9.1).
 * Keeps: methods are case-sensitive: `get` is Unknown.
 */

import { Octet, equalsExactly, octetsOf } from "./octets.ts";

export enum Method {
  Unknown,
  Get,
  Head,
  Post,
  Put,
  Delete,
  Connect,
  Options,
  Trace,
  Patch,
}

/** Name of each `Method`, by its number; "-" for Unknown (its octets are in the request head). */
export const METHOD_NAME: readonly string[] = [
  "-",
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
];

export const METHOD_COUNT = METHOD_NAME.length;

const METHOD_OCTETS = METHOD_NAME.map(octetsOf);

/** The method whose name is octets [start, end). */
export function recogniseMethod(bytes: Uint8Array, start: number, end: number): Method {
  for (let method = Method.Get; method < METHOD_COUNT; method++) {
    if (equalsExactly(bytes, start, end, METHOD_OCTETS[method]!)) return method;
  }
  return Method.Unknown;
}

const G = 0x47;
const E = 0x45;
const T = 0x54;

/** Whether "GET" SP begins at `start`: nearly all of the traffic. Looks no further than the first difference. */
export function isGet(bytes: Uint8Array, start: number): boolean {
  return bytes[start] === G && bytes[start + 1] === E && bytes[start + 2] === T && bytes[start + 3] === Octet.Space;
}
