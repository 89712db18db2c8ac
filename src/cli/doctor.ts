/**
 * `saker doctor`: is this machine fit for the configuration?
 *
 * In:    the same arguments as serve, `--json`.
 * Out:   one line per check: `ok`, `warn` or `fail`, the subject, what was measured, what to do. Exit code 0 when nothing failed,
 *        1 when a check failed, 2 when the configuration is wrong.
 * Keeps: changes nothing and binds nothing, so it can be run beside a server. gather.ts collects the facts, the rest of doctor/
 *        judges them.
 */
import { type Configuration, loadConfiguration } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";
import { CommandError, ExitCode, type Invocation } from "./command.ts";
import { examine } from "./doctor/examine.ts";
import type { Level } from "./doctor/finding.ts";
import { gatherFacts } from "./doctor/gather.ts";
import { isHealthy, reportJson, reportText } from "./doctor/report.ts";
import { withDocumentRoot } from "./document-root.ts";
import { paint, print } from "./output.ts";

const COLOUR: Readonly<Record<Level, string>> = { ok: "32", warn: "33", fail: "1;31" };

export async function run(invocation: Invocation): Promise<number> {
  const configuration = loadConfiguration(invocation);
  const settings = settingsToServe(configuration);
  const findings = examine(settings, gatherFacts(settings, invocation.env));
  const isJson = configuration.arguments.flags.has("--json");
  await print(isJson ? reportJson(findings) : reportText(findings, mark));
  return isHealthy(findings) ? ExitCode.Good : ExitCode.Failure;
}

/** With the root that would be served; if there is none, the checks report that along with everything else. */
function settingsToServe(configuration: Configuration): Settings {
  try {
    return withDocumentRoot(configuration);
  } catch (error) {
    if (error instanceof CommandError) return configuration.settings;
    throw error;
  }
}

function mark(level: Level, text: string): string {
  return paint(process.stdout, text, COLOUR[level]);
}
