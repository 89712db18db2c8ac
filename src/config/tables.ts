/**
 * The registry of TOML tables: groups of settings that belong to one feature, such as `[tls]` or `[[virtual_host]]`.
 *
 * Out:   `TABLES`, the tables this version knows; `PLANNED_TABLES`, names that it does not know yet and says so.
 * Keeps: a feature adds its table here, in one place: an entry in TABLES (and its name leaves PLANNED_TABLES). From then on
 *        the file reader checks it with positions and nearest names, a `table` gets flags and variables
 *        (`cert` in `[tls]` = `--tls-cert` = `SAKER_TLS_CERT`), help and documents list it, and `Settings` has it
 *        typed: an object for `table`, an array of objects for `array`.
 */
import { CLIENT_TABLES } from "./client-tables.ts";
import { COMPRESSION_TABLE } from "./compression-table.ts";
import { CONTROL_TABLE } from "./control-table.ts";
import { SITE_TABLES } from "./site-tables.ts";
import type { Tables } from "./table.ts";

/** The tables of this version. */
export const TABLES = {
  ...SITE_TABLES,
  compression: COMPRESSION_TABLE,
  ...CLIENT_TABLES,
  control: CONTROL_TABLE,
} as const satisfies Tables;

/** Tables with a place in the format and no meaning yet. Writing one is an error: it would promise what is not done. */
export const PLANNED_TABLES: readonly string[] = ["tls", "admin"];

/** Arrays of tables that had another name in earlier versions. `[deny]` is something else now, so nobody may be misread. */
export const RENAMED_ARRAYS: Readonly<Record<string, string>> = { deny: "deny_path" };
