/**
 * How long others may keep a file: `[[cache]]` (RFC 9111 §5.2).
 *
 * In:    rules as written; whether a password guards the file.
 * Out:   the value of Cache-Control, and the rule that gave it.
 * Keeps: a file that needs a password never gets leave to lie in a shared cache (RFC 9111 §3.5), whatever the rule says.
 */
import type { Because } from "./because.ts";
import { hasFingerprint } from "./fingerprint.ts";
import { compilePattern, matchPath, type PathPattern } from "./path-pattern.ts";

/** A year, as long as RFC 2616 once allowed; `immutable`: RFC 8246. */
export const IMMUTABLE = "public, max-age=31536000, immutable";

export interface CacheRule {
  readonly pattern: PathPattern;
  /** "" where only fingerprinted names have one. */
  readonly cacheControl: string;
  readonly immutable: boolean;
  readonly because: Because;
}

interface Written {
  readonly path: string;
  readonly cache_control: string;
  readonly immutable: boolean;
}

export function compileCache({ path, cache_control, immutable }: Written, because: Because): CacheRule {
  return { pattern: compilePattern(path), cacheControl: cache_control, immutable, because };
}

/** `spellings`: the path asked for and the file's, in segments; the last segment of the last is the file's name. */
export function cacheControlFor(
  rules: readonly CacheRule[],
  spellings: readonly (readonly string[])[],
  isGuarded: boolean,
): { readonly value: string; readonly because: Because } | null {
  const isFingerprinted = hasFingerprint(spellings.at(-1)?.at(-1) ?? "");
  for (const rule of rules) {
    if (!spellings.some((spelling) => matchPath(rule.pattern, spelling) !== null)) continue;
    const value = rule.immutable && isFingerprinted ? IMMUTABLE : rule.cacheControl;
    if (value !== "") return { value: isGuarded ? withoutSharing(value) : value, because: rule.because };
  }
  return null;
}

/** The same leave for private caches alone. */
function withoutSharing(value: string): string {
  const directives = value.split(",").map((directive) => directive.trim());
  const kept = directives.filter((directive) => !/^(public|private|s-maxage|must-revalidate)\b/i.test(directive));
  return ["private", ...kept].join(", ");
}
