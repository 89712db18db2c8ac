/**
 * The configuration file as a source of settings.
 *
 * In:    a parsed TOML file, the schema, the profile that was chosen.
 * Out:   the draft, with every value of the file in it; profiles of the file come last and win over the rest of it.
 * Keeps: the whole file is checked, profiles that were not chosen too: a mistake must not wait for its profile.
 * Fails: ConfigError with line and column at the first mistake.
 */
import { didYouMean } from "./nearest-name.ts";
import { type Draft, errorInFile, type Origin } from "./draft.ts";
import { itemDefaults, type Schema } from "./schema.ts";
import { headerOf, type Rows, type Table } from "./table.ts";
import type { TomlFile, TomlTable } from "./toml-file.ts";
import type { TomlPath } from "./toml-position.ts";
import { checkValue, isTable } from "./value.ts";

/** Everything that stays the same while one file is read. */
interface Reading {
  readonly schema: Schema;
  readonly file: TomlFile;
  /** What relative paths in the file are relative to. */
  readonly folder: string;
}

type FileOrigin = Extract<Origin, { source: "file" }>;

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
    refuseFormerName(reading, path, value);
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
  throw errorInFile(reading.file, place, checked.isName === true ? "key" : "value", checked.problem);
}

function readTable(reading: Reading, path: TomlPath, name: string, table: Table, value: unknown, target: Target): void {
  if (table.kind === "array") {
    target?.set([name], readItems(reading, path, table, value), { source: "file", file: reading.file, path });
    return;
  }
  for (const [key, read] of Object.entries(readRows(reading, path, table, tableAt(reading, path, value)))) {
    const origin: FileOrigin = { source: "file", file: reading.file, path: [...path, headerOf(table, key)] };
    if (table.tables[key]?.kind === "table") setInner(reading, [name, key], read as TomlTable, origin, target);
    else target?.set([name, key], read, origin);
  }
}

/** Each value of a table inside another has an origin of its own: other sources may set the rest. */
function setInner({ file }: Reading, at: [string, string], read: TomlTable, origin: FileOrigin, target: Target): void {
  target?.open(at, origin);
  for (const [key, value] of Object.entries(read)) {
    target?.set([...at, key], value, { source: "file", file, path: [...origin.path, key] });
  }
}

/** The items of an array of tables, each complete: what it doesn't say has its default. */
function readItems(reading: Reading, path: TomlPath, table: Table, value: unknown): readonly TomlTable[] {
  const name = nameOf(path);
  if (!Array.isArray(value) || !value.every(isTable)) {
    throw errorInFile(reading.file, path, "value", `${name} must be an array of tables: [[${name}]]`);
  }
  const items = value.map((item, index) => {
    const read = readRows(reading, [...path, index], table, item);
    for (const [key, { required }] of Object.entries(table.rows)) {
      if (required !== true || Object.hasOwn(read, key)) continue;
      throw errorInFile(reading.file, [...path, index], "key", `[[${name}]] needs "${key}"`);
    }
    return Object.freeze(completed(reading, table, read));
  });
  return Object.freeze(items);
}

/** The values of one table, every key known and every value checked. */
function readRows(reading: Reading, path: TomlPath, table: Table, section: TomlTable): TomlTable {
  const { rows, tables } = table;
  const values: [string, unknown][] = [];
  for (const [key, value] of Object.entries(section)) {
    const keyPath = [...path, key];
    refuseFormerName(reading, keyPath, value);
    refuseSingleTable(reading, keyPath, table, value);
    const inner = innerName(table, key, value);
    if (inner !== null) values.push([inner, readInner(reading, keyPath, tables[inner]!, value)]);
    else if (Object.hasOwn(rows, key)) values.push([key, readValue(reading, keyPath, rows, value)]);
    else {
      const candidates = [...Object.keys(rows), ...Object.keys(tables).map((name) => headerOf(table, name))];
      const problem = `unknown setting "${key}" in [${nameOf(path)}]${didYouMean(key, candidates)}`;
      throw errorInFile(reading.file, keyPath, "key", problem);
    }
  }
  return Object.fromEntries(values);
}

/** The inner table that a key means, or null. Where a row has the same name, the value tells which of the two it is. */
function innerName(table: Table, key: string, value: unknown): string | null {
  const name = Object.keys(table.tables).find((inner) => headerOf(table, inner) === key);
  if (name === undefined) return null;
  return Object.hasOwn(table.rows, key) && !isArrayOfTables(value) ? null : name;
}

/** `[tls.certificate]`, with one pair of brackets too few, isn't the array that has the name of a setting. */
function refuseSingleTable({ file }: Reading, path: TomlPath, table: Table, value: unknown): void {
  const key = path.at(-1) as string;
  const hasArray = Object.keys(table.tables).some((inner) => headerOf(table, inner) === key);
  if (!isTable(value) || !hasArray || !Object.hasOwn(table.rows, key)) return;
  throw errorInFile(file, path, "value", `${key} must be one value, or an array of tables: [[${nameOf(path)}]]`);
}

/** The value of a table inside another: what it says, to which its defaults come where it is known who else sets it. */
function readInner(reading: Reading, path: TomlPath, table: Table, value: unknown): unknown {
  if (table.kind === "array") return readItems(reading, path, table, value);
  return readRows(reading, path, table, tableAt(reading, path, value));
}

/** The same for a table inside an item of an array, where nobody else does. */
function completed(reading: Reading, table: Table, read: TomlTable): TomlTable {
  const inner = Object.entries(table.tables).filter(
    ([name, { kind }]) => kind === "table" && Object.hasOwn(read, name),
  );
  const whole = inner.map(([name, innerTable]): [string, unknown] => [
    name,
    Object.freeze(completed(reading, innerTable, read[name] as TomlTable)),
  ]);
  return { ...itemDefaults(table, reading.folder), ...read, ...Object.fromEntries(whole) };
}

function tableAt({ file }: Reading, path: TomlPath, value: unknown): TomlTable {
  if (isTable(value)) return value;
  throw errorInFile(file, path, "value", `${nameOf(path)} must be a table: [${nameOf(path)}]`);
}

/** A table's name as its header spells it: `virtual_host.redirect`. */
function nameOf(path: TomlPath): string {
  return path.filter((member) => typeof member === "string").join(".");
}

/** `[[deny]]` was a rule about paths: it must not be taken for what bears that name now. */
function refuseFormerName({ schema, file }: Reading, path: TomlPath, value: unknown): void {
  const name = path.at(-1) as string;
  const renamed = schema.renamedArrays ?? {};
  if (!isArrayOfTables(value) || !Object.hasOwn(renamed, name)) return;
  const [former, present] = [nameOf(path), nameOf([...path.slice(0, -1), renamed[name]!])];
  throw errorInFile(file, path, "key", `[[${former}]] is now called [[${present}]]; nothing else about it has changed`);
}

function isArrayOfTables(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isTable);
}

function unknownKey({ schema, file }: Reading, path: TomlPath, value: unknown): Error {
  const key = path.at(-1) as string;
  const known = [...Object.keys(schema.settings), ...Object.keys(schema.tables)];
  const isAnyTable = isTable(value) || isArrayOfTables(value);
  if (schema.plannedTables.includes(key)) {
    const name = isArrayOfTables(value) ? `[[${key}]]` : `[${key}]`;
    return errorInFile(file, path, "key", `${name} is not supported by this version of saker; remove it`);
  }
  const kind = isAnyTable ? "table" : "setting";
  const candidates = path.length === 1 ? [...known, "profile"] : known;
  const hint = belongsIn(schema, key, value) || didYouMean(key, candidates) || `; "saker help settings" lists all`;
  return errorInFile(file, path, "key", `unknown ${kind} "${key}"${hint}`);
}

/** Where a setting at the top is one of a table, and of no other: `; it belongs in [tls]`. */
function belongsIn({ tables }: Schema, key: string, value: unknown): string {
  if (isTable(value) || isArrayOfTables(value)) return "";
  const homes = Object.entries(tables).filter(([, { kind, rows }]) => kind !== "array" && Object.hasOwn(rows, key));
  return homes.length === 1 ? `; it belongs in [${homes[0]![0]}]` : "";
}
