/**
 * The form of an error or redirect, in words (site/represent/error-form.ts).
 *
 * In:    the request's head, the Content-Type of the reply; whether that is of a page of the site's own.
 * Out:   a decision; null for a reply without content.
 */
import { Field } from "../../http/field.ts";
import type { RequestHead } from "../../http/request-head.ts";
import { decisionOf } from "./explain-path.ts";
import type { Decision } from "./explanation.ts";

export function explainForm(head: RequestHead, contentType: string | null, isOwnPage: boolean): Decision | null {
  if (contentType === null) return null;
  const accept = head.value(Field.Accept);
  const subject = accept === null ? "no Accept" : `Accept: ${accept}`;
  return decisionOf("form", subject, isOwnPage ? "the site's own page" : formNamed(contentType), "", "");
}

function formNamed(contentType: string): string {
  if (contentType === "application/problem+json") return "JSON: problem details (RFC 9457)";
  return contentType.startsWith("text/html") ? "HTML: a built-in page" : "text: one line";
}
