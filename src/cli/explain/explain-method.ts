/**
 * What becomes of a method other than GET and HEAD, in words.
 *
 * In:    the method; the decision of site/method-policy.ts, made once more; the host's parts.
 */
import type { HostParts } from "../../site/build-site.ts";
import { type MethodDecision, MethodOutcome } from "../../site/method-policy.ts";
import { decisionOf } from "./explain-path.ts";
import type { Decision } from "./explanation.ts";
import type { Places } from "./places.ts";

export function explainMethod(method: string, made: MethodDecision, { rules }: HostParts, places: Places): Decision {
  switch (made.outcome) {
    case MethodOutcome.Redirected: {
      const { because, status } = made.redirection;
      const outcome = `${status}: redirects are for every method`;
      return decisionOf("request", method, outcome, because.setting, places.of(because));
    }
    case MethodOutcome.Preflight: {
      const { because } = rules.cors!;
      const outcome = "a CORS preflight: no limit or guard refuses it";
      return decisionOf("request", method, outcome, because.setting, places.of(because));
    }
    case MethodOutcome.Options:
      return decisionOf("request", method, "the methods allowed, on every path", "", "");
    case MethodOutcome.NotAllowed:
      return decisionOf("request", method, "405: files can only be read", "", "");
    case MethodOutcome.NotImplemented:
      return decisionOf("request", method, "501: unknown (RFC 9110 §9.1)", "", "");
  }
}
