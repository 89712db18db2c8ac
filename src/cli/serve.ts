/**
 * `saker [DIR]`, also spelled `saker serve [DIR]`: serves until it is told to stop.
 */
import { resolve } from "node:path";
import { loadConfiguration, type LoadRequest } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";
import { VERSION } from "../config/version.ts";
import { HAND_OVER_VARIABLE, takeHandOver } from "../master/hand-over.ts";
import type { HandOver } from "../master/hand-over-format.ts";
import type { Invocation } from "./command.ts";
import { withDocumentRoot } from "./document-root.ts";

/** Loads the configuration and runs the master with it; the result is the master's exit code. */
export async function run(invocation: Invocation): Promise<number> {
  const handOver = process.env[HAND_OVER_VARIABLE] === undefined ? null : takeHandOver(process.env);
  const { settings, configFile } = handOver === null ? load(invocation) : asHandedOver(handOver, invocation);
  const configFiles = configFile === null ? [] : [resolve(invocation.cwd, configFile)];
  // The same arguments, folder and file, with the file's present content.
  const reloadSettings = (): Settings => load({ ...invocation, configFile }).settings;
  const { runMaster } = await import("../master/master.ts");
  return runMaster({ settings, reloadSettings, version: VERSION, configFile, configFiles, handOver });
}

type Loaded = { readonly settings: Settings; readonly configFile: string | null };

function load(request: LoadRequest): Loaded {
  const configuration = loadConfiguration(request);
  return { settings: withDocumentRoot(configuration), configFile: configuration.configFile };
}

/** The settings of the previous build, until the new ones are loaded; what it didn't know has its default. */
function asHandedOver({ settings, configFile }: HandOver, { cwd }: Invocation): Loaded {
  const defaults = loadConfiguration({ argv: ["--no-config"], env: {}, cwd }).settings;
  return { settings: Object.freeze({ ...defaults, ...settings }), configFile };
}
