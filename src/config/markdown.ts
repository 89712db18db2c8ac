/**
 * The settings as a Markdown page: docs/settings.md is what this makes (`saker help settings --markdown`).
 *
 * In:    the schema.
 * Out:   the whole page: where settings come from, then one table per group and per TOML table, padded as `bun fmt` pads.
 * Keeps: a test compares the page with this text, so that the documents can't fall behind the code.
 */
import { GROUPS, type Setting } from "./setting.ts";
import { SCHEMA, type Schema } from "./schema.ts";
import { headerOf, type Rows, type Table } from "./table.ts";
import { describeType, isTable } from "./value.ts";

const INTRODUCTION = `# Settings

Every setting can be written in four places. Where several set it, the one further down this list wins:

1. the configuration file, TOML: \`max_body_bytes = 4096\` (\`--config FILE\`, or \`saker.toml\` in the current folder)
2. a [profile](configuration.md#profiles) in that file: \`[profile.staging]\`, chosen by \`--profile staging\`
3. the environment: \`SAKER_MAX_BODY_BYTES=4096\`
4. the command line: \`--max-body-bytes 4096\`

\`PORT\`, which many platforms set, is the port where none of these sets one. Relative paths in a file are relative to that file.
In variables and on the command line, the items of a list are separated by commas, and a table is \`name=value,name=value\`. Settings
of a table have its name in front: \`[rate_limit] burst\` is \`--rate-limit-burst\` and \`SAKER_RATE_LIMIT_BURST\`. Arrays of tables
(\`[[redirect]]\`) can be written in a file only.

[configuration.md](configuration.md) has examples by task. \`saker help settings --markdown\` prints this page.`;

/** The page, without a line break at its end. */
export function settingsMarkdown(schema: Schema = SCHEMA): string {
  const parts: string[] = [INTRODUCTION];
  for (const group of GROUPS) {
    const rows = Object.entries(schema.settings).filter(([, setting]) => setting.group === group);
    if (rows.length > 0) parts.push(`## ${group}`, markdownTable(Object.fromEntries(rows)));
  }
  for (const [name, table] of Object.entries(schema.tables)) parts.push(...tableSections(name, table));
  return parts.join("\n\n");
}

/** What a `[table]` holds is described after it; what an item of an `[[array]]` holds is described where it stands by itself. */
function tableSections(name: string, table: Table): string[] {
  const section = [`## ${titleOf(name, table)}`, `${table.meaning}.`, markdownTable(table.rows)];
  const inner = Object.entries(table.tables).map(([innerName, innerTable]): [string, Table] => [
    `${name}.${headerOf(table, innerName)}`,
    innerTable,
  ]);
  if (table.kind === "table") return [...section, ...inner.flatMap((entry) => tableSections(...entry))];
  const titles = inner.map((entry) => titleOf(...entry)).join(", ");
  return inner.length === 0 ? section : [...section, `It may hold its own ${titles}, as described above.`];
}

function titleOf(name: string, { kind }: Table): string {
  return kind === "array" ? `\`[[${name}]]\`` : `\`[${name}]\``;
}

const HEADINGS = ["Setting", "Default", "Values", "Unit", "Meaning"];

function markdownTable(rows: Rows): string {
  const lines = Object.entries(rows).map(([name, setting]) => [
    `\`${name}\``,
    defaultCell(setting),
    describeType(setting).replaceAll("*", "\\*"),
    setting.unit,
    setting.needsRestart === true ? `${setting.meaning} (read at start only)` : setting.meaning,
  ]);
  const cells = [HEADINGS, ...lines].map((line) => line.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  const padded = cells.map((line) => line.map((cell, column) => cell.padEnd(widths[column]!)));
  padded.splice(
    1,
    0,
    widths.map((width) => "-".repeat(width)),
  );
  const text = padded.map((line) => `| ${line.join(" | ")} |`).join("\n");
  return [text, ...defaultsBelow(rows)].join("\n\n");
}

/** A default longer than this would make its table too wide to read: it stands below the table. */
const DEFAULT_LENGTH_MAX = 40;

function defaultCell({ required, default: value }: Setting<unknown>): string {
  if (required === true) return "(required)";
  if (value === null) return "";
  return isLong(value) ? "(below)" : `\`${tomlValue(value)}\``;
}

function defaultsBelow(rows: Rows): string[] {
  return Object.entries(rows)
    .filter(([, { required, default: value }]) => required !== true && value !== null && isLong(value))
    .map(([name, { default: value }]) => `Default of \`${name}\`: \`${tomlValue(value)}\``);
}

function isLong(value: unknown): boolean {
  return tomlValue(value).length > DEFAULT_LENGTH_MAX;
}

/** A value in TOML syntax. */
export function tomlValue(value: Setting<unknown>["default"]): string {
  if (isTable(value)) {
    const pairs = Object.entries(value).map(([name, text]) => `${name} = ${JSON.stringify(text)}`);
    return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
  }
  if (Array.isArray(value)) return `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
