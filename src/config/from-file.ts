/**
 * The configuration file as a source of settings.
 *
 * In:    a parsed TOML file, the schema, the profile that was chosen.
 * Out:   the draft, with every value of the file in it; profiles of the file come last and win over the rest of it.
 * Keeps: the whole file is checked, profiles that were not chosen too: a mistake must not wait for its profile.
 * Fails: ConfigError with line and column at the first mistake.
 */
import { didYouMean } from "./nearest-name.ts";
import { type Draft, errorInFile } from "./draft.ts";
import { defaultsOf, type Schema } from "./schema.ts";
import type { Rows, Table } from "./tables.ts";
import type { TomlFile, TomlTable } from "./toml-file.ts";
import type { TomlPath } from "./toml-position.ts";
import { checkValue } from "./value.ts";

/** Everything that stays the same while one file is read. */
interface Reading {
  readonly schema: Schema;
  readonly file: TomlFile;
  /** What relative paths in the file are relative to. */
  readonly folder: string;
}

/** Where checked values go; null while a profile is read that was not chosen. */
type Target = Draft | null;

/** Reads the file's values into the draft. */
export function readFileSettings(reading: Reading, profile: string | null, draft: Draft): void {
  readSection(reading, [], reading.file.root, draft);
  for (const [name, section] of Object.entries(profilesOf(reading))) {
    readSection(reading, ["profile", name], section, name === profile ? draft : null);
  }
}

/** The `[profile.NAME]` tables of a file. */
export function profilesOf({ file }: Pick<Reading, "file">): Readonly<Record<string, TomlTable>> {
  const profiles = Object.hasOwn(file.root, "profile") ? file.root.profile : {};
  if (!isTable(profiles)) throw errorInFile(file, ["profile"], "value", "profile must be a table: [profile.NAME]");
  for (const [name, section] of Object.entries(profiles)) {
    if (isTable(section)) continue;
    throw errorInFile(file, ["profile", name], "key", `profile.${name} must be a table: [profile.NAME]`);
  }
  return profiles as Record<string, TomlTable>;
}

/** The root of the file or one profile: the same settings and tables are known in both. */
function readSection(reading: Reading, at: TomlPath, section: TomlTable, target: Target): void {
  const { schema, file } = reading;
  for (const [key, value] of Object.entries(section)) {
    const path = [...at, key];
    if (Object.hasOwn(schema.settings, key)) {
      const read = readValue(reading, path, schema.settings, value);
      target?.set([key], read, { source: "file", file, path });
    } else if (Object.hasOwn(schema.tables, key)) {
      readTable(reading, path, key, schema.tables[key]!, value, target);
    } else if (key !== "profile" || at.length > 0) {
      throw unknownKey(reading, path, value);
    }
  }
}

/** The value of the row that the last member of `path` names. */
function readValue(reading: Reading, path: TomlPath, rows: Rows, value: unknown): unknown {
  const key = path.at(-1) as string;
  const checked = checkValue(key, rows[key]!, value, reading.folder);
  if (checked.isGood) return checked.value;
  const place = checked.item === -1 ? path : [...path, checked.item];
  throw errorInFile(reading.file, place, "value", checked.problem);
}

function readTable(reading: Reading, path: TomlPath, name: string, table: Table, value: unknown, target: Target): void {
  if (table.kind === "array") {
    if (!Array.isArray(value) || !value.every(isTable)) {
      throw errorInFile(reading.file, path, "value", `${name} must be an array of tables: [[${name}]]`);
    }
    const items = value.map((item, index) => {
      const read = Object.entries(readRows(reading, [...path, index], table.rows, item));
      return Object.freeze({ ...defaultsOf(table.rows, reading.folder), ...Object.fromEntries(read) });
    });
    target?.set([name], Object.freeze(items), { source: "file", file: reading.file, path });
    return;
  }
  if (!isTable(value)) throw errorInFile(reading.file, path, "value", `${name} must be a table: [${name}]`);
  for (const [key, read] of Object.entries(readRows(reading, path, table.rows, value))) {
    target?.set([name, key], read, { source: "file", file: reading.file, path: [...path, key] });
  }
}

/** The values of one table, every key known and every value checked. */
function readRows(reading: Reading, path: TomlPath, rows: Rows, table: TomlTable): TomlTable {
  const values: TomlTable = {};
  for (const [key, value] of Object.entries(table)) {
    const keyPath = [...path, key];
    if (!Object.hasOwn(rows, key)) {
      const names = path.filter((member) => typeof member === "string");
      const problem = `unknown setting "${key}" in [${names.join(".")}]${didYouMean(key, Object.keys(rows))}`;
      throw errorInFile(reading.file, keyPath, "key", problem);
    }
    values[key] = readValue(reading, keyPath, rows, value);
  }
  return values;
}

function unknownKey({ schema, file }: Reading, path: TomlPath, value: unknown): Error {
  const key = path.at(-1) as string;
  const known = [...Object.keys(schema.settings), ...Object.keys(schema.tables)];
  const isArrayOfTables = Array.isArray(value) && value.length > 0 && value.every(isTable);
  const isAnyTable = isTable(value) || isArrayOfTables;
  if (schema.plannedTables.includes(key)) {
    const name = isArrayOfTables ? `[[${key}]]` : `[${key}]`;
    return errorInFile(file, path, "key", `${name} is not supported by this version of saker; remove it`);
  }
  const kind = isAnyTable ? "table" : "setting";
  const candidates = path.length === 1 ? [...known, "profile"] : known;
  const hint = didYouMean(key, candidates) || `; "saker help settings" lists all`;
  return errorInFile(file, path, "key", `unknown ${kind} "${key}"${hint}`);
}

/** True for a TOML table; dates and times are objects too, of classes of their own. */
function isTable(value: unknown): value is TomlTable {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
