/**
 * Priorities of responses (RFC 9218): the value of the Priority field and of PRIORITY_UPDATE.
 *
 *     Priority: u=3, i          ; a Dictionary (RFC 9651 §3.2): urgency 0 to 7, 0 first; incremental, or not
 *
 * In:    octets of a field value.
 * Out:   urgency and whether it is incremental, as one number; the defaults for what isn't there or isn't valid.
 * Keeps: a value that is no Dictionary as a whole means nothing (RFC 9218 §4: "MUST ignore" goes for members; a list that can't be
 *        parsed has none). Members that aren't known are skipped by the Dictionary's own grammar. Makes no string.
 */
import { DIGIT, equalsExactly, Octet, octetsOf } from "../http/octets.ts";
import { FIELD_SLOTS, type RequestHead } from "../http/request-head.ts";

/** A priority: urgency * 2 + (incremental ? 1 : 0). */
export type Priority = number;

const URGENCY_DEFAULT = 3;
export const PRIORITY_DEFAULT: Priority = URGENCY_DEFAULT * 2;

export function urgencyOf(priority: Priority): number {
  return priority >> 1;
}

export function isIncremental(priority: Priority): boolean {
  return (priority & 1) === 1;
}

const UNCLOSED = -1;

/** The priority that `bytes[start, end)` names. Of a member that is there twice the last one counts (RFC 9651 §3.2). */
export function parsePriority(bytes: Uint8Array, start: number, end: number): Priority {
  let urgency = URGENCY_DEFAULT;
  let incremental = 0;
  let position = skipSpace(bytes, start, end);
  while (position < end) {
    const keyEnd = endOfKey(bytes, position, end);
    if (keyEnd === position) return PRIORITY_DEFAULT;
    const valueStart = bytes[keyEnd] === Octet.Equals && keyEnd < end ? keyEnd + 1 : keyEnd;
    const memberEnd = endOfMember(bytes, valueStart, end);
    if (memberEnd === UNCLOSED) return PRIORITY_DEFAULT;
    if (keyEnd - position === 1) {
      const key = bytes[position];
      if (key === LOWER_U) urgency = urgencyIn(bytes, valueStart, memberEnd);
      else if (key === LOWER_I) incremental = booleanIn(bytes, keyEnd, valueStart, memberEnd);
    }
    position = skipSpace(bytes, memberEnd, end);
    if (position === end) break;
    if (bytes[position] !== Octet.Comma) return PRIORITY_DEFAULT;
    position = skipSpace(bytes, position + 1, end);
    if (position === end) return PRIORITY_DEFAULT; // a comma at the end
  }
  return urgency * 2 + incremental;
}

const LOWER_U = 0x75;
const LOWER_I = 0x69;
const SEVEN = 0x37;
const LEFT_PARENTHESIS = 0x28;
const RIGHT_PARENTHESIS = 0x29;

function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  while (position < end && (bytes[position] === Octet.Space || bytes[position] === Octet.Htab)) position++;
  return position;
}

/** key = ( lcalpha / "*" ) *( lcalpha / DIGIT / "_" / "-" / "." / "*" ) */
function endOfKey(bytes: Uint8Array, start: number, end: number): number {
  if (!isKeyStart(bytes[start]!)) return start;
  let position = start + 1;
  while (position < end && isKeyOctet(bytes[position]!)) position++;
  return position;
}

function isKeyStart(octet: number): boolean {
  return (octet >= 0x61 && octet <= 0x7a) || octet === Octet.Asterisk;
}

function isKeyOctet(octet: number): boolean {
  return isKeyStart(octet) || DIGIT[octet] === 1 || octet === 0x5f || octet === Octet.Hyphen || octet === Octet.Dot;
}

/** Where a member ends, its parameters included: at the next comma that is in no string and no inner list. */
function endOfMember(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0;
  let position = start;
  for (; position < end; position++) {
    const octet = bytes[position]!;
    if (octet === Octet.Quote) {
      position = endOfString(bytes, position + 1, end);
      if (position === UNCLOSED) return UNCLOSED;
    } else if (octet === LEFT_PARENTHESIS) depth++;
    else if (octet === RIGHT_PARENTHESIS) depth--;
    else if (depth === 0 && (octet === Octet.Comma || octet === Octet.Space || octet === Octet.Htab)) break;
  }
  return depth === 0 ? position : UNCLOSED;
}

/** The offset of the quote that ends a string. */
function endOfString(bytes: Uint8Array, start: number, end: number): number {
  for (let position = start; position < end; position++) {
    if (bytes[position] === Octet.Backslash) position++;
    else if (bytes[position] === Octet.Quote) return position;
  }
  return UNCLOSED;
}

/** An Integer from 0 to 7, its parameters left aside; what is out of range or of another type is ignored (RFC 9218 §4). */
function urgencyIn(bytes: Uint8Array, start: number, end: number): number {
  const octet = bytes[start]!;
  const isWhole = start < end && (start + 1 === end || bytes[start + 1] === Octet.Semicolon);
  return isWhole && octet >= Octet.Zero && octet <= SEVEN ? octet - Octet.Zero : URGENCY_DEFAULT;
}

/** `i` and `i=?1` are true. */
function booleanIn(bytes: Uint8Array, keyEnd: number, start: number, end: number): number {
  if (start === keyEnd) return 1;
  const isWhole = start + 2 === end || (start + 2 < end && bytes[start + 2] === Octet.Semicolon);
  return isWhole && bytes[start] === Octet.QuestionMark && bytes[start + 1] === Octet.Zero + 1 ? 1 : 0;
}

const FIELD_NAME = octetsOf("priority");

/** The priority that a request asks for: its lines are one list (RFC 9110 §5.3), which hardly anybody sends in more than one. */
export function priorityOf(head: RequestHead): Priority {
  for (let line = 0; line < head.fieldCount; line++) {
    const slot = line * FIELD_SLOTS;
    if (!equalsExactly(head.bytes, head.fields[slot]!, head.fields[slot + 1]!, FIELD_NAME)) continue;
    return parsePriority(head.bytes, head.lineValueStart(line), head.lineValueEnd(line));
  }
  return PRIORITY_DEFAULT;
}
