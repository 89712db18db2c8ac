/**
 * Files that stand for others: fallbacks, targets of rewrites, error pages. Whether they exist, whether any request
 * gets them, and what they hide.
 *
 * In:    a host's rules, its root. Out: lints.
 * Keeps: one look at the file system for each file that is named.
 */
import type { HostParts } from "../../site/build-site.ts";
import { nodePathOf } from "../../site/name-octets.ts";
import { joinRoot } from "../../site/load/open-below.ts";
import type { Because } from "../../site/rules/because.ts";
import { firstGuard } from "../../site/rules/guard.ts";
import { matchesEverything } from "../../site/rules/pattern-cover.ts";
import { isFile, isFolder } from "../../sys/path-status.ts";
import type { Places } from "../explain/places.ts";
import { layerOf, type Lint } from "./lint.ts";

interface Fallback {
  readonly filePath: string;
  readonly because: Because;
  /** Its name for people. */
  readonly name: string;
  /** Whether it answers every path, so that nothing after it is reached. */
  readonly isForAll: boolean;
}

export function lintFallbacks(parts: HostParts, places: Places): Lint[] {
  const fallbacks = fallbacksOf(parts);
  return [
    ...fallbacks.flatMap((fallback) => lintFile(parts, fallback, places)),
    ...hiddenErrorPage(parts, fallbacks, places),
    ...unusedFallbacks(parts, fallbacks, places),
    ...errorPages(parts, places),
  ];
}

/** Files that answer paths which are not their own. */
function fallbacksOf({ rules }: HostParts): Fallback[] {
  const { moves, spaFallback, tryFiles } = rules;
  const found: Fallback[] = moves.flatMap(({ action, because, pattern }) => {
    if (action.kind !== "rewrite" || action.target.length > 1 || action.target[0]!.endsWith("/")) return [];
    const name = `${because.setting.replace(/^virtual_host\./, "")} ${JSON.stringify(pattern.source)}`;
    return [{ filePath: action.target[0]!, because, name, isForAll: matchesEverything(pattern) }];
  });
  tryFiles.value.forEach((item, index) => {
    if (item.startsWith("{path}") || item.endsWith("/")) return;
    const because = { ...tryFiles.because, path: [...tryFiles.because.path, index] };
    found.push({ filePath: item, because, name: `try_files ${item}`, isForAll: true });
  });
  const { value, because } = spaFallback;
  if (value !== null) found.push({ filePath: value, because, name: "spa_fallback", isForAll: false });
  return found;
}

/** Whether a fallback can be sent at all, and to which clients. */
function lintFile(parts: HostParts, { filePath, because, name }: Fallback, places: Places): Lint[] {
  const { denials, guards, pageSuffixes } = parts.rules;
  const denial = firstGuard(denials, filePath, pageSuffixes);
  if (denial !== null) {
    const by = `${JSON.stringify(denial.pattern.source)} (${places.of(denial.because)})`;
    return [{ because, message: `${name} is never answered: ${filePath} is denied by ${by}` }];
  }
  if (!isFileBelow(parts, filePath) && !(parts.rules.cleanUrls.value && isFileBelow(parts, `${filePath}.html`))) {
    return isFolderBelow(parts, filePath) ? [] : [{ because, message: `${name}: there is no file ${filePath}` }];
  }
  const guard = firstGuard(guards, filePath, pageSuffixes);
  if (guard === null || matchesEverything(guard.pattern)) return [];
  const by = `${JSON.stringify(guard.pattern.source)} (${places.of(guard.because)})`;
  const message = `${name} asks for a password on every path it answers: basic_auth ${by} guards ${filePath}`;
  return [{ because, message }];
}

function hiddenErrorPage(parts: HostParts, fallbacks: readonly Fallback[], places: Places): Lint[] {
  const page = parts.rules.errorPages.get(404);
  if (page === undefined || layerOf(page.because) !== layerOf(parts.rules.tryFiles.because)) return [];
  const { because, value } = page;
  const all = fallbacks.find((fallback) => fallback.isForAll && isFileBelow(parts, fallback.filePath));
  if (all !== undefined) {
    const by = `${all.name} (${places.of(all.because)}) answers every path`;
    return [{ because, message: `error page ${value} for 404 is never shown: ${by}` }];
  }
  const { spaFallback } = parts.rules;
  if (spaFallback.value === null || !isFileBelow(parts, spaFallback.value)) return [];
  const by = `spa_fallback (${places.of(spaFallback.because)}) answers every other path with 200`;
  return [{ because, message: `error page ${value} for 404 is only shown to those who don't ask for a page: ${by}` }];
}

/** Everything after a fallback that always exists. */
function unusedFallbacks(parts: HostParts, fallbacks: readonly Fallback[], places: Places): Lint[] {
  const { spaFallback, tryFiles, moves } = parts.rules;
  const isThere = ({ filePath, isForAll }: Fallback): boolean => isForAll && isFileBelow(parts, filePath);
  const found: Lint[] = [];
  const item = fallbacks.find((fallback) => fallback.name.startsWith("try_files ") && isThere(fallback));
  const index = item === undefined ? -1 : tryFiles.value.indexOf(item.filePath);
  if (item !== undefined && index < tryFiles.value.length - 1) {
    const rest = tryFiles.value.slice(index + 1).join(", ");
    found.push({
      because: item.because,
      message: `try_files never reaches ${rest}: ${item.filePath} is always there`,
    });
  }
  if (spaFallback.value === null) return found;
  const move = moves.find(({ pattern }) => matchesEverything(pattern));
  const { because } = spaFallback;
  if (move !== undefined) {
    const by = `${JSON.stringify(move.pattern.source)} (${places.of(move.because)}) is for every path`;
    found.push({ because, message: `spa_fallback is never used: ${by}` });
  } else if (item !== undefined) {
    found.push({
      because,
      message: `spa_fallback is never used: try_files ends with ${item.filePath}, which is always there`,
    });
  }
  return found;
}

function errorPages(parts: HostParts, places: Places): Lint[] {
  const { errorPages, guards, pageSuffixes, tryFiles } = parts.rules;
  return [...errorPages].flatMap(([status, { value, because }]) => {
    // An inherited one need not exist in every root.
    if (layerOf(because) !== layerOf(tryFiles.because)) return [];
    if (!isFileBelow(parts, value))
      return [{ because, message: `error page for ${status}: there is no file ${value}` }];
    const guard = firstGuard(guards, value, pageSuffixes);
    if (guard === null || status === 401) return [];
    const by = `${JSON.stringify(guard.pattern.source)} (${places.of(guard.because)})`;
    return [{ because, message: `error page ${value} is shown without the password that basic_auth ${by} asks for` }];
  });
}

function isFileBelow({ options }: HostParts, filePath: string): boolean {
  return isFile(nodePathOf(joinRoot(options.root, filePath)));
}

function isFolderBelow({ options }: HostParts, filePath: string): boolean {
  return isFolder(nodePathOf(joinRoot(options.root, filePath)));
}
