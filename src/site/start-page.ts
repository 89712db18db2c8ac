/**
 * Whether a host has nothing to show for "/": most visitors come there first, so its operator is told.
 *
 * In:    a host's rules and root. Out: what is missing, in words; null where something answers.
 * Keeps: asks the plan that requests follow (plan.ts), and the file system once for each file it names. What only some requests
 *        get, by their query or language, doesn't count.
 */
import { FileKind, FileStatus, statPath } from "../sys/file-status.ts";
import { cPathOf } from "./name-octets.ts";
import { type DocumentRoot, joinRoot } from "./load/open-below.ts";
import { type Attempt, planFor, type PlanOptions } from "./plan.ts";
import type { RequestPath } from "./request-path.ts";

const START: RequestPath = { key: "/", filePath: "/", isDirectory: true };

export function lackOfStartPage(options: PlanOptions & { readonly root: DocumentRoot }): string | null {
  const plan = planFor(options, START);
  if (plan.kind !== "search" || plan.otherwise.kind !== "refuse" || plan.otherwise.status !== 404) return null;
  if (plan.attempts.some((attempt) => mayAnswer(options.root, attempt))) return null;
  const { root, rules } = options;
  const index = rules.index.value.length === 0 ? "index file" : rules.index.value.join(" or ");
  return `there is no ${index} in ${root.path}, and directory_listing is off: / is answered with 404`;
}

const probe = new FileStatus();

function mayAnswer(root: DocumentRoot, { kind, filePath }: Attempt): boolean {
  if (kind === "listing") return true;
  return statPath(cPathOf(joinRoot(root, filePath)), probe) === 0 && probe.kind === FileKind.File;
}
