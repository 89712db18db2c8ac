/**
 * Redirects that lead back to where they came from, or on and on.
 *
 * In:    a host's parts. Out: a lint for each loop, at the first of its redirects.
 * Keeps: follows paths that each redirect matches, one step after the other, with the function that serves (plan.ts) and a look
 *        at the files that would answer instead. What leads to another host is not followed.
 */
import { statSync } from "node:fs";
import type { HostParts } from "../../site/build-site.ts";
import { canonicalHost } from "../../site/host-table.ts";
import { joinRoot } from "../../site/open-below.ts";
import { type Lookup, planFor, type Redirection } from "../../site/plan.ts";
import { encodeSegment, type RequestPath, resolveRequestPath } from "../../site/request-path.ts";
import type { PathPattern } from "../../site/rules/path-pattern.ts";
import type { Places } from "../explain/places.ts";
import type { Lint } from "./lint.ts";

/** Browsers give up after twenty. */
const STEPS_MAX = 20;

export function lintLoops(parts: HostParts, places: Places): Lint[] {
  const known = new Set<string>();
  return parts.rules.moves.flatMap((move) => {
    if (move.action.kind !== "redirect" || move.conditions !== null) return [];
    for (const sample of samplesOf(move.pattern)) {
      const steps = follow(parts, sample);
      if (steps === null || steps[0]!.by.because !== move.because) continue;
      const loop = [...new Set(steps.map(({ by }) => placeOf(by, places)))];
      const key = loop.toSorted().join();
      if (known.has(key)) continue;
      known.add(key);
      const shown = [sample, ...steps.map(({ to }) => to)].slice(0, 4).join(" → ");
      const also = loop.length > 1 ? ` (with ${loop.slice(1).join(", ")})` : "";
      return [{ because: move.because, message: `redirect ${quote(move.pattern)} is a loop: ${shown}${also}` }];
    }
    return [];
  });
}

interface Step {
  readonly by: Redirection;
  readonly to: string;
}

/** The steps of a loop that begins at `path`; null where it comes to an end. */
function follow(parts: HostParts, path: string): Step[] | null {
  const steps: Step[] = [];
  const seen = new Set([path]);
  for (let at = path; steps.length < STEPS_MAX;) {
    const step = nextStep(parts, at);
    if (step === null) return null;
    steps.push(step);
    if (step.to === path) return steps;
    if (seen.has(step.to)) return null; // a loop that `path` leads to, and is no part of
    seen.add(step.to);
    at = step.to;
  }
  return steps;
}

function nextStep(parts: HostParts, sent: string): Step | null {
  const path = resolveRequestPath(sent, parts.options.dotfiles, parts.rules.encodedSlashes.value);
  if (typeof path === "number") return null;
  const by = redirectionOf(parts, path);
  if (by === null) return null;
  const to = localPath(parts, by.location.reference);
  return to === null ? null : { by, to };
}

function redirectionOf(parts: HostParts, path: RequestPath): Redirection | null {
  const plan = planFor(parts.options, path);
  if (plan.kind === "redirect") return plan;
  return plan.kind === "refuse" ? null : outcomeOf(parts, plan);
}

function outcomeOf({ options }: HostParts, { attempts, otherwise }: Lookup): Redirection | null {
  for (const attempt of attempts) {
    const status = statSync(joinRoot(options.root, attempt.filePath), { throwIfNoEntry: false });
    if (status === undefined) continue;
    if (attempt.kind === "file" && status.isFile()) return null;
    if (attempt.kind === "listing" && status.isDirectory()) return null;
    if (attempt.kind === "folder" && status.isDirectory()) return attempt.redirection;
    if (attempt.kind === "page-redirect" && status.isFile()) return attempt.redirection;
  }
  return otherwise.kind === "redirect" ? otherwise : null;
}

/** The path of a reference to this host; null where it leads to another. */
function localPath({ names }: HostParts, reference: string): string | null {
  const [, host, path] = /^(?:https?:\/\/([^/?#:]*)(?::\d*)?)?([^?#]*)/i.exec(reference)!;
  if (host !== undefined && !names.some((name) => canonicalHost(name) === canonicalHost(host))) return null;
  return path === "" ? "/" : path!;
}

/** Paths that the pattern matches, with and without what is optional. */
function samplesOf({ segments, hasSplat }: PathPattern): string[] {
  const texts = segments.flatMap((segment) => {
    if (segment.kind === "any") return [];
    if (segment.kind === "placeholder") return ["x"];
    return [encodeSegment(segment.kind === "text" ? segment.text : segment.pieces.join("x"))];
  });
  const base = texts.map((text) => `/${text}`).join("");
  const rest = hasSplat ? [base, `${base}/x`] : [base];
  return rest.flatMap((path) => (path === "" ? ["/"] : [path, `${path}/`]));
}

/** A default has no place, but a name. */
function placeOf({ because }: Redirection, places: Places): string {
  const place = places.of(because);
  return place === "default" ? because.setting : place;
}

function quote({ source }: PathPattern): string {
  return JSON.stringify(source);
}
