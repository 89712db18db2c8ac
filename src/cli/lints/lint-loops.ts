/**
 * Redirects that lead back to where they came from, or on and on.
 *
 * In:    a host's parts. Out: a lint for each loop, at the first of its redirects.
 * Keeps: follows paths that each redirect matches, one step after the other, with the function that serves (plan.ts) and a look
 *        at the files that would answer instead. What leads to another host is not followed.
 */
import { answeringAttempt } from "../../site/load/answering-attempt.ts";
import type { HostParts } from "../../site/build-site.ts";
import { canonicalHost } from "../../syntax/host-names.ts";
import { type FileSearch, planFor, type Redirection } from "../../site/plan.ts";
import { encodeSegment, type RequestPath, resolveRequestPath } from "../../site/request-path.ts";
import { type PathPattern, segmentsOf } from "../../site/rules/path-pattern.ts";
import { samplesOf } from "../../site/rules/pattern-cover.ts";
import type { Places } from "../explain/places.ts";
import type { Lint } from "./lint.ts";

/** Browsers give up after twenty. */
const STEPS_MAX = 20;

export function lintLoops(parts: HostParts, places: Places): Lint[] {
  const known = new Set<string>();
  return parts.rules.moves.flatMap((move) => {
    if (move.action.kind !== "redirect" || move.conditions !== null) return [];
    for (const sample of requestPathsOf(move.pattern)) {
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

function outcomeOf({ options }: HostParts, { attempts, otherwise }: FileSearch): Redirection | null {
  const attempt = answeringAttempt(options.root, attempts);
  if (attempt === null) return otherwise.kind === "redirect" ? otherwise : null;
  return attempt.kind === "folder" || attempt.kind === "page-redirect" ? attempt.redirection : null;
}

/** The path of a reference to this host; null where it leads to another. */
function localPath({ names }: HostParts, reference: string): string | null {
  const [, host, path] = /^(?:https?:\/\/([^/?#:]*)(?::\d*)?)?([^?#]*)/i.exec(reference)!;
  if (host !== undefined && !names.some((name) => canonicalHost(name) === canonicalHost(host))) return null;
  return path === "" ? "/" : path!;
}

/** Paths that the pattern matches, with and without what is optional. */
function requestPathsOf(pattern: PathPattern): string[] {
  const paths = samplesOf(pattern, "x").map((path) => segmentsOf(path).map(encodeSegment).join("/"));
  return [...new Set(paths)].flatMap((path) => (path === "" ? ["/"] : [`/${path}`, `/${path}/`]));
}

/** A default has no place, but a name. */
function placeOf({ because }: Redirection, places: Places): string {
  const place = places.of(because);
  return place === "default" ? because.setting : place;
}

function quote({ source }: PathPattern): string {
  return JSON.stringify(source);
}
