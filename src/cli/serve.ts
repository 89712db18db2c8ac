/**
 * `saker [DIR]`, also spelled `saker serve [DIR]`: serves until it is told to stop.
 */
import { loadConfiguration } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";
import { VERSION } from "../config/version.ts";
import type { Invocation } from "./command.ts";
import { withDocumentRoot } from "./document-root.ts";

/** Loads the configuration and runs the master with it; the result is the master's exit code. */
export async function run(invocation: Invocation): Promise<number> {
  const configuration = loadConfiguration(invocation);
  const { configFile } = configuration;
  const settings = withDocumentRoot(configuration);
  // The same arguments, the same folder, the same file; whatever it says by then.
  const reloadSettings = (): Settings => withDocumentRoot(loadConfiguration({ ...invocation, configFile }));
  const { runMaster } = await import("../master/master.ts");
  return runMaster({ settings, reloadSettings, version: VERSION, configFile });
}
