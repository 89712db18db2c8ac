/**
 * A loaded configuration: its type and its names, derived from the rows (setting-rows.ts) and the tables (tables.ts).
 */
import { SETTINGS } from "./setting-rows.ts";
import type { TableValue } from "./table.ts";
import type { TABLES } from "./tables.ts";

export type SettingName = keyof typeof SETTINGS;

/**
 * A loaded configuration: one value per row under the row's name, one object (or array of them) per table.
 * Frozen; sent to workers as JSON.
 */
export type Settings = { readonly [Name in SettingName]: (typeof SETTINGS)[Name]["default"] } & {
  readonly [Name in keyof typeof TABLES]: TableValue<(typeof TABLES)[Name]>;
};

/** The rows' names, in the table's order. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];
