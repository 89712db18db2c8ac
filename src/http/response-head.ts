/**
 * The head of a response: its status and fields, and encodings of them that are made once and sent many times.
 *
 *   ResponseHead      status, fields: what every version of HTTP says in its own way
 *   EncodedHead       one way of saying it: octets ready to send (RFC 9112 §4, §5), where Date and Expires are overwritten in place
 *
 * In:    a status code and field lines, in the order they shall have.
 * Units: octets; seconds.
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

/** Octets of a head; only its dates change. */
export class EncodedHead {
  /** Which second its dates show, since 1970; NaN: none yet. */
  dateSecond = Number.NaN;

  /**
   * @param octets `[0, end)` is the head: in HTTP/1.1 with the empty line that ends it, in HTTP/2 a field block. Content may lie right behind.
   * @param fieldsEnd where further field lines may be put: before the empty line
   * @param dateOffset where Date's value begins; -1: there is none. `expiresOffset`: the same of Expires
   */
  constructor(
    readonly octets: Buffer,
    readonly end: number,
    readonly fieldsEnd: number,
    readonly dateOffset: number,
    readonly expiresOffset: number,
    readonly expiresSeconds: number,
  ) {}
}

export class ResponseHead {
  /** As HTTP/2 says it: made at first use (http2/hpack-encoder.ts). */
  h2: EncodedHead | null = null;

  constructor(
    readonly status: number,
    readonly fields: readonly FieldLine[],
    /** As HTTP/1.1 says it. */
    readonly h1: EncodedHead,
  ) {}

  /** Whether `h1` is made once for many responses; if not, `put` is cheaper. */
  get isShared(): boolean {
    return true;
  }

  /** The octets in which its dates are set, before `put` copies them. */
  get dated(): EncodedHead {
    return this.h1;
  }

  /** What `put` needs at most. */
  get fieldsOctetsMax(): number {
    return this.h1.fieldsEnd;
  }

  /** Puts what HTTP/1.1 says at the start of `target`, but for the empty line; returns how many octets that are. */
  put(target: Buffer): number {
    return this.h1.octets.copy(target, 0, 0, this.h1.fieldsEnd);
  }
}

/** CRLF */
const EMPTY_LINE_OCTETS = 2;

/** A well-formed date, so that a head is valid before its Date is filled in. */
const DATE_PLACEHOLDER = formatHttpDate(0);

/** `content`: is copied behind the head, so that both leave in one write without being put together. */
export function buildResponseHead(
  status: number,
  fields: readonly FieldLine[],
  content: Buffer | null = null,
): ResponseHead {
  let text = statusLine(status);
  let dateOffset = -1;
  let expiresOffset = -1;
  let expiresSeconds = 0;
  for (const [name, value, secondsLater] of fields) {
    text += `${checkedName(name)}: `;
    if (value === null && secondsLater === undefined) dateOffset = text.length;
    if (value === null && secondsLater !== undefined) {
      expiresOffset = text.length;
      expiresSeconds = secondsLater;
    }
    text += `${value === null ? DATE_PLACEHOLDER : checkedValue(name, value)}\r\n`;
  }
  const head = Buffer.from(text + "\r\n", "latin1");
  const octets = content === null ? head : Buffer.concat([head, content]);
  return new ResponseHead(
    status,
    fields,
    new EncodedHead(octets, head.length, head.length - EMPTY_LINE_OCTETS, dateOffset, expiresOffset, expiresSeconds),
  );
}

/** Field lines as HTTP/1.1 says them, without an empty line. None may stand for a date. */
export function encodeFieldLines(fields: readonly FieldLine[]): Buffer {
  const text = fields.map(([name, value]) => `${checkedName(name)}: ${checkedValue(name, value!)}\r\n`).join("");
  return Buffer.from(text, "latin1");
}

/** `name`, if it is one. */
export function checkedName(name: string): string {
  if (name.length === 0 || !consistsOf(name, TCHAR)) throw new TypeError(`no field name: ${JSON.stringify(name)}`);
  return name;
}

/** `value`, if a field can have it. */
export function checkedValue(name: string, value: string): string {
  if (!consistsOf(value, FIELD_VALUE)) throw new TypeError(`no value for ${name}: ${JSON.stringify(value)}`);
  return value;
}

function consistsOf(text: string, octetClass: Uint8Array): boolean {
  for (let index = 0; index < text.length; index++) {
    // Beyond 0xff there is no entry: such a character is of no class.
    if (octetClass[text.charCodeAt(index)] !== 1) return false;
  }
  return true;
}

if (DATE_PLACEHOLDER.length !== HTTP_DATE_OCTETS) throw new Error("a date of another length");
