/**
 * The registry of TOML tables: groups of settings that belong to one feature, such as `[tls]` or `[[virtual_host]]`.
 *
 * Out:   `TABLES`, the tables this version knows; `PLANNED_TABLES`, names that it does not know yet and says so.
 * Keeps: a feature adds its table here, in one place: an entry in TABLES (and its name leaves PLANNED_TABLES). From then on
 *        the file reader checks it with positions and nearest names, a `table` gets flags and variables
 *        (`cert` in `[tls]` = `--tls-cert` = `SAKER_TLS_CERT`), help and documents list it, and `Settings` has it
 *        typed: an object for `table`, an array of objects for `array`.
 */
import type { Setting } from "./setting.ts";

// Rows of any value type: `unknown` would make every value that is read from `Settings` unknown.
export type Rows = Readonly<Record<string, Setting<any>>>;

export interface Table<
  Kind extends "table" | "array" = "table" | "array",
  R extends Rows = Rows,
  Inner extends Tables = Tables,
> {
  /** `table` is written `[name]`, once; `array` is written `[[name]]`, as often as one likes. */
  readonly kind: Kind;
  /** One sentence without a full stop, for help and documents. */
  readonly meaning: string;
  readonly rows: R;
  /** Tables inside each item of an array: `[[name.inner]]`, `[name.inner]`. */
  readonly tables: Inner;
}

export type Tables = { readonly [name: string]: Table<"table" | "array", Rows, any> };

export const table = <R extends Rows>(meaning: string, rows: R): Table<"table", R, {}> => ({
  kind: "table",
  meaning,
  rows,
  tables: {},
});

export const tableArray = <R extends Rows, Inner extends Tables = {}>(
  meaning: string,
  rows: R,
  tables: Inner = {} as Inner,
): Table<"array", R, Inner> => ({ kind: "array", meaning, rows, tables });

/** The values of a set of rows. */
export type ValuesOf<R extends Rows> = { readonly [Name in keyof R]: R[Name]["default"] };

/** The value of a table in `Settings`. */
export type TableValue<T> =
  T extends Table<"array", infer R, infer Inner>
    ? readonly ItemOf<R, Inner>[]
    : T extends Table<"table", infer R>
      ? ValuesOf<R>
      : never;

/** One item of an array of tables; a `[table]` that was not written in it is null, an `[[array]]` is empty. */
type ItemOf<R extends Rows, Inner extends Tables> = ValuesOf<R> & {
  readonly [Name in keyof Inner]: Inner[Name] extends Table<"array">
    ? TableValue<Inner[Name]>
    : TableValue<Inner[Name]> | null;
};

/** The tables of this version. */
export const TABLES = {} as const satisfies Readonly<Record<string, Table>>;

/** Tables with a place in the format and no meaning yet. Writing one is an error: it would promise what is not done. */
export const PLANNED_TABLES: readonly string[] = [
  "tls",
  "compression",
  "virtual_host",
  "rate_limit",
  "header",
  "redirect",
  "error_pages",
  "admin",
  "control",
];
