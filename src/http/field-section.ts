/**
 * Field section of a request head (RFC 9112 §5, RFC 9110 §5).
 *
 *     field-section = *( field-line CRLF ) CRLF
 *     field-line    = field-name ":" OWS field-value OWS
 *     field-name    = token
 *     field-value   = *( field-vchar / SP / HTAB )
 *
 * In:    octets from `start` on; `lastLf`, the offset of the last LF among the octets received.
 * Out:   the offset after the section's empty line; or the negative of a ParseCode; or 0 when the lines end before the
 *        section does (`head.position` is then where the next line begins).
 * Keeps: parses whole lines only. No octet class holds LF, so every scan below stops at `lastLf` at the latest without
 *        looking for it. Allocates nothing.
 * Fails: whitespace before the colon (§5.1), obs-fold (§5.2), CR or LF alone (§2.2), control characters in values
 *        (RFC 9110 §5.5), all of which a server may or must refuse with 400.
 */

import { Field, candidateField, isFieldNamed } from "./field.ts";
import { FIELD_VALUE, Octet, OWS, TCHAR } from "./octets.ts";
import { ParseCode } from "./parse-code.ts";
import { FIELD_SLOTS, type RequestHead } from "./request-head.ts";

export function parseFieldLines(
  bytes: Uint8Array,
  start: number,
  lastLf: number,
  head: RequestHead,
  fieldCountMax: number,
): number {
  const fields = head.fields;
  let position = start;
  while (position <= lastLf) {
    const nameStart = position;
    while (TCHAR[bytes[position]!] === 1) position++;
    const nameEnd = position;
    if (nameEnd === nameStart || bytes[nameEnd] !== Octet.Colon) {
      if (isLineEnd(bytes, nameStart)) return nameStart + 2;
      return -nameFailure(bytes, nameStart, nameEnd);
    }

    position++;
    while (OWS[bytes[position]!] === 1) position++;
    const valueStart = position;
    while (FIELD_VALUE[bytes[position]!] === 1) position++;
    if (!isLineEnd(bytes, position)) return -valueFailure(bytes, position);
    let valueEnd = position;
    while (valueEnd > valueStart && OWS[bytes[valueEnd - 1]!] === 1) valueEnd--;

    const line = head.fieldCount;
    if (line === fieldCountMax) return -ParseCode.TooManyFields;
    const slot = line * FIELD_SLOTS;
    fields[slot] = nameStart;
    fields[slot + 1] = nameEnd;
    fields[slot + 2] = valueStart;
    fields[slot + 3] = valueEnd;
    const field = candidateField(bytes, nameStart, nameEnd);
    const isKnown = field !== Field.count && isFieldNamed(bytes, nameStart, nameEnd, field);
    noteField(head, line, isKnown ? field : Field.count);
    head.fieldCount = line + 1;
    position += 2;
  }
  head.position = position;
  return 0;
}

/** Line `line` is of `field`; of a field that isn't known, `Field.count`. */
export function noteField(head: RequestHead, line: number, field: Field): void {
  head.fieldOfLine[line] = field;
  if (field === Field.count) return;
  const bit = 1 << field;
  if ((head.present & bit) === 0) {
    head.present |= bit;
    head.known[field] = line;
  } else {
    head.repeated |= bit;
  }
}

/** CR is never the last octet of the whole lines, so looking one further is safe. */
function isLineEnd(bytes: Uint8Array, position: number): boolean {
  return bytes[position] === Octet.Cr && bytes[position + 1] === Octet.Lf;
}

function nameFailure(bytes: Uint8Array, nameStart: number, nameEnd: number): ParseCode {
  const octet = bytes[nameEnd]!;
  if (octet === Octet.Lf || octet === Octet.Cr)
    return nameEnd === nameStart ? ParseCode.BadLineEnd : ParseCode.BadFieldName;
  if (nameEnd === nameStart && OWS[octet] === 1) return ParseCode.LineFolding;
  return ParseCode.BadFieldName;
}

function valueFailure(bytes: Uint8Array, position: number): ParseCode {
  const octet = bytes[position]!;
  return octet === Octet.Lf || octet === Octet.Cr ? ParseCode.BadLineEnd : ParseCode.BadFieldValue;
}
