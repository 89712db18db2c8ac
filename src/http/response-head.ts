/**
 * The head of a response as octets ready to send (RFC 9112 §4, §5).
 *
 * In:    a status code and field lines, in the order they shall have.
 * Out:   octets from the status-line to the empty line, and where in them the value of Date is, to be overwritten once
 *        a second without building anything anew.
 * Keeps: for set-up: it makes strings, and throws on a name or value that could not be sent (a CR or LF in a value
 *        would begin another response). Values are ISO 8859-1; what goes beyond is for the caller to encode.
 */

import { FIELD_VALUE, TCHAR } from "./octets.ts";
import { HTTP_DATE_OCTETS, formatHttpDate } from "./http-date.ts";
import { statusLine } from "./status.ts";

/**
 * Field name and value; null as value stands for a date, to be written over: 29 octets. It is the time of sending, or
 * `secondsLater`, as Expires is (RFC 9111 §5.3).
 */
export type FieldLine = readonly [name: string, value: string | null, secondsLater?: number];

export interface ResponseHead {
  readonly octets: Buffer;
  /** Where the HTTP_DATE_OCTETS octets of the (last) date are; -1 if there is none. */
  readonly dateOffset: number;
  /** Where the date is that lies `expiresSeconds` later; -1 if there is none. */
  readonly expiresOffset: number;
  readonly expiresSeconds: number;
}

/** A well-formed date, so that a head is valid before its Date is filled in. */
const DATE_PLACEHOLDER = formatHttpDate(0);

export function buildResponseHead(status: number, fields: readonly FieldLine[]): ResponseHead {
  let text = statusLine(status);
  let dateOffset = -1;
  let expiresOffset = -1;
  let expiresSeconds = 0;
  for (const [name, value, secondsLater] of fields) {
    if (!isToken(name)) throw new TypeError(`no field name: ${JSON.stringify(name)}`);
    if (value !== null && !isFieldValue(value)) throw new TypeError(`no value for ${name}: ${JSON.stringify(value)}`);
    text += `${name}: `;
    if (value === null && secondsLater === undefined) dateOffset = text.length;
    if (value === null && secondsLater !== undefined) {
      expiresOffset = text.length;
      expiresSeconds = secondsLater;
    }
    text += `${value ?? DATE_PLACEHOLDER}\r\n`;
  }
  return { octets: Buffer.from(text + "\r\n", "latin1"), dateOffset, expiresOffset, expiresSeconds };
}

function isToken(text: string): boolean {
  return text.length > 0 && consistsOf(text, TCHAR);
}

function isFieldValue(text: string): boolean {
  return consistsOf(text, FIELD_VALUE);
}

function consistsOf(text: string, octetClass: Uint8Array): boolean {
  for (let index = 0; index < text.length; index++) {
    // Beyond 0xff there is no entry: such a character is of no class.
    if (octetClass[text.charCodeAt(index)] !== 1) return false;
  }
  return true;
}

if (DATE_PLACEHOLDER.length !== HTTP_DATE_OCTETS) throw new Error("a date of another length");
