/**
 * What a request asks of a site: its path, its query, and its credentials.
 *
 * In:    a request head. Out: strings, made from its octets.
 * Keeps: a path like the one before it is the same string, and nothing is allocated (path-text.ts).
 */
import { Field } from "../http/field.ts";
import { asksFirstFor } from "../http/media-range.ts";
import { textOf } from "../http/octets.ts";
import type { RequestHead } from "../http/request-head.ts";
import { PathText } from "./path-text.ts";
import { mayNeedNavigation, type PlanOptions } from "./plan.ts";
import { type PathFault, type RequestPath, resolveRequestPath } from "./request-path.ts";
import { factsFor } from "./rules/conditions.ts";
import { segmentsOf } from "./rules/path-pattern.ts";

const lastPath = new PathText();

/** What is asked for: the path as it was sent, and what the rules for it ask of the request besides; or why it is refused. */
export function requestPathFor(
  { dotfiles, rules }: PlanOptions,
  sentPath: string,
  head: RequestHead,
): RequestPath | PathFault {
  const path = resolveRequestPath(sentPath, dotfiles);
  if (typeof path === "number") return path;
  const known = mayNeedNavigation(rules, path) ? { ...path, isNavigation: isNavigation(head) } : path;
  if (!rules.hasConditions) return known;
  const query = queryOf(head);
  const facts = factsFor(rules.moves, segmentsOf(path.filePath), query, head.value(Field.AcceptLanguage));
  return facts === null ? known : { ...known, facts };
}

/** A browser that goes to a page asks for HTML before anything else; for a script, style or image it doesn't name it. */
function isNavigation(head: RequestHead): boolean {
  return asksFirstFor(head.value(Field.Accept), "text/html");
}

/** The client's credentials (Authorization); "" where it sends none. */
export function authorizationOf(head: RequestHead): string {
  return head.value(Field.Authorization) ?? "";
}

/** The path as it was sent; "/" where an absolute-form target has none (RFC 9110 §4.2.3). */
export function sentPathOf(head: RequestHead): string {
  if (head.pathEnd === head.pathStart) return "/";
  return lastPath.of(head.bytes, head.pathStart, head.pathEnd);
}

/** The query with its "?"; "" where there is none. */
export function queryOf(head: RequestHead): string {
  if (head.queryStart === -1) return "";
  return `?${textOf(head.bytes, head.queryStart, head.queryEnd)}`;
}
