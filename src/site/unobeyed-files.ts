/**
 * Whether a root holds `_headers` or `_redirects` that its host doesn't obey: whoever wrote them for another server may count on
 * them, and on the passwords they ask for.
 *
 * In:    a host's rules and root. Out: which files, in words; null where there are none.
 * Cost:  two stats, at start.
 */
import { FileKind, FileStatus, statPath } from "../sys/file-status.ts";
import { cPathOf } from "./name-octets.ts";
import { type DocumentRoot, joinRoot } from "./load/open-below.ts";
import type { HostRules } from "./rules/host-rules.ts";
import { HEADERS_FILE } from "./rules/netlify-headers.ts";
import { REDIRECTS_FILE } from "./rules/netlify-redirects.ts";

const probe = new FileStatus();

export function unobeyedFiles({
  root,
  rules,
}: {
  readonly root: DocumentRoot;
  readonly rules: HostRules;
}): string | null {
  if (rules.netlifyFiles.value) return null;
  const present = [HEADERS_FILE, REDIRECTS_FILE].filter(
    (name) => statPath(cPathOf(joinRoot(root, `/${name}`)), probe) === 0 && probe.kind === FileKind.File,
  );
  if (present.length === 0) return null;
  const files = `${present.join(" and ")} in ${root.path} ${present.length === 1 ? "is" : "are"} not obeyed`;
  return `${files}${present.includes(HEADERS_FILE) ? ", nor any password asked for there" : ""}: netlify_files is off`;
}
