/**
 * `saker check`: would `saker serve` with the same arguments start, and is the configuration wise?
 *
 * In:    the same arguments as serve.
 * Out:   lines to standard output; exit code 0 good, 1 something on disk is in the way, 2 the configuration is wrong.
 * Keeps: changes nothing and binds nothing. Every problem on disk is reported, not only the first.
 */
import { type Configuration, loadConfiguration } from "../config/load-settings.ts";
import { tomlValue } from "../config/markdown.ts";
import { placeOfSetting, showPlace } from "../config/setting-place.ts";
import type { SettingName, Settings } from "../config/settings.ts";
import { SETTING_NAMES } from "../config/settings.ts";
import { ExitCode, type Invocation } from "./command.ts";
import { withDocumentRoot } from "./document-root.ts";
import { print, printError } from "./output.ts";
import { writeProblem } from "./write-problem.ts";

export async function run(invocation: Invocation): Promise<number> {
  const configuration = loadConfiguration(invocation);
  const problems: string[] = [];
  let documentRoot = "";
  try {
    documentRoot = withDocumentRoot(configuration).document_root;
  } catch (error) {
    problems.push((error as Error).message);
  }
  problems.push(...fileProblems(configuration.settings));
  for (const problem of problems) await printError(problem);
  if (problems.length > 0) return ExitCode.Failure;
  await print(report(configuration, documentRoot));
  return ExitCode.Good;
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

function report(configuration: Configuration, documentRoot: string): string {
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
    ...lints(configuration).map((lint) => `warning: ${lint}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** What is allowed and probably not meant. */
export function lints({ settings, originOf }: Pick<Configuration, "settings" | "originOf">): string[] {
  const found: string[] = [];
  const cacheKb = settings.cache_size_mb * 1024;
  if (cacheKb > 0 && settings.max_cached_file_kb > cacheKb) {
    found.push(`max_cached_file_kb (${settings.max_cached_file_kb}) is larger than the whole cache (${cacheKb} KiB)`);
  }
  if (settings.cache_size_mb === 0 && originOf("max_cached_file_kb").source !== "default") {
    found.push("max_cached_file_kb has no effect while cache_size_mb is 0");
  }
  const everyone = settings.admin_allow.filter((range) => /\/0+$/.test(range));
  if (everyone.length > 0)
    found.push(`admin_allow contains ${everyone.join(" and ")}: everyone may see /metrics and /stats`);
  if (settings.dotfiles) found.push("dotfiles is on: files such as .env and .git are served");
  if (settings.follow_symlinks === "always") {
    found.push('follow_symlinks is "always": a link in the document root can publish any file of this machine');
  }
  if (settings.header_timeout_seconds > 60) {
    found.push(
      `header_timeout_seconds (${settings.header_timeout_seconds}) lets slow clients hold connections for long`,
    );
  }
  return found;
}
