/**
 * What a value of Cache-Control says (RFC 9111 §5.2.2).
 */

/** How long a Cache-Control value lets a response be used without revalidation (RFC 9111 §4.2.1); null if it doesn't say. */
export function freshSeconds(cacheControl: string): number | null {
  const directives = cacheControl.split(",").map((directive) => directive.trim().toLowerCase());
  if (directives.some((directive) => /^no-(?:cache|store)$/.test(directive))) return 0;
  const maxAge = directives.map((directive) => /^max-age="?(\d+)"?$/.exec(directive)).find((match) => match !== null);
  return maxAge === undefined ? null : Math.min(Number(maxAge[1]), FRESH_SECONDS_MAX);
}

/** The value that recipients use for a delta-seconds that is too large (RFC 9111 §1.2.2). */
const FRESH_SECONDS_MAX = 2 ** 31;
