/**
 * The client that a proxy says it forwards a request for: X-Forwarded-For, or Forwarded (RFC 7239).
 *
 * In:    a parsed head. Out: the nodes that it names, one after the other, the nearest (last) first, each as the offsets of
 *        what ought to be an IP address: without brackets, quotes and port.
 * Keeps: reads from the right and no further than it is asked: what a client has written stands to the left of what the
 *        proxy has added, and can't change how that is read, not even by a quote that never ends. Allocates nothing;
 *        linear in the octets; everything beyond ELEMENTS_MAX elements counts as garbage.
 *        Where both fields are there, X-Forwarded-For counts: most proxies write that one alone, and pass on whatever
 *        Forwarded they are sent. A proxy that writes Forwarded has to remove X-Forwarded-For.
 *
 * Departs from RFC 7239 §4: an IPv6 address or a port needn't be quoted, as some proxies leave the quotes out.
 */
import { Field } from "./field.ts";
import { skipOws, trimOws } from "./list.ts";
import { Octet, OWS, TCHAR } from "./octets.ts";
import type { RequestHead } from "./request-head.ts";

/** Elements of a field that are evaluated, empty ones included. No chain of proxies is this long. */
const ELEMENTS_MAX = 64;

const BACKSLASH = 0x5c;

export class ForwardedNodes {
  /** The buffer that the offsets are about. */
  bytes: Uint8Array = new Uint8Array(0);
  /** The address of the node that `next` found: `[start, end)`; empty when it names none ("unknown", "_hidden", garbage). */
  start = 0;
  end = 0;
  private head: RequestHead | null = null;
  private field = Field.count;
  private line = 0;
  private lineStart = 0;
  /** Where the elements that are still to be read end. */
  private position = 0;
  private elements = 0;

  /** Begins with a head; `next` then finds its nearest node. */
  begin(head: RequestHead): void {
    this.head = head;
    this.bytes = head.bytes;
    this.field = head.has(Field.XForwardedFor) ? Field.XForwardedFor : Field.Forwarded;
    this.line = head.has(this.field) ? head.fieldCount : 0;
    this.lineStart = 0;
    this.position = 0;
    this.elements = 0;
  }

  /** Goes on to the next node to the left; false when there is none. */
  next(): boolean {
    this.start = 0;
    this.end = 0;
    while (this.position > this.lineStart || this.previousLine()) {
      if (++this.elements > ELEMENTS_MAX) return true;
      const { bytes } = this;
      const end = this.position;
      const isList = this.field === Field.XForwardedFor;
      const start = isList
        ? plainElementStart(bytes, this.lineStart, end)
        : quotedElementStart(bytes, this.lineStart, end);
      this.position = Math.max(this.lineStart, start - 1); // the comma
      const first = skipOws(bytes, start, end);
      const last = trimOws(bytes, first, end);
      if (first === last) continue; // RFC 9110 §5.6.1.2: empty elements don't count
      if (isList) this.setNode(first, last);
      else this.readElement(first, last);
      return true;
    }
    return false;
  }

  private previousLine(): boolean {
    const head = this.head!;
    while (--this.line >= 0) {
      if (head.fieldOfLine[this.line] !== this.field) continue;
      this.lineStart = head.lineValueStart(this.line);
      this.position = head.lineValueEnd(this.line);
      if (this.position > this.lineStart) return true;
    }
    this.line = 0;
    return false;
  }

  /** forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] ); leaves no node where it isn't one. */
  private readElement(start: number, end: number): void {
    const { bytes } = this;
    let nodeStart = -1;
    let nodeEnd = -1;
    let position = start;
    while (position < end) {
      const nameStart = position;
      while (position < end && TCHAR[bytes[position]!] === 1) position++;
      const isFor = isNamedFor(bytes, nameStart, position);
      if (position > nameStart) {
        if (position === end || bytes[position++] !== Octet.Equals) return;
        const isQuoted = position < end && bytes[position] === Octet.Quote;
        if (isQuoted) position++;
        const valueStart = position;
        position = isQuoted ? quotedEnd(bytes, position, end) : unquotedEnd(bytes, position, end);
        if (position === end && isQuoted) return;
        if (isFor && nodeStart >= 0) return; // RFC 7239 §4: once at most
        if (isFor) {
          nodeStart = valueStart;
          nodeEnd = position;
        }
        if (isQuoted) position++;
      }
      position = skipOws(bytes, position, end);
      if (position < end && bytes[position++] !== Octet.Semicolon) return;
      position = skipOws(bytes, position, end);
    }
    if (nodeStart >= 0) this.setNode(nodeStart, nodeEnd);
  }

  /** node = nodename [ ":" node-port ]; an IPv6 address stands in brackets, or alone. */
  private setNode(start: number, end: number): void {
    const { bytes } = this;
    if (bytes[start] === Octet.LeftBracket) {
      const close = indexOfOctet(bytes, Octet.RightBracket, start, end);
      if (close < 0 || !isPortOrNothing(bytes, close + 1, end)) return;
      this.start = start + 1;
      this.end = close;
      return;
    }
    const colon = indexOfOctet(bytes, Octet.Colon, start, end);
    const hasOne = colon >= 0 && indexOfOctet(bytes, Octet.Colon, colon + 1, end) < 0;
    if (hasOne && !isPortOrNothing(bytes, colon, end)) return;
    this.start = start;
    this.end = hasOne ? colon : end;
  }
}

/** Where the last element of a comma-separated list begins. */
function plainElementStart(bytes: Uint8Array, start: number, end: number): number {
  let position = end;
  while (position > start && bytes[position - 1] !== Octet.Comma) position--;
  return position;
}

/**
 * The same, except that commas inside quoted strings don't separate; a quoted string is scanned from its end to its beginning.
 */
function quotedElementStart(bytes: Uint8Array, start: number, end: number): number {
  let isInside = false;
  for (let position = end - 1; position >= start; position--) {
    const octet = bytes[position];
    if (octet === Octet.Quote && !(isInside && isEscaped(bytes, start, position))) isInside = !isInside;
    else if (octet === Octet.Comma && !isInside) return position + 1;
  }
  return start;
}

/** Whether an odd number of backslashes stands before `position`. */
function isEscaped(bytes: Uint8Array, start: number, position: number): boolean {
  let first = position;
  while (first > start && bytes[first - 1] === BACKSLASH) first--;
  return (position - first) % 2 === 1;
}

/** Where the quoted string ends whose first octet is at `start`: at its quote, or at `end` if it has none. */
function quotedEnd(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  while (position < end && bytes[position] !== Octet.Quote) position += bytes[position] === BACKSLASH ? 2 : 1;
  return Math.min(position, end);
}

function unquotedEnd(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  while (position < end && bytes[position] !== Octet.Semicolon && OWS[bytes[position]!] === 0) position++;
  return position;
}

function isNamedFor(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== 3) return false;
  return (bytes[start]! | 0x20) === 0x66 && (bytes[start + 1]! | 0x20) === 0x6f && (bytes[start + 2]! | 0x20) === 0x72;
}

/** Nothing, or a colon and a port: digits, or an obfuscated one (RFC 7239 §6.3). */
function isPortOrNothing(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end) return true;
  if (bytes[start] !== Octet.Colon || start + 1 === end) return false;
  for (let position = start + 1; position < end; position++) if (TCHAR[bytes[position]!] !== 1) return false;
  return true;
}

function indexOfOctet(bytes: Uint8Array, octet: number, start: number, end: number): number {
  for (let position = start; position < end; position++) if (bytes[position] === octet) return position;
  return -1;
}
