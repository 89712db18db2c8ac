/**
 * Persistence of the connection after one request (RFC 9110 §7.6.1, RFC 9112 §9.3).
 *
 *     Connection        = #connection-option
 *     connection-option = token             ; case-insensitive: "close", "keep-alive"
 *
 * In:    a parsed field section and the HTTP version, in `head`.
 * Out:   `head.persistent`: false after "close"; else true for HTTP/1.1; else true for HTTP/1.0 with "keep-alive".
 * Keeps: options saker does not know are skipped, and so is anything that is not a token.
 */

import { Field } from "./field.ts";
import { elementEnd, nextElement } from "./list.ts";
import { equalsIgnoringCase, octetsOf } from "./octets.ts";
import { HttpVersion, type RequestHead } from "./request-head.ts";

const CLOSE = octetsOf("close");
const KEEP_ALIVE = octetsOf("keep-alive");

export function determinePersistence(head: RequestHead): void {
  if (!head.has(Field.Connection)) {
    head.persistent = head.version !== HttpVersion.Http10;
    return;
  }
  head.persistent =
    isKeepAliveAlone(head) ||
    (!hasOption(head, CLOSE) && (head.version !== HttpVersion.Http10 || hasOption(head, KEEP_ALIVE)));
}

/** What browsers send: no list to walk. */
function isKeepAliveAlone(head: RequestHead): boolean {
  if (head.isRepeated(Field.Connection)) return false;
  return equalsIgnoringCase(head.bytes, head.valueStart(Field.Connection), head.valueEnd(Field.Connection), KEEP_ALIVE);
}

function hasOption(head: RequestHead, option: Uint8Array): boolean {
  let line = head.firstLine(Field.Connection);
  for (; line >= 0; line = head.nextLine(Field.Connection, line)) {
    if (listHasOption(head.bytes, head.lineValueStart(line), head.lineValueEnd(line), option)) return true;
  }
  return false;
}

function listHasOption(bytes: Uint8Array, start: number, end: number, option: Uint8Array): boolean {
  let position = nextElement(bytes, start, end);
  while (position < end) {
    const stop = elementEnd(bytes, position, end);
    if (equalsIgnoringCase(bytes, position, stop, option)) return true;
    position = nextElement(bytes, stop, end);
  }
  return false;
}
