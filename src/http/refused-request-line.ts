/**
 * The request-line of a request that was refused, for the log: as much of it as can be told apart.
 *
 *     line = method SP target SP version        ; whatever octets there are in place of each
 *
 * In:    the octets of a request from its start on, however few or wrong.
 * Out:   offsets of method and target, -1 where there is none, and the version, -1 where it can't be read.
 * Keeps: the method ends at the first SP, the version begins after the last, all between them is the target: nothing that was
 *        sent before the end of the line is left out, except the empty lines before it (RFC 9112 §2.2). The parser's strict
 *        reading (request-line.ts) is a special case of this one. Decides nothing; allocates nothing.
 */
import { DIGIT, equalsExactly, Octet, octetsOf, TCHAR } from "./octets.ts";

export interface RequestLineParts {
  methodStart: number;
  methodEnd: number;
  targetStart: number;
  targetEnd: number;
  /** Ten times the HTTP version: 10, 11, 20. */
  version: number;
}

const VERSION_PREFIX = octetsOf(" HTTP/");
/** SP, "HTTP/", DIGIT, ".", DIGIT */
const VERSION_OCTETS = VERSION_PREFIX.length + 3;

/** Finds in `[start, end)` the parts of the first line that isn't empty. */
export function dissectRequestLine(bytes: Uint8Array, start: number, end: number, parts: RequestLineParts): void {
  const lineStart = skipEmptyLines(bytes, start, end);
  const lineEnd = endOfLine(bytes, lineStart, end);
  parts.version = versionAtEnd(bytes, lineStart, lineEnd);
  const restEnd = parts.version === -1 ? lineEnd : lineEnd - VERSION_OCTETS;
  const methodEnd = endOfMethod(bytes, lineStart, restEnd);
  const hasMethod = methodEnd > lineStart;
  parts.methodStart = hasMethod ? lineStart : -1;
  parts.methodEnd = hasMethod ? methodEnd : -1;
  const targetStart = hasMethod ? methodEnd + 1 : lineStart;
  const hasTarget = targetStart < restEnd;
  parts.targetStart = hasTarget ? targetStart : -1;
  parts.targetEnd = hasTarget ? restEnd : -1;
}

function skipEmptyLines(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  while (position < end && (bytes[position] === Octet.Cr || bytes[position] === Octet.Lf)) position++;
  return position;
}

function endOfLine(bytes: Uint8Array, start: number, end: number): number {
  const lf = bytes.indexOf(Octet.Lf, start);
  if (lf === -1 || lf >= end) return end;
  return lf > start && bytes[lf - 1] === Octet.Cr ? lf - 1 : lf;
}

/** Where the method ends: at the first SP; where there is none, a token is a method, and anything else isn't. */
function endOfMethod(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  let isToken = true;
  for (; position < end && bytes[position] !== Octet.Space; position++) {
    if (TCHAR[bytes[position]!] === 0) isToken = false;
  }
  return position < end || isToken ? position : start;
}

function versionAtEnd(bytes: Uint8Array, start: number, end: number): number {
  const versionStart = end - VERSION_OCTETS;
  if (versionStart < start || !equalsExactly(bytes, versionStart, end - 3, VERSION_PREFIX)) return -1;
  const [major, minor] = [bytes[end - 3]!, bytes[end - 1]!];
  if (DIGIT[major] === 0 || bytes[end - 2] !== Octet.Dot || DIGIT[minor] === 0) return -1;
  return (major - Octet.Zero) * 10 + minor - Octet.Zero;
}
