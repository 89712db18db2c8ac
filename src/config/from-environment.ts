/**
 * Environment variables as a source of settings: `SAKER_PORT`, `SAKER_NUM_WORKERS`, …
 *
 * In:    the environment, the schema. And `PORT`, which isn't saker's own.
 * Out:   the draft, with the value of every variable in it.
 * Keeps: an empty variable counts as not set, as in most container tools. An unknown name that begins with
 *        `SAKER_` is an error like any unknown key: a misspelt limit must not pass silently.
 * Fails: ConfigError whose file is the variable's name.
 */
import { ConfigError } from "./config-error.ts";
import type { Draft } from "./draft.ts";
import { didYouMean } from "./nearest-name.ts";
import { type Option, VARIABLE_PREFIX } from "./schema.ts";
import { checkText } from "./value.ts";

/** Variables that are not settings, and where they are read. */
export const OTHER_VARIABLES: Readonly<Record<string, string>> = {
  SAKER_CONFIG: "configuration file, as `--config`",
  SAKER_PROFILE: "profile, as `--profile`",
  SAKER_NO_FFI: "`1` makes saker do without calls into libc, as on a system that has none it knows",
};

/** The port, as platforms that start programs tell it. Nobody meant it for saker alone, so it counts where nothing else does. */
export const PLATFORM_PORT = "PORT";

/** Variables of this project's tools: the build and the tests. They may be set when a server is started. */
const TOOL_VARIABLES: readonly string[] = ["SAKER_VERSION", "SAKER_COMMIT", "SAKER_EXECUTABLE"];

/** Reads every variable of the environment that is meant for saker. Relative paths are taken from `cwd`. */
export function readEnvironmentSettings(
  env: Readonly<Record<string, string | undefined>>,
  options: readonly Option[],
  cwd: string,
  draft: Draft,
): void {
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(VARIABLE_PREFIX) || text === undefined || text === "") continue;
    if (Object.hasOwn(OTHER_VARIABLES, variable) || TOOL_VARIABLES.includes(variable)) continue;
    if (isServiceLink(variable, text)) continue;
    const option = options.find((candidate) => variablesOf(candidate).includes(variable));
    if (option === undefined) throw unknownVariable(variable, options);
    const checked = checkText(option.name, option.setting, text, cwd);
    if (!checked.isGood) throw new ConfigError({ file: variable, key: option.name, problem: checked.problem });
    draft.set(option.path, checked.value, { source: "environment", name: variable });
  }
}

/** Reads the port that the platform has chosen, unless it was set elsewhere: call it when all other sources have been read. */
export function readPlatformPort(
  env: Readonly<Record<string, string | undefined>>,
  options: readonly Option[],
  draft: Draft,
): void {
  const text = env[PLATFORM_PORT];
  if (text === undefined || text === "" || draft.originOf("port").source !== "default") return;
  const { name, path, setting } = options.find((option) => option.name === "port")!;
  const checked = checkText(name, setting, text, "");
  if (!checked.isGood) throw new ConfigError({ file: PLATFORM_PORT, key: name, problem: checked.problem });
  draft.set(path, checked.value, { source: "environment", name: PLATFORM_PORT });
}

/**
 * True for variables that Kubernetes sets for a service called saker, in every pod of its namespace: SAKER_SERVICE_HOST,
 * SAKER_PORT_8080_TCP_ADDR, and, worst of all, SAKER_PORT=tcp://10.0.0.1:8080. They are not meant as settings.
 */
function isServiceLink(variable: string, text: string): boolean {
  return (
    /_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$/.test(variable) ||
    /_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(variable) ||
    (variable.endsWith("_PORT") && /^(tcp|udp|sctp):\/\//.test(text))
  );
}

function variablesOf({ variable, otherVariables }: Option): readonly string[] {
  return [variable, ...otherVariables];
}

function unknownVariable(variable: string, options: readonly Option[]): ConfigError {
  const known = [...options.flatMap(variablesOf), ...Object.keys(OTHER_VARIABLES)];
  // The common prefix would make every name look similar.
  const bare = known.map((name) => name.slice(VARIABLE_PREFIX.length));
  const hint = didYouMean(variable.slice(VARIABLE_PREFIX.length), bare).replace(/"(.+)"/, `"${VARIABLE_PREFIX}$1"`);
  return new ConfigError({
    file: variable,
    key: variable,
    problem: `unknown variable${hint || '; unset it ("saker help settings" lists all)'}`,
  });
}
