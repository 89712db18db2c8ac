/**
 * The text of `--help`, made from the table of commands and the table of settings.
 *
 * In:    the tables, and how to mark a heading (bold on a terminal).
 * Out:   whole texts, at most 100 columns wide.
 * Keeps: nothing here names a setting; a new row in a table shows up automatically.
 */
import { CONFIG_FLAGS, type Flag, placeholderOf } from "../config/arguments.ts";
import { OTHER_VARIABLES, PLATFORM_PORT } from "../config/from-environment.ts";
import { PROFILES } from "../config/profiles.ts";
import { type Option, optionsOf, SCHEMA } from "../config/schema.ts";
import { GROUPS } from "../config/setting.ts";
import type { Table } from "../config/table.ts";
import { tomlValue } from "../config/markdown.ts";
import { describeType, isTable } from "../config/value.ts";
import type { Command } from "./command.ts";
import { COMMANDS } from "./commands.ts";

export const COLUMNS_MAX = 100;
/** Where explanations begin: two spaces, the longest usual flag, two spaces. */
const EXPLANATION_COLUMN = 38;

type Heading = (title: string) => string;

/** `saker --help` */
export function generalHelp(heading: Heading): string {
  return sections(
    "saker serves the files of a folder over HTTP.",
    `${heading("Usage:")} saker [DIR] [OPTIONS]\n       saker COMMAND [ARGUMENTS]`,
    section(
      heading("Commands"),
      COMMANDS.map(({ name, summary }) => entry(name, summary)),
    ),
    configurationSection(heading),
    ...settingSections(heading),
    section(heading("Other options"), OTHER_FLAGS.map(flagEntry)),
    paragraph(`${SPELLINGS} "saker help settings" shows ranges and units; "saker help COMMAND" explains a command.`),
  );
}

/** `saker help COMMAND` */
export function commandHelp(command: Command, heading: Heading): string {
  const { name, synopsis, summary, details, flags, readsSettings } = command;
  return sections(
    paragraph(`saker ${name}: ${summary}.`),
    `${heading("Usage:")} ${`saker ${name} ${synopsis}`.trimEnd()}`,
    ...details.map((detail) => paragraph(detail)),
    flags.length > 0 ? section(heading("Options"), flags.map(flagEntry)) : "",
    ...(readsSettings ? [configurationSection(heading), ...settingSections(heading)] : []),
  );
}

/** `saker help settings`: all about every setting. */
export function settingsHelp(heading: Heading): string {
  return sections(
    paragraph(SPELLINGS),
    ...groupsOfOptions().map(([title, options]) => section(heading(title), options.map(settingEntry))),
    section(
      heading("Profiles (--profile NAME)"),
      Object.entries(PROFILES).map(([name, { meaning, values }]) => {
        const settings = Object.entries(values).map(([key, value]) => `${key} = ${tomlValue(value)}`);
        return entry(name, `${firstUpper(meaning)}: ${settings.join(", ")}`);
      }),
    ),
    section(
      heading("Other variables"),
      Object.entries({ ...OTHER_VARIABLES, [PLATFORM_PORT]: PLATFORM_PORT_MEANING }).map(([name, meaning]) =>
        entry(name, firstUpper(plain(meaning))),
      ),
    ),
  );
}

const PLATFORM_PORT_MEANING =
  "`port`, where neither a flag, nor SAKER_PORT, nor the configuration file or a profile sets it";

const SPELLINGS =
  "Every setting can be written in three ways: --max-body-bytes N on the command line, SAKER_MAX_BODY_BYTES=N in the " +
  "environment, max_body_bytes = N in the configuration file. The command line wins over the environment, and that wins " +
  "over the file.";

const OTHER_FLAGS: readonly Flag[] = [
  { flags: ["--help", "-h"], placeholder: null, meaning: "Print this, or the help of a command" },
  { flags: ["--version", "-V"], placeholder: null, meaning: "Print version and commit" },
];

function configurationSection(heading: Heading): string {
  return section(heading("Configuration"), Object.values(CONFIG_FLAGS).map(flagEntry));
}

function settingSections(heading: Heading): string[] {
  return groupsOfOptions().map(([title, options]) => section(heading(title), options.map(optionEntry)));
}

/** Options by group, then those of each TOML table under the table's name. */
function groupsOfOptions(): [title: string, options: Option[]][] {
  const options = optionsOf(SCHEMA);
  const groups = GROUPS.map((group): [string, Option[]] => [
    group,
    options.filter(({ path, setting }) => path.length === 1 && setting.group === group),
  ]);
  const sectionsOf = (path: readonly string[], { meaning, tables }: Table): [string, Option[]][] => [
    [`[${path.join(".")}] ${meaning}`, options.filter((option) => Bun.deepEquals(option.path.slice(0, -1), path))],
    ...Object.entries(tables).flatMap(([name, inner]) => sectionsOf([...path, name], inner)),
  ];
  const tables = Object.entries(SCHEMA.tables).flatMap(([name, table]) => sectionsOf([name], table));
  return [...groups, ...tables].filter(([, members]) => members.length > 0);
}

/** One line or more of `--help`: how to give it, and what it does. */
function optionEntry(option: Option): string {
  const { setting, flags } = option;
  const value = placeholderOf(option);
  const spelling = value === "" ? spell(flags) : `${spell(flags)} ${value}`;
  const canBeOff = setting.type === "boolean" || setting.canBeOff === true;
  const opposite = canBeOff ? `, ${flags[0]!.replace("--", "--no-")}` : "";
  return entry(spelling + opposite, `${plain(setting.meaning)}${defaultOf(option)}`);
}

/** One line or more of `help settings`: what it must be, its unit and its variable. */
function settingEntry(option: Option): string {
  const { setting, name, variable } = option;
  const unit = setting.unit === "" ? "" : ` (${setting.unit})`;
  const restart = setting.needsRestart === true ? " Read at start only." : "";
  const values = `${describeType(setting)}${unit}${defaultOf(option)}`;
  return entry(name, `${plain(setting.meaning)}. ${firstUpper(values)}. ${variable}.${restart}`);
}

function defaultOf({ setting }: Option): string {
  if (setting.default === null || isTable(setting.default)) return "";
  if (Array.isArray(setting.default)) return ` [default: ${setting.default.join(", ")}]`;
  // A no-break space keeps the two words on one line.
  return setting.default === "" ? "" : ` [default:\u00a0${String(setting.default)}]`;
}

function flagEntry({ flags, placeholder, meaning }: Flag): string {
  return entry(placeholder === null ? spell(flags) : `${spell(flags)} ${placeholder}`, plain(meaning));
}

/** Short spellings first, as is the custom. */
function spell(flags: readonly string[]): string {
  return [...flags].sort((one, other) => one.length - other.length).join(", ");
}

/** A name and its explanation, aligned and wrapped. */
function entry(name: string, explanation: string): string {
  const left = `  ${name}`;
  const lines = wrap(explanation, COLUMNS_MAX - EXPLANATION_COLUMN);
  const indent = " ".repeat(EXPLANATION_COLUMN);
  const isTooLong = left.length > EXPLANATION_COLUMN - 2;
  const first = isTooLong ? `${left}\n${indent}${lines[0]}` : `${left.padEnd(EXPLANATION_COLUMN)}${lines[0]}`;
  return [first, ...lines.slice(1).map((line) => indent + line)].join("\n");
}

function section(title: string, entries: readonly string[]): string {
  return [title, ...entries].join("\n");
}

function sections(...parts: readonly string[]): string {
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function paragraph(text: string): string {
  return wrap(text, COLUMNS_MAX).join("\n");
}

/** Breaks a text at spaces; a word longer than the width stays whole. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line += line === "" ? word : ` ${word}`;
    }
  }
  return [...lines, line].map((wrapped) => wrapped.replaceAll("\u00a0", " "));
}

function plain(meaning: string): string {
  return meaning.replaceAll("`", "");
}

function firstUpper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
