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
import { compileRedirectTarget, compileRewriteTarget, type RedirectTarget } from "./move-target.ts";

export type MoveAction =
  | { readonly kind: "redirect"; readonly status: number; readonly target: RedirectTarget }
  | { readonly kind: "rewrite"; readonly target: readonly string[] }
  /** Another path's file, with a status that says that nothing was found. */
  | { readonly kind: "fail"; readonly status: number; readonly target: readonly string[] };

export interface Move {
  readonly pattern: PathPattern;
  readonly when: "always" | "missing";
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
  return { pattern: compilePattern(rule.from), when: rule.when, action, because };
}

export function compileRewrite(rule: Written, because: Because): Move {
  const action: MoveAction = { kind: "rewrite", target: compileRewriteTarget(rule.to) };
  return { pattern: compilePattern(rule.from), when: rule.when, action, because };
}

export function compileFailurePage(rule: Written & { readonly status: number }, because: Because): Move {
  const action: MoveAction = { kind: "fail", status: rule.status, target: compileRewriteTarget(rule.to) };
  return { pattern: compilePattern(rule.from), when: rule.when, action, because };
}

export interface MoveMatch {
  readonly move: Move;
  readonly remembered: Remembered;
}

/** The first move that matches and `applies`; null for none. */
export function firstMove(
  moves: readonly Move[],
  path: readonly string[],
  applies: (match: MoveMatch) => boolean,
): MoveMatch | null {
  for (const move of moves) {
    const remembered = matchPath(move.pattern, path);
    if (remembered !== null && applies({ move, remembered })) return { move, remembered };
  }
  return null;
}
