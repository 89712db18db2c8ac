/**
 * A host whose "/" is answered with 404, though nobody has said that it shall be.
 *
 * In:    a host's parts. Out: at most one lint.
 * Keeps: `directory_listing = false` in the configuration says that a host without a start page is meant.
 */
import type { HostParts } from "../../site/build-site.ts";
import { becauseOf } from "../../site/rules/because.ts";
import { lackOfStartPage } from "../../site/start-page.ts";
import type { Places } from "../explain/places.ts";
import type { Lint } from "./lint.ts";

export function lintStartPage({ options, rules }: HostParts, places: Places): Lint[] {
  if (places.of(rules.directoryListing.because) !== "default") return [];
  const lack = lackOfStartPage(options);
  if (lack === null) return [];
  const message = `${lack}; directory_listing = true lists what is there, false says that this is meant`;
  return [{ because: becauseOf("directory_listing"), message }];
}
