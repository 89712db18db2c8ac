/**
 * Message body length of a request (RFC 9112 §6).
 *
 * In:    a parsed field section; `contentOctetsMax`.
 * Out:   `head.framing` and `head.contentOctets` (0 unless Length); returns 0 or a ParseCode.
 * Units: octets; lengths are integers in 0..Number.MAX_SAFE_INTEGER.
 * Keeps: if two recipients disagree about where a message ends, another one can be smuggled into it; so every doubt is a refusal:
 *        - Content-Length together with Transfer-Encoding (§6.1 lets a server refuse it; so do we);
 *        - several Content-Length values, even if they agree (§6.3 leaves the choice to refuse or to merge);
 *        - Transfer-Encoding in HTTP/1.0 (§6.1: its framing MUST be treated as faulty);
 *        - chunked missing at the end of the list, or applied twice (§6.3, §7.1): 400, as the length cannot be known;
 *        - another coding before a final chunked: 501 (§6.1), as saker removes none but chunked;
 *        - Stricter than RFC 9110 §5.6.1.2: empty list elements beside chunked (`, chunked`) are refused with 400.
 */

import { Field } from "./field.ts";
import type { Limits } from "./limits.ts";
import { elementEnd, nextElement } from "./list.ts";
import { DIGIT, Octet, TCHAR, equalsIgnoringCase, octetsOf } from "./octets.ts";
import { ParseCode } from "./parse-code.ts";
import { Framing, HttpVersion, type RequestHead } from "./request-head.ts";

const CHUNKED = octetsOf("chunked");

export function determineFraming(head: RequestHead, limits: Limits): ParseCode {
  if (!head.has(Field.TransferEncoding)) {
    return head.has(Field.ContentLength) ? takeContentLength(head, limits) : ParseCode.None;
  }
  if (head.has(Field.ContentLength)) return ParseCode.FramingConflict;
  if (head.version === HttpVersion.Http10) return ParseCode.BadTransferCoding;
  return takeTransferCodings(head);
}

/** Content-Length, which is there: `head.contentOctets`, and framing Length or, if it is 0, None. */
export function takeContentLength(head: RequestHead, { contentOctetsMax }: Limits): ParseCode {
  if (head.isRepeated(Field.ContentLength)) return ParseCode.RepeatedContentLength;
  const start = head.valueStart(Field.ContentLength);
  const end = head.valueEnd(Field.ContentLength);
  if (start === end) return ParseCode.BadContentLength;
  let octets = 0;
  for (let position = start; position < end; position++) {
    const octet = head.bytes[position]!;
    if (octet === Octet.Comma) return ParseCode.RepeatedContentLength;
    if (DIGIT[octet] === 0) return ParseCode.BadContentLength;
    // Saturates: past MAX_SAFE_INTEGER the number is no longer exact, but it is too large by any limit.
    octets = Math.min(octets * 10 + octet - Octet.Zero, Number.MAX_SAFE_INTEGER);
  }
  if (octets > contentOctetsMax || octets === Number.MAX_SAFE_INTEGER) return ParseCode.ContentTooLarge;
  head.framing = octets > 0 ? Framing.Length : Framing.None;
  head.contentOctets = octets;
  return ParseCode.None;
}

/** The only list saker can undo is `chunked` alone, on one line. */
function takeTransferCodings(head: RequestHead): ParseCode {
  const start = head.valueStart(Field.TransferEncoding);
  const end = head.valueEnd(Field.TransferEncoding);
  if (head.isRepeated(Field.TransferEncoding) || !equalsIgnoringCase(head.bytes, start, end, CHUNKED)) {
    return transferCodingFailure(head);
  }
  head.framing = Framing.Chunked;
  return ParseCode.None;
}

/**
 * Says what is wrong with a Transfer-Encoding = #transfer-coding, all its lines taken together. A comma inside a quoted parameter only
 * makes one more unknown coding.
 */
function transferCodingFailure(head: RequestHead): ParseCode {
  let unknownCodings = 0;
  let chunkedCodings = 0;
  let chunkedIsFinal = false;
  let line = head.firstLine(Field.TransferEncoding);
  for (; line >= 0; line = head.nextLine(Field.TransferEncoding, line)) {
    const end = head.lineValueEnd(line);
    let position = nextElement(head.bytes, head.lineValueStart(line), end);
    while (position < end) {
      if (TCHAR[head.bytes[position]!] === 0) return ParseCode.BadTransferCoding;
      const stop = elementEnd(head.bytes, position, end);
      chunkedIsFinal = equalsIgnoringCase(head.bytes, position, stop, CHUNKED);
      if (chunkedIsFinal) chunkedCodings++;
      else unknownCodings++;
      position = nextElement(head.bytes, stop, end);
    }
  }
  const lengthIsKnown = chunkedIsFinal && chunkedCodings === 1;
  return lengthIsKnown && unknownCodings > 0 ? ParseCode.UnknownTransferCoding : ParseCode.BadTransferCoding;
}
