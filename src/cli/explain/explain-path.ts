/**
 * The outcome of host, path, rules and files: the decisions before there is a representation.
 *
 * In:    the parts of the host, the request's path, the entry that the file loader made.
 * Out:   decisions, the plan, and the attempt that answered.
 * Keeps: asks the functions that serve (request-path.ts, plan.ts, open-below.ts) with the rules that serve; which attempt answered
 *        is read from the entry.
 */
import { closeSync } from "node:fs";
import { EntryKind } from "../../site/entry/entry-kind.ts";
import type { PlainEntry } from "../../site/entry/plain-entry.ts";
import type { HostParts } from "../../site/build-site.ts";
import { nodePathOf } from "../../site/name-octets.ts";
import { joinRoot, openBelowSync, withheldAt } from "../../site/load/open-below.ts";
import {
  type Attempt,
  type DeniedAttempt,
  type Plan,
  planFor,
  type Redirection,
  type Refusal,
} from "../../site/plan.ts";
import type { RequestPath } from "../../site/request-path.ts";
import type { Because } from "../../site/rules/because.ts";
import { meet } from "../../site/rules/conditions.ts";
import { type AuthRule, firstGuard } from "../../site/rules/guard.ts";
import { locationText } from "../../site/rules/move-target.ts";
import { matchPath, segmentsOf } from "../../site/rules/path-pattern.ts";
import { Errno, errnoName } from "../../sys/errno.ts";
import { FileKind, FileStatus } from "../../sys/file-status.ts";
import { linkStatus } from "../../sys/path-status.ts";
import type { Decision, Step } from "./explanation.ts";
import { type LookedAt, observeRules } from "./observed-rules.ts";
import type { Places } from "./places.ts";

export interface PathExplanation {
  readonly decisions: readonly Decision[];
  readonly plan: Plan;
  /** The file or folder that answers; null where none does. */
  readonly answering: Attempt | null;
  /** What is answered by a rule or by default, where no file does. */
  readonly outcome: Refusal | Redirection | null;
}

const KIND_NAME: Readonly<Record<LookedAt["kind"], string>> = {
  deny_path: "deny_path",
  basic_auth: "basic_auth",
  move: "",
  cache: "cache",
  header: "header",
  cors: "cors",
};

/**
 * `query`: that of the request, with "?", or "". `refusedBy`: the guard that refused the client; then nothing was looked up.
 */
export function explainPath(
  parts: HostParts,
  path: RequestPath,
  query: string,
  entry: PlainEntry | null,
  refusedBy: AuthRule | null,
  places: Places,
): PathExplanation {
  const observed = observeRules(parts.rules);
  const plan = planFor({ ...parts.options, rules: observed.rules }, path);
  const asked = segmentsOf(path.filePath);
  const candidates = plan.kind === "search" ? plan.attempts : [];
  const denied = plan.kind === "search" ? plan.denied : [];
  const files = [...candidates, ...denied.map(({ attempt }) => attempt)].map(({ filePath }) => filePath);
  const decisions: Decision[] = observed
    .lookedAt()
    .map((look) => ruleDecision(look, matchOf(look, path, asked, files, parts.rules.pageSuffixes), places));
  if (refusedBy !== null) {
    decisions.push(passwordDecision(refusedBy, "401: no valid credentials; nothing else is evaluated", places));
    return { decisions, plan, answering: null, outcome: null };
  }
  decisions.push(...plan.guards.map((guard) => passwordDecision(guard, "credentials accepted", places)));
  decisions.push(...denied.map((one) => deniedCandidate(one, places)));
  const answering = candidates.find((attempt) => answers(parts, attempt, entry)) ?? null;
  const tried = answering === null ? candidates : candidates.slice(0, candidates.indexOf(answering) + 1);
  for (const attempt of tried) {
    const outcome = attempt === answering ? answerOf(attempt) : describeFailure(parts, attempt);
    const { because } = attempt;
    decisions.push(decisionOf("candidate", nameOf(attempt), outcome, because.setting, placeIn(parts, attempt, places)));
  }
  if (answering?.kind === "file") {
    decisions.push(...answering.guards.map((guard) => passwordDecision(guard, "credentials accepted", places)));
  }
  const outcome = plan.kind !== "search" ? plan : outcomeOf(answering, plan.otherwise);
  if (outcome !== null) decisions.push(outcomeDecision(outcome, query, entry, parts, places));
  return { decisions, plan, answering, outcome };
}

function ruleDecision({ kind, pattern, because }: LookedAt, outcome: string, places: Places): Decision {
  const name = KIND_NAME[kind] || because.setting.replace(/^virtual_host\./, "");
  return decisionOf("rule", `${name} ${pattern.source}`, outcome, because.setting, places.of(because));
}

function passwordDecision({ because, pattern }: AuthRule, outcome: string, places: Places): Decision {
  return decisionOf("password", `basic_auth ${pattern.source}`, outcome, because.setting, places.of(because));
}

/** Rules that restrict access apply to the path, and to each file that might answer it. */
function matchOf(
  { kind, pattern, conditions, because }: LookedAt,
  { filePath, facts }: RequestPath,
  asked: readonly string[],
  files: readonly string[],
  pageSuffixes: readonly string[],
): string {
  if (kind !== "deny_path" && kind !== "basic_auth") {
    if (matchPath(pattern, asked) === null) return "does not match";
    return conditions === null || meet(conditions, facts) !== null
      ? "matches"
      : "matches the path, but not its conditions";
  }
  const guard = [{ pattern, because }];
  if (firstGuard(guard, filePath, pageSuffixes) !== null) return "matches";
  const file = files.find((name) => firstGuard(guard, name, pageSuffixes) !== null);
  return file === undefined ? "does not match" : `matches the file ${file}`;
}

function deniedCandidate({ attempt, denial: { because } }: DeniedAttempt, places: Places): Decision {
  return decisionOf("candidate", nameOf(attempt), "denied: not tried", because.setting, places.of(because));
}

/** Whether the entry is the one that this attempt leads to. */
function answers({ options }: HostParts, attempt: Attempt, entry: PlainEntry | null): boolean {
  if (entry === null) return false;
  switch (entry.kind) {
    case EntryKind.File:
      return attempt.kind === "file" && entry.path === joinRoot(options.root, attempt.filePath);
    case EntryKind.Listing:
      return attempt.kind === "listing";
    case EntryKind.Redirect:
      if (attempt.kind !== "folder" && attempt.kind !== "page-redirect") return false;
      return sameLocation(entry.location, attempt.redirection);
    case EntryKind.Failure:
      return false;
  }
}

function sameLocation(location: Redirection["location"], redirection: Redirection): boolean {
  return location === redirection.location || locationText(location, "") === locationText(redirection.location, "");
}

/** Why an attempt did not answer: asked again, in the way it was tried. */
function describeFailure({ options }: HostParts, { filePath }: Attempt): string {
  const { followSymlinks, root } = options;
  const status = new FileStatus();
  const fd = openBelowSync(root, filePath, followSymlinks, status);
  if (fd >= 0) {
    closeSync(fd);
    if (status.kind === FileKind.Directory) return "is a folder";
    return status.kind === FileKind.File ? "is a file" : "is neither a file nor a folder: not sent";
  }
  if (-fd !== Errno.ENOENT && -fd !== Errno.ENOTDIR) return `can't be opened: ${errnoName(-fd)}`;
  if (linkStatus(nodePathOf(joinRoot(root, filePath))) === null) return "does not exist";
  const withheld = withheldAt(root, filePath);
  if (withheld !== null) return `is never sent: ${withheld.what}`;
  return `is a broken link, or one that follow_symlinks = "${followSymlinks}" refuses`;
}

function nameOf({ kind, filePath }: Attempt): string {
  switch (kind) {
    case "file":
      return filePath;
    case "folder":
      return `${filePath}/`;
    case "listing":
      return `listing of ${filePath}`;
    case "page-redirect":
      return `${filePath}, for its own path`;
  }
}

function answerOf(attempt: Attempt): string {
  if (attempt.kind === "file") return "is a file: it answers";
  if (attempt.kind === "listing") return "is a folder: its listing answers";
  return attempt.kind === "folder"
    ? "is a folder: redirect to the path with a slash"
    : "is a page: redirect to its path";
}

/** The document root is shown with the line that sets it for its host. */
function placeIn(parts: HostParts, { because }: { readonly because: Because }, places: Places): string {
  return because.setting === "document_root" ? rootPlace(parts, places) : places.of(because);
}

/** Where the root of a host is set. */
export function rootPlace({ rules, name }: HostParts, places: Places): string {
  // A list that every host owns identifies it.
  const at = name === "" ? [] : rules.tryFiles.because.path.slice(0, 2);
  const own = at.length === 0 ? "default" : places.at(...at, "root");
  return own === "default" ? places.at("document_root") : own;
}

function outcomeOf(answering: Attempt | null, otherwise: Refusal | Redirection): Refusal | Redirection | null {
  if (answering === null) return otherwise;
  return answering.kind === "folder" || answering.kind === "page-redirect" ? answering.redirection : null;
}

function outcomeDecision(
  outcome: Refusal | Redirection,
  query: string,
  entry: PlainEntry | null,
  parts: HostParts,
  places: Places,
): Decision {
  const { because } = outcome;
  const place = placeIn(parts, outcome, places);
  if (outcome.kind === "redirect") {
    const to = locationText(outcome.location, query);
    return decisionOf("answer", `redirect to ${to}`, String(outcome.status), because.setting, place);
  }
  const status = entry?.kind === EntryKind.Failure ? entry.status : outcome.status;
  const subject = because.setting.endsWith("deny_path")
    ? "denied"
    : status === outcome.status
      ? "nothing answers"
      : "unreadable";
  return decisionOf("answer", subject, String(status), because.setting, place);
}

export function decisionOf(step: Step, subject: string, outcome: string, setting: string, place: string): Decision {
  return { step, subject, outcome, setting, place };
}
