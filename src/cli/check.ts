/**
 * `saker check`: would `saker serve` with the same arguments start, and is the configuration wise?
 *
 * In:    the same arguments as serve.
 * Out:   lines to standard output, a warning for what is valid but probably unintended (lints/); exit code 0 good, 1
 *        a problem on disk (with `--strict`: or there are warnings), 2 the configuration is wrong.
 * Keeps: changes nothing and binds nothing. Every problem on disk is reported, not only the first.
 */
import { type Configuration, loadConfiguration } from "../config/load-settings.ts";
import { tomlValue } from "../config/markdown.ts";
import { placeOfSetting, showPlace } from "../config/setting-place.ts";
import type { SettingName, Settings } from "../config/settings.ts";
import { SETTING_NAMES } from "../config/settings.ts";
import { SiteError } from "../site/build-site.ts";
import { ExitCode, type Invocation } from "./command.ts";
import { folderProblem, withDocumentRoot } from "./document-root.ts";
import { Places } from "./explain/places.ts";
import { lintConfiguration } from "./lints/lint-configuration.ts";
import { print, printError } from "./output.ts";
import { acmeProblems } from "./acme-problems.ts";
import { readSources } from "./read-certificates.ts";
import { writeProblem } from "./write-problem.ts";

export async function run(invocation: Invocation): Promise<number> {
  const configuration = loadConfiguration(invocation);
  const problems: string[] = [];
  let { settings } = configuration;
  try {
    settings = withDocumentRoot(configuration);
  } catch (error) {
    problems.push((error as Error).message);
  }
  problems.push(
    ...hostProblems(configuration),
    ...certificateProblems(configuration),
    ...acmeProblems(configuration.settings, process.env),
    ...fileProblems(configuration.settings),
  );
  for (const problem of problems) await printError(problem);
  if (problems.length > 0) return ExitCode.Failure;
  const warnings = await warningsOf(configuration, settings);
  if (warnings === null) return ExitCode.Failure;
  await print(report(configuration, settings.document_root, warnings));
  const isStrict = configuration.arguments.flags.has("--strict");
  return isStrict && warnings.length > 0 ? ExitCode.Failure : ExitCode.Good;
}

/** Null where the site can't be served as it is; what is wrong has been printed. */
async function warningsOf(configuration: Configuration, settings: Settings): Promise<string[] | null> {
  try {
    return lintConfiguration(configuration, settings);
  } catch (error) {
    if (!(error instanceof SiteError)) throw error;
    await printError(error.message);
    return null;
  }
}

/** What is wrong with the roots of virtual hosts, and where they are set. */
function hostProblems({ settings, originOf }: Configuration): string[] {
  return settings.virtual_host.flatMap(({ names, root }, index) => {
    const problem = root === null ? "" : folderProblem(root);
    if (problem === "") return [];
    const place = showPlace(placeOfSetting(["virtual_host", index, "root"], originOf));
    return [`${place}: root ${root} of virtual host "${names[0]}" ${problem}`];
  });
}

/** Why certificates can't be served, and where they are named. */
function certificateProblems({ settings, originOf }: Configuration): string[] {
  const places = new Places(originOf);
  return readSources(settings).flatMap(({ because, outcome }) => {
    return outcome.isGood ? [] : [`${places.of(because)}: ${outcome.line}`];
  });
}

/** What is wrong with the files that saker would write. */
function fileProblems({ access_log, error_log, pid_file, stats_file }: Settings): string[] {
  const files: [SettingName, string | false | null][] = [
    ["access_log", access_log],
    ["error_log", error_log],
    ["pid_file", pid_file],
    ["stats_file", stats_file],
  ];
  return files.flatMap(([name, path]) => {
    const problem = path === false || path === null || path === "-" ? "" : writeProblem(path);
    return problem === "" ? [] : [`${name} ${path} ${problem}`];
  });
}

function report(configuration: Configuration, documentRoot: string, warnings: readonly string[]): string {
  const { settings, configFile, profile } = configuration;
  const source = configFile ?? "no file, defaults";
  const lines = [
    `configuration ok: ${source}${profile === null ? "" : `, profile ${profile}`}`,
    `document root ok: ${documentRoot}`,
    ...SETTING_NAMES.flatMap((name) => {
      const origin = configuration.originOf(name);
      return origin.source === "default"
        ? []
        : [`  ${name} = ${tomlValue(settings[name])} (${showPlace(placeOfSetting([name], configuration.originOf))})`];
    }),
    ...warnings.map((warning) => `warning: ${warning}`),
  ];
  return `${lines.join("\n")}\n`;
}
