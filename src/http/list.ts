/**
 * Lists: elements between commas, with optional white space around them (RFC 9110 §5.6.1, §5.6.3).
 *
 *     #element = [ element ] *( OWS "," OWS [ element ] )       ; §5.6.1.2: a recipient ignores empty elements
 *
 * In:    octets [position, end) of a field value.
 * Out:   offsets. A list is walked from element to element:
 *
 *            let at = nextElement(bytes, start, end);           // elements that end at the next comma, whatever they hold
 *            while (at < end) {
 *              const stop = elementEnd(bytes, at, end);
 *              at = nextElement(bytes, stop, end);
 *            }
 *
 *        or, where an element has a grammar that says where it ends (`stop`), with `elementAfter(bytes, stop, end)`, which tells
 *        whether the list goes on there.
 * Keeps: reads nothing outside of [position, end); allocates nothing. An element of the first way holds no comma: one within a quoted
 *        string separates, too.
 */
import { Octet, OWS } from "./octets.ts";

/** Offset of the next element that isn't empty, at or after `position`; `end` if there is none. */
export function nextElement(bytes: Uint8Array, position: number, end: number): number {
  while (position < end && (bytes[position] === Octet.Comma || OWS[bytes[position]!] === 1)) position++;
  return position;
}

/** Offset after the element that begins at `position`, and is not empty: before the white space and the comma that follow it. */
export function elementEnd(bytes: Uint8Array, position: number, end: number): number {
  const start = position;
  while (position < end && bytes[position] !== Octet.Comma) position++;
  return trimOws(bytes, start, position);
}

/** Offset of the element after the one that ended before `position`; `end` if that was the last, -1 where neither comma nor end follows. */
export function elementAfter(bytes: Uint8Array, position: number, end: number): number {
  position = skipOws(bytes, position, end);
  if (position < end && bytes[position] !== Octet.Comma) return -1;
  return nextElement(bytes, position, end);
}

/** Offset of the first octet at or after `position` that isn't white space; `end` if there is none. */
export function skipOws(bytes: Uint8Array, position: number, end: number): number {
  while (position < end && OWS[bytes[position]!] === 1) position++;
  return position;
}

/** Where octets [start, end) end without the white space after them. */
export function trimOws(bytes: Uint8Array, start: number, end: number): number {
  while (end > start && OWS[bytes[end - 1]!] === 1) end--;
  return end;
}
