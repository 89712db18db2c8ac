/**
 * How long caches may keep a file, or a redirect: `[[cache]]` (RFC 9111 §5.2, §5.3).
 *
 * In:    rules as written; whether a password guards the file.
 * Out:   the value of Cache-Control, and the rule that gave it; both fields as edits.
 * Keeps: a file that needs a password is never allowed in a shared cache (RFC 9111 §3.5), whatever the rule says.
 */
import { freshSeconds } from "../../syntax/cache-control.ts";
import type { Because } from "./because.ts";
import type { FieldEdit, FieldEdits } from "./field-edit.ts";
import { hasFingerprint } from "./fingerprint.ts";
import { compilePattern, matchPath, type PathPattern } from "./path-pattern.ts";

/** A year, as long as RFC 2616 once allowed; `immutable`: RFC 8246. */
export const IMMUTABLE = "public, max-age=31536000, immutable";

export interface CacheRule {
  readonly pattern: PathPattern;
  /** "" where only fingerprinted names have one. */
  readonly cacheControl: string;
  readonly expires: boolean;
  readonly immutable: boolean;
  readonly because: Because;
}

interface Written {
  readonly path: string;
  readonly cache_control: string;
  readonly expires: boolean;
  readonly immutable: boolean;
}

export function compileCache({ path, cache_control, expires, immutable }: Written, because: Because): CacheRule {
  return { pattern: compilePattern(path), cacheControl: cache_control, expires, immutable, because };
}

/**
 * `spellings`: the path asked for and the file's, in segments; the last segment of the last is the file's name, unless it is
 * no file that answers (`isFile`).
 */
export function cacheControlFor(
  rules: readonly CacheRule[],
  spellings: readonly (readonly string[])[],
  isGuarded: boolean,
  isFile = true,
): { readonly value: string; readonly expires: boolean; readonly because: Because } | null {
  const isFingerprinted = isFile && hasFingerprint(spellings.at(-1)?.at(-1) ?? "");
  for (const rule of rules) {
    if (!spellings.some((spelling) => matchPath(rule.pattern, spelling) !== null)) continue;
    const value = rule.immutable && isFingerprinted ? IMMUTABLE : rule.cacheControl;
    if (value === "") continue;
    return { value: isGuarded ? withoutSharing(value) : value, expires: rule.expires, because: rule.because };
  }
  return null;
}

/** The edits of the rule that decides. `later`: those that win over them; with another Cache-Control, Expires would be wrong. */
export function cacheEdits(
  rules: readonly CacheRule[],
  spellings: readonly (readonly string[])[],
  isGuarded: boolean,
  later: FieldEdits,
  isFile = true,
): FieldEdit[] {
  const found = cacheControlFor(rules, spellings, isGuarded, isFile);
  if (found === null) return [];
  const { value, expires, because } = found;
  const edit: FieldEdit = { name: "Cache-Control", value, because };
  const seconds = expires ? freshSeconds(value) : null;
  const isOverruled = later.some(({ name }) => name.toLowerCase() === "cache-control");
  if (seconds === null || isOverruled) return [edit];
  return [edit, { name: "Expires", value: "", secondsLater: seconds, because }];
}

/** The same permission for private caches alone. */
function withoutSharing(value: string): string {
  const directives = value.split(",").map((directive) => directive.trim());
  const kept = directives.filter((directive) => !/^(public|private|s-maxage|must-revalidate)\b/i.test(directive));
  return ["private", ...kept].join(", ");
}
