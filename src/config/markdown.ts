/**
 * The table of settings as Markdown, for the README.
 *
 * In:    the schema.
 * Out:   one Markdown table per group of settings and per TOML table, padded the way `bun fmt` pads.
 * Keeps: a test compares the README with this text, so that documents can't fall behind the table.
 */
import { GROUPS, type Setting } from "./setting.ts";
import { SCHEMA, type Schema } from "./schema.ts";
import type { Rows } from "./table.ts";
import { describeType, isTable } from "./value.ts";

/** What encloses the table in the README. */
export const MARKDOWN_BEGIN = "<!-- settings:begin -->";
export const MARKDOWN_END = "<!-- settings:end -->";

/** Everything between the markers, without the blank lines next to them. */
export function settingsMarkdown(schema: Schema = SCHEMA): string {
  const parts: string[] = [];
  for (const group of GROUPS) {
    const rows = Object.entries(schema.settings).filter(([, setting]) => setting.group === group);
    if (rows.length > 0) parts.push(`**${group}**`, markdownTable(Object.fromEntries(rows)));
  }
  for (const [name, table] of Object.entries(schema.tables)) {
    const title = table.kind === "array" ? `[[${name}]]` : `[${name}]`;
    parts.push(`**\`${title}\`**: ${table.meaning}`, markdownTable(table.rows));
    const inner = Object.entries(table.tables).map(([innerName, { kind }]) =>
      kind === "array" ? `\`[[${name}.${innerName}]]\`` : `\`[${name}.${innerName}]\``,
    );
    if (inner.length > 0) parts.push(`and, as outside of it, ${inner.join(", ")}`);
  }
  return parts.join("\n\n");
}

const HEADINGS = ["Setting", "Default", "Values", "Unit", "Meaning"];

function markdownTable(rows: Rows): string {
  const lines = Object.entries(rows).map(([name, setting]) => [
    `\`${name}\``,
    setting.required === true ? "(needed)" : setting.default === null ? "" : `\`${tomlValue(setting.default)}\``,
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
  return padded.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

/** A value as one writes it in the file. */
export function tomlValue(value: Setting<unknown>["default"]): string {
  if (isTable(value)) {
    const pairs = Object.entries(value).map(([name, text]) => `${name} = ${JSON.stringify(text)}`);
    return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
  }
  if (Array.isArray(value)) return `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
