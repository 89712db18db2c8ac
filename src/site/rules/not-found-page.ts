/**
 * `404.html` in the top folder of a root, which many site generators write: shown where nothing is found.
 *
 * In:    the rules of a host; the guards that a client has passed.
 * Out:   the page's path below the root, or null where it isn't to be shown. Whether it is there is seen when it is read.
 * Keeps: a page that the configuration names (`[error_pages]`) is meant for everyone. This one is found, not named: where a
 *        rule denies it, or guards it and the client hasn't passed that guard, it isn't shown.
 */
import { type AuthRule, firstGuard } from "./guard.ts";
import type { HostRules } from "./host-rules.ts";

const NOT_FOUND_PAGE = "/404.html";

export function notFoundPageFor(
  {
    denials,
    guards,
    pageSuffixes,
    notFoundPage,
  }: Pick<HostRules, "denials" | "guards" | "pageSuffixes" | "notFoundPage">,
  passed: readonly AuthRule[],
): string | null {
  if (!notFoundPage.value || firstGuard(denials, NOT_FOUND_PAGE, pageSuffixes) !== null) return null;
  const guard = firstGuard(guards, NOT_FOUND_PAGE, pageSuffixes);
  return guard === null || passed.includes(guard) ? NOT_FOUND_PAGE : null;
}
