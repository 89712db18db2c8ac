/**
 * The answer to a CORS preflight: OPTIONS with Origin and Access-Control-Request-Method (Fetch standard §3.2.2).
 *
 * In:    the rule, a request. Out: the field edits of its answer; null where it is an OPTIONS like any other.
 *
 * A preflight is answered whoever asks: a browser hides every other answer to it from the script, which would never learn
 * that it must wait (429) or may not come in (401, 403). The request that follows is judged, and its refusal can be read.
 */
import { Field } from "../http/field.ts";
import { Method } from "../http/method.ts";
import { equalsIgnoringCase, octetsOf, textOf } from "../http/octets.ts";
import { FIELD_SLOTS, type RequestHead } from "../http/request-head.ts";
import { isInScope } from "./cors-scope.ts";
import { type CorsRule, preflightEdits } from "./rules/cors-rule.ts";
import type { FieldEdits } from "./rules/field-edit.ts";

const REQUEST_METHOD = octetsOf("access-control-request-method");
const REQUEST_HEADERS = octetsOf("access-control-request-headers");

export function preflightFor(rule: CorsRule, head: RequestHead): FieldEdits | null {
  if (!isPreflight(head) || !isInScope(rule, head)) return null;
  return preflightEdits(rule, head.value(Field.Origin)!, valueOf(head, REQUEST_HEADERS) ?? "");
}

export function isPreflight(head: RequestHead): boolean {
  if (head.method !== Method.Options || !head.has(Field.Origin)) return false;
  return lineOf(head, REQUEST_METHOD) !== -1;
}

function valueOf(head: RequestHead, name: Uint8Array): string | null {
  const line = lineOf(head, name);
  return line === -1 ? null : textOf(head.bytes, head.lineValueStart(line), head.lineValueEnd(line));
}

/** The last field line with this name, in lower case; -1 where there is none. */
function lineOf({ bytes, fieldCount, fields }: RequestHead, name: Uint8Array): number {
  let line = fieldCount - 1;
  while (line >= 0) {
    const slot = line * FIELD_SLOTS;
    if (equalsIgnoringCase(bytes, fields[slot]!, fields[slot + 1]!, name)) break;
    line--;
  }
  return line;
}
