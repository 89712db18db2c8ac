/**
 * What becomes of a request that is neither GET nor HEAD (RFC 9110 §9): files can only be read.
 *
 *   OPTIONS          a CORS preflight, or the methods that are allowed, on every path
 *   POST, PUT, …     redirected, where a rule redirects the path whatever is there (redirect-of-other.ts); else 405
 *   an unknown one   501 (§9.1)
 *
 * In:    the rules of a host; a request's head.
 * Out:   a decision: what comes of it, and what it takes to answer.
 */
import { Method } from "../http/method.ts";
import type { RequestHead } from "../http/request-head.ts";
import type { PlanOptions } from "./plan.ts";
import { preflightFor } from "./preflight.ts";
import { type RedirectOfOther, redirectOfOther } from "./redirect-of-other.ts";
import type { FieldEdits } from "./rules/field-edit.ts";

export enum MethodOutcome {
  Redirected,
  Preflight,
  Options,
  /** 405 */
  NotAllowed,
  /** 501 */
  NotImplemented,
}

export type MethodDecision =
  | ({ readonly outcome: MethodOutcome.Redirected } & RedirectOfOther)
  | { readonly outcome: MethodOutcome.Preflight; readonly edits: FieldEdits }
  | { readonly outcome: MethodOutcome.Options | MethodOutcome.NotAllowed | MethodOutcome.NotImplemented };

export function decideOtherMethod(options: PlanOptions, head: RequestHead): MethodDecision {
  if (head.method === Method.Options) {
    const { cors } = options.rules;
    const edits = cors === null ? null : preflightFor(cors, head);
    return edits === null ? { outcome: MethodOutcome.Options } : { outcome: MethodOutcome.Preflight, edits };
  }
  const moved = redirectOfOther(options, head);
  if (moved !== null) return { outcome: MethodOutcome.Redirected, ...moved };
  return { outcome: head.method === Method.Unknown ? MethodOutcome.NotImplemented : MethodOutcome.NotAllowed };
}
