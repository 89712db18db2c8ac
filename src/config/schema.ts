/**
 * The whole of what can be configured: the table of settings and the registry of tables, as one value.
 *
 * Out:   `SCHEMA`; `optionsOf(schema)`: everything that has a flag and a variable, each with all its spellings.
 * Keeps: readers take the schema as an argument, so tests can check them against tables that don't exist yet.
 *        A name means the same thing everywhere: `a_b` = `--a-b` = `SAKER_A_B`; `b` in `[a]` is spelled `a_b` outside, `c` in `[a.b]`
 *        `a_b_c`.
 */
import { resolve } from "node:path";
import { SETTINGS } from "./setting-rows.ts";
import type { Settings } from "./settings.ts";
import type { Rows, Table } from "./table.ts";
import { PLANNED_TABLES, RENAMED_ARRAYS, TABLES } from "./tables.ts";
import type { Setting } from "./setting.ts";

export interface Schema {
  readonly settings: Rows;
  readonly tables: Readonly<Record<string, Table>>;
  readonly plannedTables: readonly string[];
  /** Former names of arrays of tables, wherever they stand, and their present ones. */
  readonly renamedArrays?: Readonly<Record<string, string>>;
}

export const SCHEMA: Schema = {
  settings: SETTINGS,
  tables: TABLES,
  plannedTables: PLANNED_TABLES,
  renamedArrays: RENAMED_ARRAYS,
};

/** A setting that can be given outside of a file: one of the main table, or one of a `[table]`. */
export interface Option {
  /** The name in errors and in help: `port`, or `tls.cert`. */
  readonly name: string;
  /** Where the value goes: `["port"]`, `["tls", "cert"]`, or `["tls", "acme", "email"]`. */
  readonly path: readonly string[];
  readonly setting: Setting<unknown>;
  /** `--tls-cert`, then further spellings. */
  readonly flags: readonly string[];
  /** `SAKER_TLS_CERT` */
  readonly variable: string;
  /** Further names of the variable. */
  readonly otherVariables: readonly string[];
}

export const VARIABLE_PREFIX = "SAKER_";

/** Every option, in the order of help. Arrays of tables have none: there is no way to say which item is meant. */
export function optionsOf(schema: Schema): Option[] {
  const options = Object.entries(schema.settings).map(([name, setting]) => optionOf([name], setting));
  for (const [name, table] of Object.entries(schema.tables)) options.push(...optionsOfTable([name], table));
  return options;
}

/** Those of a `[table]`, then those of the ones in it. */
function optionsOfTable(path: readonly string[], { kind, rows, tables }: Table): Option[] {
  if (kind !== "table") return [];
  return [
    ...Object.entries(rows).map(([name, setting]) => optionOf([...path, name], setting)),
    ...Object.entries(tables).flatMap(([name, inner]) => optionsOfTable([...path, name], inner)),
  ];
}

function optionOf(path: readonly string[], setting: Setting<unknown>): Option {
  const joined = path.join("_");
  return {
    name: path.join("."),
    path,
    setting,
    flags: [`--${joined.replaceAll("_", "-")}`, ...(setting.flags ?? [])],
    variable: VARIABLE_PREFIX + joined.toUpperCase(),
    otherVariables: setting.variables ?? [],
  };
}

/** The defaults alone; relative paths are taken from `folder`, arrays of tables are empty. Not frozen. */
export function defaultSettings(folder: string, schema: Schema = SCHEMA): Settings {
  const values = defaultsOf(schema.settings, folder);
  for (const [name, table] of Object.entries(schema.tables)) {
    values[name] = table.kind === "array" ? [] : itemDefaults(table, folder);
  }
  return values as unknown as Settings;
}

/** A `[table]` inside another as it is where it is written and says nothing: `["tls", "acme"]`. */
export function innerDefaults(
  [name, inner]: readonly string[],
  folder: string,
  schema: Schema,
): Record<string, unknown> {
  return itemDefaults(schema.tables[name!]!.tables[inner!]!, folder);
}

/** What a table, or an item of an array of them, holds where it says nothing. */
export function itemDefaults({ rows, tables }: Table, folder: string): Record<string, unknown> {
  const values = defaultsOf(rows, folder);
  for (const [name, { kind }] of Object.entries(tables)) values[name] = kind === "array" ? EMPTY : null;
  return values;
}

const EMPTY: readonly never[] = Object.freeze([]);

/** One value per row. */
function defaultsOf(rows: Rows, folder: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(rows).map(([name, { type, default: value }]) => [
      name,
      type === "path" && typeof value === "string" ? resolve(folder, value) : value,
    ]),
  );
}
