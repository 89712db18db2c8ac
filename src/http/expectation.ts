/**
 * Expect: the one expectation there is (RFC 9110 §10.1.1).
 *
 *     Expect = #expectation                 ; here: "100-continue", without parameters, in any case
 *
 * In:    a parsed field section whose framing is determined, in `head`.
 * Out:   `head.expectContinue`; returns 0 or BadExpectation (417).
 * Keeps: empty elements of the list are ignored (§5.6.1.2), so an empty Expect expects nothing. 100-continue in HTTP/1.0 is
 *        ignored (MUST), and so it is without content to wait for: no 100 is sent then.
 */

import { Field } from "./field.ts";
import { elementEnd, nextElement } from "./list.ts";
import { equalsIgnoringCase, octetsOf } from "./octets.ts";
import { ParseCode } from "./parse-code.ts";
import { Framing, HttpVersion, type RequestHead } from "./request-head.ts";

const CONTINUE = octetsOf("100-continue");

enum Expectation {
  None,
  Continue,
  Other,
}

export function determineExpectation(head: RequestHead): ParseCode {
  let expectsContinue = false;
  let line = head.firstLine(Field.Expect);
  for (; line >= 0; line = head.nextLine(Field.Expect, line)) {
    const expectation = expectationOf(head.bytes, head.lineValueStart(line), head.lineValueEnd(line));
    if (expectation === Expectation.Other) return ParseCode.BadExpectation;
    if (expectation === Expectation.Continue) expectsContinue = true;
  }
  const hasContent = head.framing !== Framing.None;
  head.expectContinue = expectsContinue && hasContent && head.version !== HttpVersion.Http10;
  return ParseCode.None;
}

/** What the elements of a list expect together. */
function expectationOf(bytes: Uint8Array, start: number, end: number): Expectation {
  let expectation = Expectation.None;
  let position = nextElement(bytes, start, end);
  while (position < end) {
    const stop = elementEnd(bytes, position, end);
    if (!equalsIgnoringCase(bytes, position, stop, CONTINUE)) return Expectation.Other;
    expectation = Expectation.Continue;
    position = nextElement(bytes, stop, end);
  }
  return expectation;
}
