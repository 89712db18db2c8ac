/**
 * Loading the configuration: every source, in order, later ones win.
 *
 *     defaults < PORT < built-in profile < file < [profile.NAME] of the file < SAKER_ variables < flags and DIR
 *
 * In:    the arguments after the command's name, the environment, the current folder.
 * Out:   frozen `Settings`, with absolute paths, and where each value came from.
 * Units: as the table says.
 * Keeps: paths in a file are relative to that file, all others to the current folder. Reads at most one file; asks the
 *        parser for positions only when there is an error. Called at start, and again at every reload.
 * Fails: ConfigError (exit code 2), ConfigFileError (exit code 1).
 */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Arguments, CONFIG_FLAGS, type Flag, parseArguments } from "./arguments.ts";
import { ConfigError } from "./config-error.ts";
import { Draft, type Origin } from "./draft.ts";
import { readEnvironmentSettings, readPlatformPort } from "./from-environment.ts";
import { profilesOf, readFileSettings } from "./from-file.ts";
import { didYouMean } from "./nearest-name.ts";
import { PROFILES } from "./profiles.ts";
import { checkConstraints } from "./constraints.ts";
import { defaultSettings, innerDefaults, type Option, optionsOf, SCHEMA, type Schema } from "./schema.ts";
import type { Settings } from "./settings.ts";
import { readTomlFile, type TomlFile } from "./toml-file.ts";
import { checkText } from "./value.ts";

/** The file that is read when no other is named, if it is in the current folder. */
const DEFAULT_CONFIG_FILE = "saker.toml";

export interface LoadRequest {
  /** The arguments after the command's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Flags of the command itself, besides the settings and CONFIG_FLAGS. */
  readonly flags?: readonly Flag[];
  /** False when the command takes no DIR. */
  readonly takesFolder?: boolean;
  /** True when positional arguments are the command's own to read. */
  readonly takesOperands?: boolean;
  /**
   * For a reload: the file that was read at start. It must still be there, or a moment without `saker.toml` would turn
   * everything back to defaults.
   */
  readonly configFile?: string | null;
}

export interface Configuration {
  readonly settings: Settings;
  /** The file that was read, as the user named it, or null. */
  readonly configFile: string | null;
  /** Absolute paths of all files that were read. */
  readonly configFiles: readonly string[];
  readonly profile: string | null;
  /** Where the value of `port` (or `tls.cert`) came from. */
  readonly originOf: (name: string) => Origin;
  /** An error about a value, at the place that set it: for checks that need more than the value itself. */
  readonly errorAt: (name: string, problem: string) => ConfigError;
  readonly arguments: Arguments;
}

/** Loads the settings alone. */
export function loadSettings(request: LoadRequest): Settings {
  return loadConfiguration(request).settings;
}

/** Loads the settings and tells where they came from. */
export function loadConfiguration(request: LoadRequest, schema: Schema = SCHEMA): Configuration {
  const { argv, env, cwd } = request;
  const options = optionsOf(schema);
  const given = parseArguments(argv, options, [...Object.values(CONFIG_FLAGS), ...(request.flags ?? [])]);

  const draft = new Draft({ ...defaultSettings(cwd, schema) }, (path) => innerDefaults(path, cwd, schema));
  const file = readConfigFile(given, request);
  const profile = chooseProfile(given, env, file);
  if (profile !== null && Object.hasOwn(PROFILES, profile)) {
    for (const [name, value] of Object.entries(PROFILES[profile]!.values)) {
      draft.set([name], value, { source: "profile", name: profile });
    }
  }
  if (file !== null) readFileSettings({ schema, file, folder: dirname(resolve(cwd, file.name)) }, profile, draft);
  readEnvironmentSettings(env, options, cwd, draft);
  readGivenOptions(given, cwd, draft);
  readFolder(given, options, request, draft);
  readPlatformPort(env, options, draft);
  checkConstraints(draft);

  return {
    settings: Object.freeze(draft.values) as unknown as Settings,
    configFile: file?.name ?? null,
    configFiles: file === null ? [] : [resolve(cwd, file.name)],
    profile,
    originOf: (name) => draft.originOf(name),
    errorAt: (name, problem) => draft.errorAt(name, problem),
    arguments: given,
  };
}

/** `--config`, else SAKER_CONFIG, else `saker.toml` if it is there; null for none. */
function readConfigFile({ flags }: Arguments, { env, cwd, configFile = null }: LoadRequest): TomlFile | null {
  if (flags.has("--no-config")) return null;
  const name = flags.get("--config") ?? (env.SAKER_CONFIG || configFile);
  if (name !== null) return readTomlFile(resolve(cwd, name), name);
  const path = resolve(cwd, DEFAULT_CONFIG_FILE);
  return existsSync(path) ? readTomlFile(path, DEFAULT_CONFIG_FILE) : null;
}

/** `--profile`, else SAKER_PROFILE; null for none. The name must be known: here, or in the file. */
function chooseProfile({ flags }: Arguments, env: LoadRequest["env"], file: TomlFile | null): string | null {
  const flag = flags.get("--profile");
  const name = flag ?? (env.SAKER_PROFILE || null);
  if (name === null) return null;
  const known = new Set([...Object.keys(PROFILES), ...(file === null ? [] : Object.keys(profilesOf({ file })))]);
  if (known.has(name)) return name;
  const hint = didYouMean(name, known) || `; there are ${[...known].join(", ")}`;
  throw new ConfigError({
    file: flag === undefined ? "SAKER_PROFILE" : "--profile",
    key: "profile",
    problem: `unknown profile "${name}"${hint}`,
  });
}

/** Flags, in order; a list or map that is given more than once grows. */
function readGivenOptions({ options }: Arguments, cwd: string, draft: Draft): void {
  const texts = new Map<Option, string>();
  for (const { option, flag, text } of options) {
    const grows = option.setting.type === "list" || option.setting.type === "map";
    const before = grows ? texts.get(option) : undefined;
    const whole = before === undefined ? text : `${before},${text}`;
    texts.set(option, whole);
    const checked = checkText(option.name, option.setting, whole, cwd);
    if (!checked.isGood) throw new ConfigError({ file: flag, key: option.name, problem: checked.problem });
    draft.set(option.path, checked.value, { source: "flag", name: flag });
  }
}

/** The positional DIR: one at most. */
function readFolder({ positionals }: Arguments, options: readonly Option[], request: LoadRequest, draft: Draft): void {
  const [folder, second] = positionals;
  if (folder === undefined || request.takesOperands === true) return;
  const extra = request.takesFolder === false ? folder : second;
  if (extra !== undefined) {
    const problem =
      request.takesFolder === false
        ? "this command takes no argument"
        : `unexpected argument: only one folder is served`;
    throw new ConfigError({ file: extra, key: "document_root", problem });
  }
  const { name, path, setting } = options.find((option) => option.name === "document_root")!;
  const checked = checkText(name, setting, folder, request.cwd);
  if (!checked.isGood) throw new ConfigError({ file: "DIR", key: name, problem: checked.problem });
  draft.set(path, checked.value, { source: "flag", name: "DIR" });
}
