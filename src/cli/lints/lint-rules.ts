/**
 * Rules that never take effect, because others come before or after them.
 *
 *   moves, guards, denials   the first that matches decides, so one that is covered by an earlier one is unreachable
 *   cache                    the same, except for rules about fingerprinted names only, which give way
 *   header                   the last that matches decides
 *   listings                 have no path where trailing slashes are removed
 *   encoded slashes          patterns are about decoded paths: one that holds `%2F` is about a name with these characters
 *
 * In:    a host's rules. Out: lints.
 * Keeps: reports only what is certain (pattern-cover.ts). A host's own rules are meant to override the
 *        inherited ones: that is not a mistake.
 */
import type { HostParts } from "../../site/build-site.ts";
import { hasHiddenSegment } from "../../site/request-path.ts";
import type { Because } from "../../site/rules/because.ts";
import type { HostRules } from "../../site/rules/host-rules.ts";
import type { Move } from "../../site/rules/move.ts";
import { type PathPattern, matchPath, segmentsOf } from "../../site/rules/path-pattern.ts";
import { covers } from "../../site/rules/pattern-cover.ts";
import type { Places } from "../explain/places.ts";
import { isSameLayer, layerOf, type Lint } from "./lint.ts";

interface Rule {
  readonly pattern: PathPattern;
  readonly because: Because;
}

export function lintRules({ rules, options }: HostParts, places: Places): Lint[] {
  const { caches, denials, guards, moves } = rules;
  const certainMoves = moves.filter((move) => move.conditions === null && !mayLeadToItself(move));
  const decidingCaches = caches.filter(({ cacheControl }) => cacheControl !== "");
  return [
    ...unreachable(moves, certainMoves, places),
    ...unreachable(guards, guards, places),
    ...unreachable(denials, denials, places),
    ...unreachable(caches, decidingCaches, places),
    ...deniedRules(rules, places),
    ...unreachableListings(rules, places),
    ...encodedSlashes(rules, places),
    ...overriddenFields(rules, places),
    ...(options.dotfiles ? [] : hiddenTargets(moves)),
  ];
}

/** A listing is a folder's, whose path ends with a slash. */
function unreachableListings({ directoryListing, trailingSlash }: HostRules, places: Places): Lint[] {
  if (!directoryListing.value || trailingSlash.value !== "remove") return [];
  const by = `trailing_slash (${places.of(trailingSlash.because)}) removes the slash that other folders' paths end with`;
  return [{ because: directoryListing.because, message: `directory_listing lists the root folder only: ${by}` }];
}

/** What is meant is `/@scope/name`, and that `/@scope%2Fname` is the same. */
function encodedSlashes(
  { caches, denials, guards, headers, moves, encodedSlashes }: HostRules,
  places: Places,
): Lint[] {
  const written = [
    ...[...moves, ...guards, ...denials, ...caches].map(({ pattern, because }) => ({ pattern, because })),
    ...headers.map(({ pattern, edits }) => ({ pattern, because: edits[0]!.because })),
  ];
  const { because, value } = encodedSlashes;
  const does = value === "decode" ? 'takes "%2F" in a request for a slash' : 'answers "%2F" in a request with 404';
  return written.flatMap(({ pattern, because: reason }) => {
    if (!/%2f/i.test(pattern.source)) return [];
    const message = `${JSON.stringify(pattern.source)} matches no encoded slash: write "/"; encoded_slashes (${places.of(because)}) ${does}`;
    return [{ because: reason, message }];
  });
}

/** Rules of `rules` that are completely covered by an earlier one of `deciding`. */
function unreachable(rules: readonly Rule[], deciding: readonly Rule[], places: Places): Lint[] {
  return rules.flatMap((rule, index) => {
    const earlier = deciding.find(
      (other) =>
        rules.indexOf(other) < index && isBefore(other.because, rule.because) && covers(other.pattern, rule.pattern),
    );
    if (earlier === undefined) return [];
    const message = `${nameOf(rule)} is never reached: ${quote(earlier)} (${places.of(earlier.because)}) decides first`;
    return [{ because: rule.because, message }];
  });
}

/** A line of `_redirects` comes after the configuration's rules, and isn't meant to be overridden. */
function isBefore(one: Because, other: Because): boolean {
  return isSameLayer(one, other) || other.file !== "";
}

/** A redirect to a path that it matches itself gives way there. */
function mayLeadToItself({ action, pattern }: Move): boolean {
  if (action.kind !== "redirect" || action.target.origin !== "") return false;
  return matchPath(pattern, segmentsOf(action.target.path.join("x"))) !== null;
}

/** Rules about files that are always denied. Fields are exempt: a refusal has fields, too. */
function deniedRules({ caches, denials, guards, moves }: HostRules, places: Places): Lint[] {
  return [...moves, ...guards, ...caches].flatMap((rule) => {
    const denial = denials.find(({ pattern, because }) => {
      const isMeant = layerOf(because) === "" || isSameLayer(because, rule.because);
      return isMeant && covers(pattern, rule.pattern);
    });
    if (denial === undefined) return [];
    const message = `${nameOf(rule)} has no effect: ${quote(denial)} (${places.of(denial.because)}) denies these paths`;
    return [{ because: rule.because, message }];
  });
}

function overriddenFields({ caches, headers }: HostRules, places: Places): Lint[] {
  const weaker = [
    ...caches.map(({ pattern, because }) => ({ pattern, because, name: "Cache-Control", at: -1 })),
    ...headers.flatMap(({ pattern, edits }, at) => edits.map(({ because, name }) => ({ pattern, because, name, at }))),
  ];
  return weaker.flatMap(({ pattern, because, name, at }) => {
    if (name.toLowerCase() === "vary") return []; // it grows
    const later = headers.slice(at + 1).flatMap((rule) => rule.edits.map((edit) => ({ edit, rule })));
    const override = later.find(({ edit, rule }) => {
      const isName = edit.name.toLowerCase() === name.toLowerCase();
      return isName && isSameLayer(edit.because, because) && covers(rule.pattern, pattern);
    });
    if (override === undefined) return [];
    const does = override.edit.value === null ? "removes it" : "sets it";
    const who = `${JSON.stringify(override.rule.pattern.source)} (${places.of(override.edit.because)})`;
    return [{ because, message: `${name} of ${JSON.stringify(pattern.source)} has no effect: ${who} ${does} later` }];
  });
}

/** What begins with a dot is not sent, by whatever way. */
function hiddenTargets(moves: readonly Move[]): Lint[] {
  return moves.flatMap(({ action, because }) => {
    if (action.kind === "redirect" || action.target.length > 1 || !hasHiddenSegment(action.target[0]!)) return [];
    return [{ because, message: `${action.target[0]} is never sent: dotfiles is off` }];
  });
}

function nameOf(rule: Rule): string {
  const kind = rule.because.setting.replace(/^virtual_host\./, "");
  return `${kind} ${JSON.stringify(rule.pattern.source)}`;
}

function quote({ pattern }: Rule): string {
  return JSON.stringify(pattern.source);
}
