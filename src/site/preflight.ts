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
import type { RequestHead } from "../http/request-head.ts";
import { isInScope } from "./cors-scope.ts";
import { type CorsRule, preflightEdits } from "./rules/cors-rule.ts";
import type { FieldEdits } from "./rules/field-edit.ts";

export function preflightFor(rule: CorsRule, head: RequestHead): FieldEdits | null {
  if (!isPreflight(head) || !isInScope(rule, head)) return null;
  return preflightEdits(rule, head.value(Field.Origin)!, valueOf(head, "access-control-request-headers") ?? "");
}

export function isPreflight(head: RequestHead): boolean {
  if (head.method !== Method.Options || !head.has(Field.Origin)) return false;
  return valueOf(head, "access-control-request-method") !== null;
}

/** The value of the last field line with this name, in lower case; null where there is none. */
function valueOf(head: RequestHead, wanted: string): string | null {
  let found: string | null = null;
  head.eachField((name, value) => {
    if (name.toLowerCase() === wanted) found = value;
  });
  return found;
}
