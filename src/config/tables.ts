/**
 * The registry of TOML tables: groups of settings that belong to one feature, such as `[tls]` or `[[virtual_host]]`.
 *
 * Out:   `TABLES`, the tables this version knows; `PLANNED_TABLES`, names reserved for later versions, which are refused.
 * Keeps: a feature adds its table in one place: an entry in TABLES (and removes its name from PLANNED_TABLES). From then on
 *        the file reader checks it with positions and nearest names, a `table` gets flags and variables
 *        (`cert` in `[tls]` = `--tls-cert` = `SAKER_TLS_CERT`), help and documents list it, and `Settings` has it
 *        typed: an object for `table`, an array of objects for `array`.
 */
import { CLIENT_TABLES } from "./client-tables.ts";
import { COMPRESSION_TABLE } from "./compression-table.ts";
import { CONTROL_TABLE } from "./control-table.ts";
import { SITE_TABLES } from "./site-tables.ts";
import type { Tables } from "./table.ts";
import { TLS_TABLES } from "./tls-tables.ts";

/** The tables of this version. */
export const TABLES = {
  ...SITE_TABLES,
  ...TLS_TABLES,
  compression: COMPRESSION_TABLE,
  ...CLIENT_TABLES,
  control: CONTROL_TABLE,
} as const satisfies Tables;

/** Reserved tables without a meaning yet. Using one is an error: silence would promise something that is not done. */
export const PLANNED_TABLES: readonly string[] = ["admin"];

/**
 * Arrays of tables that had another name in earlier versions. `[deny]` now has another meaning and must not be confused with
 * it.
 */
export const RENAMED_ARRAYS: Readonly<Record<string, string>> = { deny: "deny_path" };
