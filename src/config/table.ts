/**
 * What one table is: a group of settings that belong to one feature, written `[name]` or `[[name]]`.
 *
 * Keeps: plain data, as the rows in it (setting.ts); types of loaded values are derived from it.
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
  /** Tables inside it, or inside each item of an array: `[[name.inner]]`, `[name.inner]`. */
  readonly tables: Inner;
  /** What an inner table is called in a file, where a row beside it has that name too: a file can only have one of the two. */
  readonly header?: string;
}

export type Tables = { readonly [name: string]: Table<"table" | "array", Rows, any> };

export const table = <R extends Rows, Inner extends Tables = {}>(
  meaning: string,
  rows: R,
  tables: Inner = {} as Inner,
): Table<"table", R, Inner> => ({ kind: "table", meaning, rows, tables });

export const tableArray = <R extends Rows, Inner extends Tables = {}>(
  meaning: string,
  rows: R,
  tables: Inner = {} as Inner,
): Table<"array", R, Inner> => ({ kind: "array", meaning, rows, tables });

/** The same table under another name in files. */
export const called = <T extends Table>(header: string, inner: T): T => ({ ...inner, header });

/** What an inner table is called in a file. */
export const headerOf = ({ tables }: Table, name: string): string => tables[name]?.header ?? name;

/** The values of a set of rows. */
export type ValuesOf<R extends Rows> = { readonly [Name in keyof R]: R[Name]["default"] };

/** The value of a table in `Settings`. */
export type TableValue<T> =
  T extends Table<"array", infer R, infer Inner>
    ? readonly ItemOf<R, Inner>[]
    : T extends Table<"table", infer R, infer Inner>
      ? ItemOf<R, Inner>
      : never;

/** One table, or one item of an array of them; a `[table]` that was not written in it is null, an `[[array]]` is empty. */
type ItemOf<R extends Rows, Inner extends Tables> = ValuesOf<R> & {
  readonly [Name in keyof Inner]: Inner[Name] extends Table<"array">
    ? TableValue<Inner[Name]>
    : TableValue<Inner[Name]> | null;
};
