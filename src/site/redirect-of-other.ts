/**
 * Redirects for requests that ask for no representation: POST, PUT, PATCH, DELETE.
 *
 * In:    the rules of a host, a request head of another method than GET and HEAD.
 * Out:   the redirect that `[[redirect]]` or `_redirects` has for it, or null: then the method is not allowed.
 * Keeps: only what the rules alone decide: not a redirect for what is missing, not one of a path that asks for a password, and
 *        none to another spelling of the path. Nothing is looked for in the file system.
 *
 * 307 and 308 exist for these methods: the client repeats the request as it was (RFC 9110 §15.4.8, §15.4.9).
 */
import { Method } from "../http/method.ts";
import type { RequestHead } from "../http/request-head.ts";
import { type PlanOptions, planFor, type Redirection } from "./plan.ts";
import type { RequestPath } from "./request-path.ts";
import { requestPathFor, sentPathOf } from "./request-text.ts";

export interface RedirectOfOther {
  readonly path: RequestPath;
  readonly redirection: Redirection;
}

/** Costs what a plan costs, for each request: these methods have no place in the cache. */
export function redirectOfOther(options: PlanOptions, head: RequestHead): RedirectOfOther | null {
  const { rules } = options;
  if (rules.moves.length === 0 || !mayBeRedirected(head.method)) return null;
  const path = requestPathFor(options, sentPathOf(head), head);
  if (typeof path === "number") return null;
  const plan = planFor(options, path);
  if (plan.kind !== "redirect" || plan.because === rules.trailingSlash.because || plan.guards.length > 0) return null;
  return { path, redirection: plan };
}

function mayBeRedirected(method: Method): boolean {
  return method === Method.Post || method === Method.Put || method === Method.Patch || method === Method.Delete;
}
