/**
 * Parses the command line after the command's name: settings, other flags, positional arguments.
 *
 * In:    the arguments, the options of the schema, the flags that are not settings.
 * Out:   `Arguments`: what was given, in order, still as text.
 * Keeps: every flag has the forms `--name VALUE` and `--name=VALUE`, short ones `-p VALUE` and `-pVALUE`; booleans are
 *        `--name` and `--no-name`; logs that can be off have `--no-name` too; `--` ends the flags.
 * Fails: ConfigError whose file is the flag.
 */
import { ConfigError } from "./config-error.ts";
import { didYouMean } from "./nearest-name.ts";
import type { Option } from "./schema.ts";

/** A flag that is not a setting. */
export interface Flag {
  /** Its spellings, the long form first: `["--config", "-c"]`. */
  readonly flags: readonly string[];
  /** The name of its value in help, or null when it takes none. */
  readonly placeholder: string | null;
  /** One sentence without a full stop, for help. */
  readonly meaning: string;
}

/** The flags that say where settings come from; every command that reads the configuration has them. */
export const CONFIG_FLAGS = {
  config: {
    flags: ["--config", "-c"],
    placeholder: "FILE",
    meaning: "Configuration file (TOML); without it, saker.toml in the current folder if there is one",
  },
  noConfig: { flags: ["--no-config"], placeholder: null, meaning: "Read no configuration file" },
  profile: {
    flags: ["--profile"],
    placeholder: "NAME",
    meaning: "Profile: dev, prod, test, or one defined in the configuration file",
  },
} as const satisfies Record<string, Flag>;

/** A setting given as a flag. */
export interface GivenOption {
  readonly option: Option;
  /** As it was spelled: `-p`, `--port`, `--no-dotfiles`. */
  readonly flag: string;
  readonly text: string;
}

export interface Arguments {
  readonly options: readonly GivenOption[];
  /** Values of the other flags, by their first spelling; "" when the flag takes no value. The last one wins. */
  readonly flags: ReadonlyMap<string, string>;
  readonly positionals: readonly string[];
}

/** What a spelling stands for. `text` is the value it implies; null when one must follow. */
interface Spelling {
  readonly option: Option | null;
  readonly flag: Flag | null;
  readonly text: string | null;
  readonly placeholder: string;
}

/** Parses the arguments. Checks only the names of flags and that required values are present. */
export function parseArguments(argv: readonly string[], options: readonly Option[], flags: readonly Flag[]): Arguments {
  const spellings = spellingsOf(options, flags);
  const given: GivenOption[] = [];
  const others = new Map<string, string>();
  const positionals: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index]!;
    if (argument === "--") {
      positionals.push(...argv.slice(index + 1));
      break;
    }
    if (!argument.startsWith("-") || argument === "-") {
      positionals.push(argument);
      continue;
    }
    const { name, attached } = splitArgument(argument, spellings);
    const spelling = spellings.get(name);
    if (spelling === undefined) throw unknownFlag(name, spellings);
    let text = attached ?? spelling.text;
    if (attached !== null) checkAttached(name, attached, spelling);
    if (text === null) {
      index += 1;
      text = argv[index] ?? null;
      if (text === null || isFlag(text, spellings)) throw missingValue(name, spelling);
    }
    if (spelling.option !== null) given.push({ option: spelling.option, flag: name, text });
    else others.set(spelling.flag!.flags[0]!, text);
  }
  return { options: given, flags: others, positionals };
}

function spellingsOf(options: readonly Option[], flags: readonly Flag[]): Map<string, Spelling> {
  const spellings = new Map<string, Spelling>();
  for (const option of options) {
    const { type, canBeOff } = option.setting;
    const placeholder = placeholderOf(option);
    for (const flag of option.flags) {
      spellings.set(flag, { option, flag: null, text: type === "boolean" ? "true" : null, placeholder });
    }
    if (type === "boolean" || canBeOff === true) {
      spellings.set(option.flags[0]!.replace("--", "--no-"), { option, flag: null, text: "false", placeholder: "" });
    }
  }
  for (const flag of flags) {
    const text = flag.placeholder === null ? "" : null;
    const placeholder = flag.placeholder ?? "";
    for (const name of flag.flags) spellings.set(name, { option: null, flag, text, placeholder });
  }
  return spellings;
}

/** The name of an option's value in help and in errors: `NUMBER`, `FILE`. */
export function placeholderOf({ setting }: Option): string {
  if (setting.placeholder !== undefined) return setting.placeholder;
  switch (setting.type) {
    case "integer":
    case "number":
      return setting.word === undefined ? "NUMBER" : `NUMBER|${setting.word}`;
    case "choice":
      return setting.choices!.join("|");
    case "list":
      return "NAMES";
    case "map":
      return "NAME=TEXT";
    case "path":
    case "log":
      return "FILE";
    case "boolean":
      return "";
    case "string":
      return "TEXT";
  }
}

/** `--port=80` and `-p80` into name and value; `attached` is null when the argument is the name alone. */
function splitArgument(
  argument: string,
  spellings: ReadonlyMap<string, Spelling>,
): { name: string; attached: string | null } {
  const equals = argument.indexOf("=");
  if (argument.startsWith("--")) {
    if (equals === -1) return { name: argument, attached: null };
    return { name: argument.slice(0, equals), attached: argument.slice(equals + 1) };
  }
  const short = argument.slice(0, 2);
  // `-port 80` lacks a dash; it never means `-p ort`.
  const isLongName = spellings.has(`-${equals === -1 ? argument : argument.slice(0, equals)}`);
  if (argument.length === 2 || isLongName || !spellings.has(short)) return { name: argument, attached: null };
  return { name: short, attached: argument.slice(argument[2] === "=" ? 3 : 2) };
}

/** `--dotfiles=false` is good, `--no-dotfiles=…` and `--no-config=…` are not. */
function checkAttached(name: string, attached: string, spelling: Spelling): void {
  const { option, text } = spelling;
  const takesNone = text !== null && (option === null || text === "false");
  if (takesNone) throw new ConfigError({ file: name, key: option?.name ?? name, problem: "takes no value" });
  if (attached === "" && option === null) throw missingValue(name, spelling);
}

/** True when the text can't be a value. A lone `-` can (standard output), and so can a negative number. */
function isFlag(text: string, spellings: ReadonlyMap<string, Spelling>): boolean {
  return text.startsWith("--") || spellings.has(text);
}

function missingValue(name: string, { option, placeholder }: Spelling): ConfigError {
  return new ConfigError({ file: name, key: option?.name ?? name, problem: `needs a value: ${name} ${placeholder}` });
}

function unknownFlag(name: string, spellings: ReadonlyMap<string, Spelling>): ConfigError {
  const long = [...spellings.keys(), "--help", "--version"].filter((known) => known.startsWith("--"));
  return new ConfigError({
    file: name,
    key: name,
    problem: `unknown flag${didYouMean(name, long) || '; "saker --help" lists all'}`,
  });
}
