/**
 * What a request asks of a site: its path, its query, and its credentials.
 *
 * In:    a request head. Out: strings, made from its octets.
 * Keeps: a path like the one before it is the same string, and nothing is allocated (path-text.ts).
 */
import { Field } from "../http/field.ts";
import { asksFirstFor } from "../http/media-range.ts";
import { textOf } from "../http/octets.ts";
import { type RequestHead, Scheme } from "../http/request-head.ts";
import { PathText } from "./path-text.ts";
import { mayNeedNavigation, type PlanOptions } from "./plan.ts";
import { type PathStatus, type RequestPath, resolveRequestPath } from "./request-path.ts";
import { factsFor } from "./rules/conditions.ts";
import { type Origin, originOfRequest } from "./rules/origin-condition.ts";
import { segmentsOf } from "./rules/path-pattern.ts";

const lastPath = new PathText();

/** What is asked for: the path as it was sent, and what the rules for it ask of the request besides; or why it is refused. */
export function requestPathFor(
  { dotfiles, isBehindProxy, rules }: PlanOptions,
  sentPath: string,
  head: RequestHead,
): RequestPath | PathStatus {
  const path = resolveRequestPath(sentPath, dotfiles, rules.encodedSlashes.value);
  if (typeof path === "number") return path;
  const known = mayNeedNavigation(rules, path) ? { ...path, isNavigation: isNavigation(head) } : path;
  if (!rules.hasConditions) return known;
  const facts = factsFor(rules.moves, segmentsOf(path.filePath), {
    query: queryOf(head),
    acceptLanguage: head.value(Field.AcceptLanguage),
    origin: originOf(head, isBehindProxy === true),
  });
  return facts === null ? known : { ...known, facts };
}

/** A browser that goes to a page asks for HTML before anything else; for a script, style or image it doesn't name it. */
function isNavigation(head: RequestHead): boolean {
  return asksFirstFor(head.value(Field.Accept), "text/html");
}

/**
 * The origin that a request is for; null where it names no host. The scheme is the connection's, unless a proxy says that the client
 * speaks https with it: the one nearest to us, which is the last of a list.
 */
function originOf(head: RequestHead, isBehindProxy: boolean): Origin | null {
  const { authorityEnd, authorityStart, bytes, hostEnd } = head;
  if (authorityEnd <= authorityStart) return null;
  const isSecure = head.connectionScheme === Scheme.Https || (isBehindProxy && isForwardedHttps(head));
  const scheme = isSecure ? "https" : "http";
  return originOfRequest(scheme, textOf(bytes, authorityStart, hostEnd), textOf(bytes, hostEnd + 1, authorityEnd));
}

/** Whether a proxy says that the client speaks https with it. */
export function isForwardedHttps(head: RequestHead): boolean {
  return /(?:^|,)\s*https\s*$/i.test(head.value(Field.XForwardedProto) ?? "");
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

/**
 * The query with its "?"; "" where there is none. What no URI may hold there is percent-encoded: it goes into Location, and
 * rules must not tell the spellings apart.
 */
export function queryOf(head: RequestHead): string {
  if (head.queryStart === -1) return "";
  const sent = textOf(head.bytes, head.queryStart, head.queryEnd);
  return `?${sent.replace(/[^\w!$%&'()*+,./:;=?@~-]/g, encodeOctet)}`;
}

/** Path and query as a reference (RFC 3986 §4.2): as they were sent, but for what no URI may hold. */
export function referenceOf(head: RequestHead): string {
  return sentPathOf(head).replace(/[^\w!$%&'()*+,./:;=@~-]/g, encodeOctet) + queryOf(head);
}

function encodeOctet(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
