/**
 * A host whose root holds `_headers` or `_redirects` that it doesn't obey, though nobody has said that it shall not.
 *
 * In:    a host's parts. Out: at most one lint.
 * Keeps: `netlify_files = false` in the configuration says that the files are meant for another server.
 */
import type { HostParts } from "../../site/build-site.ts";
import { becauseOf } from "../../site/rules/because.ts";
import { unobeyedFiles } from "../../site/unobeyed-files.ts";
import type { Places } from "../explain/places.ts";
import type { Lint } from "./lint.ts";

export function lintUnobeyedFiles({ options, rules }: HostParts, places: Places): Lint[] {
  if (places.of(rules.netlifyFiles.because) !== "default") return [];
  const files = unobeyedFiles(options);
  if (files === null) return [];
  return [{ because: becauseOf("netlify_files"), message: `${files}; true obeys them, false says that this is meant` }];
}
