/**
 * Authority of a request: the value of Host, and the same thing inside a request-target (RFC 9110 §4.2, §7.2).
 *
 *     Host       = uri-host [ ":" port ]
 *     uri-host   = IP-literal / IPv4address / reg-name      ; RFC 3986 §3.2.2
 *     reg-name   = *( unreserved / pct-encoded / sub-delims )
 *     IP-literal = "[" IPv6address "]"
 *     port       = *DIGIT                                   ; and no larger than 65535
 *
 * In:    octets [start, end) of a field value or of a request-target.
 * Out:   where the host ends, or -1.
 * Keeps: userinfo ("@") is refused (RFC 9110 §4.2.4). An IPv4address is a reg-name, so nothing more is asked of it.
 * Departs from RFC 3986 §3.2.2: IPvFuture is refused; no such address exists.
 */

import { CASE_BIT, DIGIT, HEX, HEX_NONE, Octet, REG_NAME } from "./octets.ts";

const PORT_MAX = 65535;

/**
 * Where the host of the authority [start, end) ends: at the ":" before the port, or at `end`; -1 if the octets are no
 * `uri-host [ ":" port ]`. Host and port may be empty, as in the grammar.
 */
export function parseAuthority(bytes: Uint8Array, start: number, end: number): number {
  let hostEnd = start;
  while (hostEnd < end && REG_NAME[bytes[hostEnd]!] === 1) hostEnd++;
  if (hostEnd === end) return end;
  if (bytes[hostEnd] !== Octet.Colon) {
    hostEnd = bytes[start] === Octet.LeftBracket ? skipIpLiteral(bytes, start, end) : skipRegName(bytes, hostEnd, end);
    if (hostEnd === end) return end;
    if (hostEnd < 0 || bytes[hostEnd] !== Octet.Colon) return -1;
  }
  return isPort(bytes, hostEnd + 1, end) ? hostEnd : -1;
}

/**
 * Whether two valid authorities of one buffer name the same host, whose case doesn't matter, and the same port (RFC 3986 §6.2.2.1, §6.2.3).
 */
export function isSameAuthority(
  bytes: Uint8Array,
  start: number,
  end: number,
  otherStart: number,
  otherEnd: number,
  defaultPort: number,
): boolean {
  const hostOctets = parseAuthority(bytes, start, end) - start;
  if (parseAuthority(bytes, otherStart, otherEnd) - otherStart !== hostOctets) return false;
  for (let index = 0; index < hostOctets; index++) {
    // Of the octets of a host, no two but the cases of a letter differ by this bit alone.
    if ((bytes[start + index]! | CASE_BIT) !== (bytes[otherStart + index]! | CASE_BIT)) return false;
  }
  const port = portOf(bytes, start + hostOctets, end, defaultPort);
  return port === portOf(bytes, otherStart + hostOctets, otherEnd, defaultPort);
}

/** The port behind a host that ends at `hostEnd`; empty is as good as none. */
function portOf(bytes: Uint8Array, hostEnd: number, end: number, defaultPort: number): number {
  if (hostEnd + 1 >= end) return defaultPort;
  let port = 0;
  for (let position = hostEnd + 1; position < end; position++) port = port * 10 + bytes[position]! - Octet.Zero;
  return port;
}

/** Offset after "[" IPv6address "]"; -1 if that is not what begins at `start`. */
function skipIpLiteral(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  while (position < end && bytes[position] !== Octet.RightBracket) position++;
  return position < end && isIpv6Address(bytes, start + 1, position) ? position + 1 : -1;
}

/** Offset of the first octet that cannot belong to a reg-name. */
function skipRegName(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  while (position < end) {
    const octet = bytes[position]!;
    if (REG_NAME[octet] === 1) position++;
    else if (octet === Octet.Percent && isPctEncoded(bytes, position, end)) position += 3;
    else break;
  }
  return position;
}

function isPctEncoded(bytes: Uint8Array, position: number, end: number): boolean {
  return position + 2 < end && HEX[bytes[position + 1]!] !== HEX_NONE && HEX[bytes[position + 2]!] !== HEX_NONE;
}

function isPort(bytes: Uint8Array, start: number, end: number): boolean {
  let port = 0;
  for (let position = start; position < end; position++) {
    const octet = bytes[position]!;
    if (DIGIT[octet] === 0) return false;
    port = port * 10 + octet - Octet.Zero;
    if (port > PORT_MAX) return false;
  }
  return true;
}

/** IPv6address: eight groups of 1 to 4 HEXDIG, one run of zero groups written "::", the last two perhaps as IPv4. */
export function isIpv6Address(bytes: Uint8Array, start: number, end: number): boolean {
  let groups = 0;
  let elided = false;
  let position = start;
  if (end - start >= 2 && bytes[start] === Octet.Colon && bytes[start + 1] === Octet.Colon) {
    elided = true;
    position += 2;
  }
  while (position < end) {
    const groupEnd = skipHexdig(bytes, position, end);
    if (groupEnd < end && bytes[groupEnd] === Octet.Dot) {
      if (!isIpv4Address(bytes, position, end)) return false;
      groups += 2;
      position = end;
      break;
    }
    if (groupEnd === position || groupEnd - position > 4) return false;
    groups++;
    position = groupEnd;
    if (position === end) break;
    if (bytes[position] !== Octet.Colon || position + 1 === end) return false;
    position++;
    if (bytes[position] === Octet.Colon) {
      if (elided) return false;
      elided = true;
      position++;
    }
  }
  return elided ? groups <= 7 : groups === 8;
}

function skipHexdig(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  while (position < end && HEX[bytes[position]!] !== HEX_NONE) position++;
  return position;
}

/** IPv4address: four dec-octets without leading zeros. */
function isIpv4Address(bytes: Uint8Array, start: number, end: number): boolean {
  let position = start;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && (position === end || bytes[position++] !== Octet.Dot)) return false;
    const partStart = position;
    let value = 0;
    while (position < end && DIGIT[bytes[position]!] === 1) value = value * 10 + bytes[position++]! - Octet.Zero;
    const digits = position - partStart;
    if (digits === 0 || digits > 3 || value > 255) return false;
    if (digits > 1 && bytes[partStart] === Octet.Zero) return false;
  }
  return position === end;
}
