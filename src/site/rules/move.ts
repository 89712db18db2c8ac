/**
 * Moves: rules by which one path stands for another: redirects, rewrites, and pages shown in place of nothing.
 *
 * In:    `[[redirect]]`, `[[rewrite]]`, and the lines of `_redirects` (netlify-redirects.ts).
 * Out:   rules as data, and the first one that matches a path.
 * Keeps: the first rule that matches decides. One that holds `always` comes before any file; one for what is `missing`
 *        takes effect only where no file answers.
 */
import { compilePattern, matchPath, type PathPattern, type Remembered } from "./path-pattern.ts";
import type { Because } from "./because.ts";
import { type Conditions, type Facts, meet } from "./conditions.ts";
import { compileRedirectTarget, compileRewriteTarget, type RedirectTarget } from "./move-target.ts";

export type MoveAction =
  | { readonly kind: "redirect"; readonly status: number; readonly target: RedirectTarget }
  | { readonly kind: "rewrite"; readonly target: readonly string[] }
  /** Another path's file, with a status that says that nothing was found. */
  | { readonly kind: "fail"; readonly status: number; readonly target: readonly string[] };

export interface Move {
  readonly pattern: PathPattern;
  readonly when: "always" | "missing";
  /** What it asks of a request besides its path; null for nothing. */
  readonly conditions: Conditions | null;
  readonly action: MoveAction;
  readonly because: Because;
}

interface Written {
  readonly from: string;
  readonly to: string;
  readonly when: "always" | "missing";
}

export function compileRedirect(rule: Written & { readonly status: number }, because: Because): Move {
  const action: MoveAction = { kind: "redirect", status: rule.status, target: compileRedirectTarget(rule.to) };
  return { pattern: compilePattern(rule.from), when: rule.when, conditions: null, action, because };
}

export function compileRewrite(rule: Written, because: Because): Move {
  const action: MoveAction = { kind: "rewrite", target: compileRewriteTarget(rule.to) };
  return { pattern: compilePattern(rule.from), when: rule.when, conditions: null, action, because };
}

export function compileFailurePage(rule: Written & { readonly status: number }, because: Because): Move {
  const action: MoveAction = { kind: "fail", status: rule.status, target: compileRewriteTarget(rule.to) };
  return { pattern: compilePattern(rule.from), when: rule.when, conditions: null, action, because };
}

export interface MoveMatch {
  readonly move: Move;
  readonly remembered: Remembered;
}

/** The first move that matches, whose conditions are met, and which `applies`; null for none. */
export function firstMove(
  moves: readonly Move[],
  path: readonly string[],
  isDirectory: boolean,
  facts: Facts | undefined,
  applies: (match: MoveMatch) => boolean,
): MoveMatch | null {
  for (const move of moves) {
    const ofPath = matchPath(move.pattern, path, isDirectory);
    const ofRequest = move.conditions === null ? ofPath : meet(move.conditions, facts);
    if (ofPath === null || ofRequest === null) continue;
    const remembered = move.conditions === null ? ofPath : { ...ofPath, ...ofRequest };
    if (applies({ move, remembered })) return { move, remembered };
  }
  return null;
}
