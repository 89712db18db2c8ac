/**
 * All lints of a configuration: of single settings, then host by host.
 *
 * In:    a loaded configuration, and the settings that would be served.
 * Out:   one line for each, each once: what holds for every host is said for the first of them.
 * Fails: SiteError when a root can't be entered: roots are to be checked before.
 */
import type { Configuration } from "../../config/load-settings.ts";
import type { Settings } from "../../config/settings.ts";
import { hostsOf } from "../../site/build-site.ts";
import { Places } from "../explain/places.ts";
import { type Lint, showLint } from "./lint.ts";
import { lintClients } from "./lint-clients.ts";
import { lintFallbacks } from "./lint-fallbacks.ts";
import { lintLoops } from "./lint-loops.ts";
import { lintRules } from "./lint-rules.ts";
import { lintSettings } from "./lint-settings.ts";
import { lintStartPage } from "./lint-start-page.ts";

export function lintConfiguration(configuration: Configuration, settings: Settings): string[] {
  const places = new Places(configuration.originOf);
  const single = [...lintSettings(configuration), ...lintClients(configuration)];
  const ofSettings = single.map((lint) => showLint(lint, places));
  const ofHosts = hostsOf(settings).flatMap((parts) => {
    const lints: Lint[] = [
      ...lintStartPage(parts, places),
      ...lintRules(parts, places),
      ...lintFallbacks(parts, places),
      ...lintLoops(parts, places),
    ];
    return [...lints.map((lint) => showLint(lint, places)), ...parts.notes.filter(isOfRuleFile)];
  });
  return [...new Set([...ofSettings, ...ofHosts])];
}

/** `_headers:3: …`: a line that is not obeyed. Everything else in the notes has a lint with its place. */
function isOfRuleFile(note: string): boolean {
  return /(?:^|: )_(?:headers|redirects):\d+: /.test(note);
}
