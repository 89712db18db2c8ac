/**
 * The answer to a CORS preflight: OPTIONS with Origin and Access-Control-Request-Method (Fetch standard §3.2.2).
 *
 * In:    the rule, a request. Out: the field edits of a 204; null where it is an OPTIONS like any other.
 */
import { Field } from "../http/field.ts";
import { textOf } from "../http/octets.ts";
import type { RequestHead } from "../http/request-head.ts";
import { resolveRequestPath } from "./request-path.ts";
import { appliesTo, type CorsRule, preflightEdits } from "./rules/cors-rule.ts";
import type { FieldEdits } from "./rules/field-edit.ts";
import { segmentsOf } from "./rules/path-pattern.ts";

export function preflightFor(rule: CorsRule, head: RequestHead, dotfiles: boolean): FieldEdits | null {
  const origin = head.value(Field.Origin);
  if (origin === null) return null;
  const asked = new Map<string, string>();
  head.eachField((name, value) => asked.set(name.toLowerCase(), value));
  if (!asked.has("access-control-request-method")) return null;
  const path = resolveRequestPath(textOf(head.bytes, head.pathStart, head.pathEnd), dotfiles);
  if (typeof path === "number" || !appliesTo(rule, segmentsOf(path.filePath))) return null;
  return preflightEdits(rule, origin, asked.get("access-control-request-headers") ?? "");
}
