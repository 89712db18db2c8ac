/**
 * Rules that restrict access: `[[deny_path]]` and `[[basic_auth]]`.
 *
 * In:    rules as written; a path as it was asked for, or of a file that may answer it.
 * Out:   the rule that refuses it, or the guard that asks for a password.
 * Keeps: compared without case and in one Unicode form, because a file system may not tell the spellings apart. What
 *        holds for a file holds for its precompressed neighbours: `report.pdf.gz` is `report.pdf`. What holds for a
 *        page's path holds for its file: with `clean_urls`, `/about` is `/about.html`, and `/docs/` is
 *        `/docs/index.html`.
 */
import type { Because } from "./because.ts";
import { compilePattern, foldCase, matchPath, type PathPattern, segmentsOf } from "./path-pattern.ts";

export interface DenyRule {
  readonly pattern: PathPattern;
  readonly status: 403 | 404;
  readonly because: Because;
}

/** How one user's password is checked: against a hash, or against a digest where a file holds it in the clear. */
export type Secret = { readonly hash: string } | { readonly sha256: Uint8Array };

export interface AuthRule {
  readonly pattern: PathPattern;
  readonly realm: string;
  readonly users: ReadonlyMap<string, Secret>;
  readonly because: Because;
}

export function compileDeny(rule: { readonly path: string; readonly status: 403 | 404 }, because: Because): DenyRule {
  return { pattern: compilePattern(rule.path, true), status: rule.status, because };
}

interface WrittenAuth {
  readonly path: string;
  readonly realm: string;
  /** `name:hash`; the last of a name counts. */
  readonly users: readonly string[];
}

export function compileAuth({ path, realm, users }: WrittenAuth, because: Because): AuthRule {
  const secrets = users.map((user): [string, Secret] => {
    const colon = user.indexOf(":");
    return [user.slice(0, colon), { hash: user.slice(colon + 1) }];
  });
  return { pattern: compilePattern(path, true), realm, users: new Map(secrets), because };
}

/**
 * The first rule that matches the path of a file or its name without a content coding's extension; where there is none, the first
 * for a page whose file it is: a path that is `filePath` without one of the `pageSuffixes`. Null for none.
 */
export function firstGuard<Rule extends { readonly pattern: PathPattern }>(
  rules: readonly Rule[],
  filePath: string,
  pageSuffixes: readonly string[],
): Rule | null {
  if (rules.length === 0) return null;
  const spellings = [filePath, withoutCoding(filePath)];
  const rule = firstMatch(rules, spellings);
  return (
    rule ??
    firstMatch(
      rules,
      spellings.flatMap((spelling) => pagesOf(spelling, pageSuffixes)),
    )
  );
}

function firstMatch<Rule extends { readonly pattern: PathPattern }>(
  rules: readonly Rule[],
  spellings: readonly string[],
): Rule | null {
  const paths = spellings.map(segmentsOf);
  return rules.find(({ pattern }) => paths.some((path) => matchPath(pattern, path) !== null)) ?? null;
}

/** The paths that a file answers besides its own. */
function pagesOf(filePath: string, suffixes: readonly string[]): string[] {
  const folded = foldCase(filePath);
  return suffixes
    .filter((suffix) => folded.endsWith(foldCase(suffix)))
    .map((suffix) => folded.slice(0, folded.length - foldCase(suffix).length));
}

function withoutCoding(path: string): string {
  return path.replace(/(?:\.(?:gz|br|zst))+$/i, "");
}
