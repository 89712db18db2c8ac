/**
 * What a host has at one path that it hasn't at every path: a file, a folder with a page, or a rule for this path. For those
 * who put something else there.
 *
 * In:    a host's parts, a path as a request spells it.
 * Out:   the file, folder or rule, as people know it; null where nothing answers, or only what would answer any other path: a
 *        fallback, a rule for many paths.
 * Keeps: means what the server would: by the same plan, and the files that are there now.
 */
import { answeringAttempt } from "./load/answering-attempt.ts";
import type { HostParts } from "./build-site.ts";
import { type Attempt, planFor, type Redirection, type Refusal } from "./plan.ts";
import { resolveRequestPath } from "./request-path.ts";
import type { Because } from "./rules/because.ts";
import { isOnePath, type PathPattern } from "./rules/path-pattern.ts";

export function ownPageAt(parts: HostParts, sent: string): string | null {
  const { options } = parts;
  const path = resolveRequestPath(sent, options.dotfiles);
  if (typeof path === "number") return null;
  const plan = planFor(options, path);
  if (plan.kind !== "search") return ruleOf(parts, plan);
  const attempt = answeringAttempt(options.root, plan.attempts);
  return attempt === null ? ruleOf(parts, plan.otherwise) : pageOf(parts, attempt, sent);
}

function pageOf(parts: HostParts, attempt: Attempt, sent: string): string | null {
  switch (attempt.kind) {
    case "file":
      return attempt.isShared && patternOfOnePath(parts, attempt.because) === null ? null : attempt.filePath;
    case "page-redirect":
      return attempt.filePath;
    case "folder": // its path with a slash has a page, or there is nothing to see
      return ownPageAt(parts, `${sent}/`);
    case "listing":
      return attempt.filePath;
  }
}

function ruleOf(parts: HostParts, { kind, because }: Redirection | Refusal): string | null {
  const pattern = kind === "redirect" ? patternOfOnePath(parts, because) : null;
  return pattern && `${because.setting.replace(/^virtual_host\./, "")} ${JSON.stringify(pattern.source)}`;
}

/** The pattern of the move, where it is a path: no placeholder, no wildcard. */
function patternOfOnePath({ rules }: HostParts, because: Because): PathPattern | null {
  const pattern = rules.moves.find((move) => move.because === because)?.pattern;
  return pattern !== undefined && isOnePath(pattern) ? pattern : null;
}
