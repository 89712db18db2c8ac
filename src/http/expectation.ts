/**
 * Expect: the one expectation there is (RFC 9110 §10.1.1).
 *
 * In:    a parsed field section whose framing is determined, in `head`.
 * Out:   `head.expectContinue`; returns 0 or BadExpectation (417).
 * Keeps: 100-continue in HTTP/1.0 is ignored (MUST), and so it is without content to wait for: no 100 is sent then.
 */

import { Field } from "./field.ts";
import { Framing } from "./framing.ts";
import { equalsIgnoringCase, octetsOf } from "./octets.ts";
import { ParseCode } from "./parse-code.ts";
import type { RequestHead } from "./request-head.ts";

const CONTINUE = octetsOf("100-continue");

export function determineExpectation(head: RequestHead): ParseCode {
  let line = head.firstLine(Field.Expect);
  if (line < 0) return ParseCode.None;
  for (; line >= 0; line = head.nextLine(Field.Expect, line)) {
    const start = head.lineValueStart(line);
    const end = head.lineValueEnd(line);
    if (!equalsIgnoringCase(head.bytes, start, end, CONTINUE)) return ParseCode.BadExpectation;
  }
  const hasContent = head.framing === Framing.Chunked || head.contentOctets > 0;
  head.expectContinue = hasContent && head.minorVersion > 0;
  return ParseCode.None;
}
