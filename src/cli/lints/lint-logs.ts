/**
 * Settings of the access log that have no effect together.
 *
 * In:    settings. Out: lints.
 */
import type { Settings } from "../../config/settings.ts";
import { becauseOf } from "../../site/rules/because.ts";
import type { Lint } from "./lint.ts";

export function lintLogs({ access_log, access_log_format, access_log_skip, request_id }: Settings): Lint[] {
  const found: Lint[] = [];
  const warn = (name: string, message: string): number => found.push({ because: becauseOf(name), message });
  const isShown = access_log !== false && access_log_format === "json";
  if (request_id === "log" && !isShown) {
    warn("request_id", 'request_id = "log" has no effect: only an access log in the format "json" shows it');
  }
  if (access_log === false && access_log_skip.length > 0) {
    warn("access_log_skip", "access_log_skip has no effect while access_log is false");
  }
  return found;
}
