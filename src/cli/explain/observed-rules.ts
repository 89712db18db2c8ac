/**
 * Rules that record when they are examined. The functions that serve walk through a host's rules as usual; given these, they
 * reveal which ones they examined, and in which order. Serving itself pays nothing for it.
 *
 * In:    the rules of a host. Out: the same rules, and those examined so far.
 */
import type { Because } from "../../site/rules/because.ts";
import type { Conditions } from "../../site/rules/conditions.ts";
import type { HostRules } from "../../site/rules/host-rules.ts";
import type { PathPattern } from "../../site/rules/path-pattern.ts";

export type RuleKind = "deny_path" | "basic_auth" | "move" | "cache" | "header" | "cors";

export interface LookedAt {
  readonly kind: RuleKind;
  readonly pattern: PathPattern;
  /** What it asks besides the path; null for nothing. */
  readonly conditions: Conditions | null;
  readonly because: Because;
}

export interface ObservedRules {
  readonly rules: HostRules;
  /** Each rule once, in the order of the first looks. */
  readonly lookedAt: () => readonly LookedAt[];
}

interface Matching {
  readonly pattern: PathPattern;
  readonly conditions?: Conditions | null;
}

export function observeRules(rules: HostRules): ObservedRules {
  const looks = new Set<LookedAt>();
  const observe = <Rule extends Matching>(kind: RuleKind, rule: Rule, because: Because): Rule => {
    const look: LookedAt = { kind, pattern: rule.pattern, conditions: rule.conditions ?? null, because };
    return Object.defineProperty({ ...rule }, "pattern", {
      enumerable: true,
      get() {
        looks.add(look);
        return look.pattern;
      },
    });
  };
  const each = <Rule extends Matching & { readonly because: Because }>(kind: RuleKind, list: readonly Rule[]): Rule[] =>
    list.map((rule) => observe(kind, rule, rule.because));
  const observed: HostRules = {
    ...rules,
    denials: each("deny_path", rules.denials),
    guards: each("basic_auth", rules.guards),
    moves: each("move", rules.moves),
    caches: each("cache", rules.caches),
    headers: rules.headers.map((rule) => observe("header", rule, ruleOf(rule.edits[0]!.because))),
    cors: rules.cors === null ? null : observe("cors", rules.cors, rules.cors.because),
  };
  return { rules: observed, lookedAt: () => [...looks] };
}

/** The rule that an edit belongs to: `header.2`, without `set.X-Name`. */
function ruleOf(because: Because): Because {
  const end = because.path.indexOf("header") + 2;
  return because.path.length === 0 ? because : { ...because, path: because.path.slice(0, end) };
}
