/**
 * All lints of a configuration: of single settings, then host by host.
 *
 * In:    a loaded configuration, and the settings that would be served.
 * Out:   one line for each, each once: what holds for every host is said for the first of them.
 * Fails: SiteError when a root can't be entered (roots are to be checked before), or `_headers` asks for a password in a way that is
 *        not understood.
 */
import type { Configuration } from "../../config/load-settings.ts";
import { ownFilesOf } from "../../config/own-files.ts";
import type { Settings } from "../../config/settings.ts";
import { hostsOf, noteOwnFiles } from "../../site/build-site.ts";
import { becauseOf } from "../../site/rules/because.ts";
import { hiddenPages } from "../../process/hidden-pages.ts";
import { Places } from "../explain/places.ts";
import { readSources } from "../read-certificates.ts";
import { type Lint, showLint } from "./lint.ts";
import { lintAcme } from "./lint-acme.ts";
import { lintCertificates } from "./lint-certificates.ts";
import { lintClients } from "./lint-clients.ts";
import { lintFallbacks } from "./lint-fallbacks.ts";
import { lintLogs } from "./lint-logs.ts";
import { lintLoops } from "./lint-loops.ts";
import { lintOrigins } from "./lint-origins.ts";
import { lintRules } from "./lint-rules.ts";
import { lintSettings } from "./lint-settings.ts";
import { lintStartPage } from "./lint-start-page.ts";
import { lintUnobeyedFiles } from "./lint-unobeyed-files.ts";

export function lintConfiguration(configuration: Configuration, settings: Settings): string[] {
  const places = new Places(configuration.originOf);
  const single = [
    ...lintSettings(configuration),
    ...lintClients(configuration),
    ...lintLogs(configuration.settings),
    ...lintCertificates(settings, readSources(settings)),
    ...lintAcme(settings, process.env),
  ];
  const ofSettings = single.map((lint) => showLint(lint, places));
  const ownFiles = ownFilesOf(settings, configuration.configFiles);
  const hosts = hostsOf(settings, { ownFiles });
  const endpoints = hiddenPages(settings, hosts).map((message) => ({ because: becauseOf("admin_prefix"), message }));
  const ofHosts = hosts.flatMap((parts) => {
    const lints: Lint[] = [
      ...lintStartPage(parts, places),
      ...lintUnobeyedFiles(parts, places),
      ...lintRules(parts, places),
      ...lintOrigins(parts, hosts, settings),
      ...lintFallbacks(parts, places),
      ...lintLoops(parts, places),
    ];
    return [...lints.map((lint) => showLint(lint, places)), ...parts.notes.filter(isOfRuleFile)];
  });
  const ofEndpoints = endpoints.map((lint) => showLint(lint, places));
  return [...new Set([...ofSettings, ...noteOwnFiles(hosts, ownFiles), ...ofHosts, ...ofEndpoints])];
}

/** `_headers:3: …`: a line, or a file, that is not obeyed. Everything else in the notes has a lint with its place. */
function isOfRuleFile(note: string): boolean {
  return /(?:^|: )_(?:headers|redirects)(?::\d+:)? /.test(note);
}
