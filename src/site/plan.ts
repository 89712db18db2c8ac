/**
 * What a path means by the settings alone, before the file system is asked anything.
 *
 *   1 denied?     by `[[deny_path]]`                                              ─► refused
 *   2 guarded?    by `[[basic_auth]]`: noted, and asked for before anything is loaded
 *   3 moved?      by the first redirect or rewrite that matches              ─► redirected, or another path's files
 *   4 spelled?    by `trailing_slash = "remove"`                             ─► redirected
 *   5 files       by `try_files`, or file, page (`clean_urls`) and folder; then what is there for missing ones
 *
 * In:    the rules of a host (rules/host-rules.ts), a canonical path.
 * Out:   a `Plan`: refuse, redirect, or look for files in this order. Every part says what made it so.
 * Keeps: pure. Guards and denials hold for every file that may answer, whatever path leads to it: an attempt at a denied
 *        file is left out, one at a guarded file carries its guard.
 */
import { canonicalText } from "./name-octets.ts";
import { type Because, becauseOf } from "./rules/because.ts";
import { type AuthRule, type DenyRule, firstGuard } from "./rules/guard.ts";
import type { HostRules } from "./rules/host-rules.ts";
import { firstMove, type MoveMatch } from "./rules/move.ts";
import { expandLocation, expandPath, type Location, type RedirectTarget } from "./rules/move-target.ts";
import { type Remembered, segmentsOf } from "./rules/path-pattern.ts";
import { hasHiddenSegment, type RequestPath } from "./request-path.ts";

/** The status of redirects to the canonical spelling of a path. */
const SPELLING_STATUS = 301;

export type Plan = Refusal | Redirection | FileSearch;

export interface Refusal {
  readonly kind: "refuse";
  readonly status: number;
  /** A file below the root to show with it; null for the status's own page. */
  readonly page: string | null;
  /** The guards that a client must pass to be told even that. */
  readonly guards: readonly AuthRule[];
  readonly because: Because;
}

export interface Redirection {
  readonly kind: "redirect";
  readonly status: number;
  readonly location: Location;
  readonly guards: readonly AuthRule[];
  readonly because: Because;
}

export interface FileSearch {
  readonly kind: "search";
  readonly attempts: readonly Attempt[];
  /** What would be tried if nothing were denied. */
  readonly denied: readonly DeniedAttempt[];
  /** The answer when every attempt failed. */
  readonly otherwise: Refusal | Redirection;
  readonly guards: readonly AuthRule[];
}

/** An attempt that is left out, and the rule that forbids it. */
export interface DeniedAttempt {
  readonly attempt: Attempt;
  readonly denial: DenyRule;
}

export type Attempt = FileAttempt | FolderAttempt | ListingAttempt | PageRedirectAttempt;

/** If it is a file, it answers. */
export interface FileAttempt {
  readonly kind: "file";
  readonly filePath: string;
  /** Guards of this file, besides those of the path. */
  readonly guards: readonly AuthRule[];
  /** Many paths may lead to it: its content is kept once. */
  readonly isShared: boolean;
  readonly because: Because;
}

/** If it is a folder, its path gets a slash: relative references in its page need it (RFC 3986 §5.2.3). */
export interface FolderAttempt {
  readonly kind: "folder";
  readonly filePath: string;
  readonly redirection: Redirection;
  readonly because: Because;
}

/** If it is a folder, what is in it may be listed. */
export interface ListingAttempt {
  readonly kind: "listing";
  readonly filePath: string;
  readonly because: Because;
}

/** If it is a file, its page has another path: with a slash (`trailing_slash = "add"`), or without. */
export interface PageRedirectAttempt {
  readonly kind: "page-redirect";
  readonly filePath: string;
  readonly redirection: Redirection;
  readonly because: Because;
}

export interface PlanOptions {
  readonly rules: HostRules;
  readonly dotfiles: boolean;
  /** Proxies are trusted, so what they say of the client's scheme counts. */
  readonly isBehindProxy?: boolean;
}

/** What `path` means. */
export function planFor(options: PlanOptions, path: RequestPath): Plan {
  const { rules } = options;
  const denial = firstGuard(rules.denials, path.filePath, rules.pageSuffixes);
  if (denial !== null) return { ...nothing(denial.because, []), status: denial.status };
  const guard = firstGuard(rules.guards, path.filePath, rules.pageSuffixes);
  const guards = guard === null ? [] : [guard];
  const match = firstMove(
    rules.moves,
    segmentsOf(path.filePath),
    path.isDirectory,
    path.facts,
    leadsElsewhere(rules, path),
  );
  const moved = match === null ? null : outcomeOf(options, path, match, guards);
  if (match?.move.when === "always") {
    return Array.isArray(moved) ? search(options, moved, nothing(match.move.because, guards), guards) : moved!;
  }
  const { value: slash, because } = rules.trailingSlash;
  if (slash === "remove" && path.isDirectory && path.filePath !== "/") {
    return redirection(path.key.slice(0, -1), because, guards);
  }
  const attempts = attemptsFor(options, path, guards);
  if (match === null) attempts.push(...fallbackAttempts(rules, path));
  if (Array.isArray(moved)) attempts.push(...moved);
  const otherwise = moved === null || Array.isArray(moved) ? nothing(DOCUMENT_ROOT, guards) : moved;
  return search(options, attempts, otherwise, guards);
}

/** False for a redirect to the path that was requested: it would be a loop. */
function leadsElsewhere(rules: HostRules, path: RequestPath): (match: MoveMatch) => boolean {
  return ({ move, remembered }) => {
    if (move.action.kind !== "redirect") return true;
    const { reference } = locationOf(rules, move.action.target, remembered);
    const origin = move.conditions?.origin?.text ?? "";
    const [to] = reference.split("?");
    return to !== path.key && (origin === "" || to !== origin + path.key);
  };
}

/** Where a redirect leads; on this site in the spelling that `trailing_slash` would redirect to next. */
function locationOf({ trailingSlash }: HostRules, target: RedirectTarget, remembered: Remembered): Location {
  const location = expandLocation(target, remembered);
  if (trailingSlash.value !== "remove" || target.origin !== "") return location;
  return { ...location, reference: location.reference.replace(/(?<=^[^?]+)\/(?=\?|$)/, "") };
}

/** Where a move leads: files to look for, or the answer itself. */
function outcomeOf(
  options: PlanOptions,
  path: RequestPath,
  { move, remembered }: MoveMatch,
  guards: readonly AuthRule[],
): Attempt[] | Refusal | Redirection {
  const { action, because } = move;
  if (action.kind === "redirect") {
    const location = locationOf(options.rules, action.target, remembered);
    return { kind: "redirect", status: action.status, location, guards, because };
  }
  const target = canonicalPath(expandPath(action.target, remembered));
  if (target === null || (!options.dotfiles && hasHiddenSegment(target))) return nothing(because, guards);
  if (action.kind === "fail") {
    const isOpen = action.target.length === 1 || isForEveryone(options.rules, target);
    return { ...nothing(because, guards), status: action.status, page: isOpen ? target : null };
  }
  const file = (filePath: string): FileAttempt => {
    return { kind: "file", filePath, guards: [], isShared: action.target.length === 1, because };
  };
  return rewriteAttempts(options, path, target, file, guards);
}

/** A page that a request could choose must be one that it could ask for; what the configuration names is meant to be shown. */
function isForEveryone({ denials, guards, pageSuffixes }: HostRules, filePath: string): boolean {
  return firstGuard(denials, filePath, pageSuffixes) === null && firstGuard(guards, filePath, pageSuffixes) === null;
}

/** The path without empty segments; null where filling in the placeholders made a dot segment. */
function canonicalPath(path: string): string | null {
  const segments = segmentsOf(canonicalText(path));
  if (segments.some((segment) => segment === "." || segment === "..")) return null;
  return `/${segments.join("/")}${path.endsWith("/") && segments.length > 0 ? "/" : ""}`;
}

/** A file, its page, or the page of a folder. If it is a folder, the path that the client asked for gets a slash. */
function rewriteAttempts(
  { rules }: PlanOptions,
  path: RequestPath,
  target: string,
  file: (filePath: string) => FileAttempt,
  guards: readonly AuthRule[],
): Attempt[] {
  const { cleanUrls, trailingSlash } = rules;
  const folder = target.endsWith("/") ? target.slice(0, -1) : target;
  const index = rules.index.value.map((name) => file(`${folder}/${name}`));
  if (target.endsWith("/")) return index;
  const page = cleanUrls.value ? [file(`${target}.html`)] : [];
  if (path.isDirectory) return [file(target), ...index, ...page];
  if (trailingSlash.value === "remove") return [file(target), ...page, ...index];
  return [file(target), ...page, slashAttempt(rules, path, target, guards)];
}

/** The redirect to the path with a slash, if `filePath` is a folder. */
function slashAttempt(
  { trailingSlash: { because } }: HostRules,
  path: RequestPath,
  filePath: string,
  guards: readonly AuthRule[],
): FolderAttempt {
  return { kind: "folder", filePath, redirection: redirection(`${path.key}/`, because, guards), because };
}

/** What may answer the path itself, in order. */
function attemptsFor(options: PlanOptions, path: RequestPath, guards: readonly AuthRule[]): Attempt[] {
  const { tryFiles, cleanUrls, trailingSlash } = options.rules;
  if (tryFiles.value.length > 0) {
    const items = path.isDirectory && trailingSlash.value !== "add" ? pagesLast(tryFiles.value) : tryFiles.value;
    return items.flatMap((item) => attemptsOfItem(options, path, item, tryFiles.because, guards));
  }
  const page = cleanUrls.value ? attemptsOfItem(options, path, "{path}.html", cleanUrls.because, guards) : [];
  const file = attemptsOfItem(options, path, "{path}", DOCUMENT_ROOT, guards);
  const folder = attemptsOfItem(options, path, "{path}/", options.rules.index.because, guards);
  return path.isDirectory ? [...folder, ...page] : [...file, ...page, ...folder];
}

const DOCUMENT_ROOT = becauseOf("document_root");

/** The attempts that one item of `try_files` stands for. */
function attemptsOfItem(
  options: PlanOptions,
  path: RequestPath,
  item: string,
  because: Because,
  guards: readonly AuthRule[],
): Attempt[] {
  const file = (filePath: string, isShared = false): FileAttempt => ({
    kind: "file",
    filePath,
    guards: [],
    isShared,
    because,
  });
  const { index, trailingSlash } = options.rules;
  if (!item.startsWith("{path}")) {
    return item.endsWith("/") ? index.value.map((name) => file(item + name, true)) : [file(item, true)];
  }
  const asked = path.filePath === "/" ? "" : path.filePath;
  const suffix = item.slice("{path}".length);
  if (suffix === "") return path.isDirectory ? [] : [file(asked)];
  if (suffix === "/") return folderAttempts(options, path, asked, because, guards);
  if (suffix.endsWith("/")) return index.value.map((name) => file(asked + suffix + name));
  if (suffix.startsWith("/")) return [file(asked + suffix)];
  if (asked === "") return [];
  // A page has one spelling: with a slash under `trailing_slash = "add"`, else without.
  if (path.isDirectory === (trailingSlash.value === "add")) return [file(asked + suffix)];
  if (path.isDirectory && !isPageBeforeFolder(options.rules, item)) return [];
  const spelling = path.isDirectory ? path.key.slice(0, -1) : `${path.key}/`;
  const to = redirection(spelling, trailingSlash.because, guards);
  return [{ kind: "page-redirect", filePath: asked + suffix, redirection: to, because: trailingSlash.because }];
}

/** What a folder has to show comes before the redirect from its path to a page. */
function pagesLast(items: readonly string[]): string[] {
  const end = items.lastIndexOf("{path}/") + 1;
  const isPage = (item: string): boolean => /^\{path\}[^/]/.test(item);
  const before = items.slice(0, end);
  return [...before.filter((item) => !isPage(item)), ...before.filter(isPage), ...items.slice(end)];
}

/** Whether a page comes before a folder of its name; otherwise the folder's slash would lead back. */
function isPageBeforeFolder({ tryFiles }: HostRules, page: string): boolean {
  const before = tryFiles.value.slice(0, Math.max(0, tryFiles.value.indexOf(page)));
  return !before.includes("{path}/");
}

function folderAttempts(
  options: PlanOptions,
  path: RequestPath,
  asked: string,
  because: Because,
  guards: readonly AuthRule[],
): Attempt[] {
  const { directoryListing, index, trailingSlash } = options.rules;
  if (!path.isDirectory && trailingSlash.value !== "remove") {
    return [slashAttempt(options.rules, path, asked, guards)];
  }
  const attempts: Attempt[] = index.value.map((name) => ({
    kind: "file",
    filePath: `${asked}/${name}`,
    guards: [],
    isShared: false,
    because,
  }));
  if (directoryListing.value && path.isDirectory) {
    attempts.push({ kind: "listing", filePath: path.filePath, because: directoryListing.because });
  }
  return attempts;
}

/** `spa_fallback`, which answers paths that look like routes, not files; and those that could be either, if a page is asked for. */
function fallbackAttempts(rules: HostRules, path: RequestPath): Attempt[] {
  const { value, because } = rules.spaFallback;
  if (value === null || (path.isNavigation !== true && mayNeedNavigation(rules, path))) return [];
  return [{ kind: "file", filePath: value, guards: [], isShared: true, because }];
}

/**
 * Whether it may depend on the client's asking for a page what `path` means: `/user/john.doe` can be a route of an application as
 * well as a file that is missing.
 */
export function mayNeedNavigation({ spaFallback }: HostRules, { filePath }: RequestPath): boolean {
  return spaFallback.value !== null && filePath.includes(".", filePath.lastIndexOf("/"));
}

/** Whether it did depend on it, where `filePath` answers, or nothing (null). */
export function neededNavigation({ spaFallback }: HostRules, path: RequestPath, filePath: string | null): boolean {
  if (path.isNavigation === undefined) return false;
  return filePath === null || (filePath === spaFallback.value && filePath !== path.filePath);
}

/** The plan to look for files, without those that are denied, and with the guards of those that are guarded. */
function search(
  { rules }: PlanOptions,
  attempts: readonly Attempt[],
  otherwise: Refusal | Redirection,
  guards: readonly AuthRule[],
): FileSearch {
  const allowed: Attempt[] = [];
  const denied: DeniedAttempt[] = [];
  for (const attempt of attempts) {
    const denial = firstGuard(rules.denials, attempt.filePath, rules.pageSuffixes);
    if (denial !== null) denied.push({ attempt, denial });
    else allowed.push(guarded(rules, attempt, guards));
  }
  const denial = allowed.length === 0 ? denied[0]?.denial : undefined;
  const last = denial === undefined ? otherwise : { ...nothing(denial.because, guards), status: denial.status };
  return { kind: "search", attempts: allowed, denied, otherwise: last, guards };
}

/** With the guard of its file, where that isn't among those of the path. */
function guarded({ guards: rules, pageSuffixes }: HostRules, attempt: Attempt, guards: readonly AuthRule[]): Attempt {
  const guard = firstGuard(rules, attempt.filePath, pageSuffixes);
  return guard === null || guards.includes(guard) ? attempt : withGuard(attempt, guard);
}

function withGuard(attempt: Attempt, guard: AuthRule): Attempt {
  switch (attempt.kind) {
    case "file":
      return { ...attempt, guards: [guard] };
    case "folder":
    case "page-redirect": {
      // Whether it is there must not be revealed.
      const { redirection } = attempt;
      return { ...attempt, redirection: { ...redirection, guards: [...redirection.guards, guard] } };
    }
    default:
      return attempt; // a listing is guarded as the path that names it
  }
}

function nothing(because: Because, guards: readonly AuthRule[]): Refusal {
  return { kind: "refuse", status: 404, page: null, guards, because };
}

/** To another spelling of the same path. */
function redirection(reference: string, because: Because, guards: readonly AuthRule[]): Redirection {
  const location = { reference, keepsQuery: true, fragment: "" };
  return { kind: "redirect", status: SPELLING_STATUS, location, guards, because };
}
