/**
 * What one setting is: the shape of a row in the table of settings, and one constructor per type.
 *
 * In:    what the row's author writes: default, range or choices, unit, group, meaning.
 * Out:   `Setting<T>`, where `T` is the type of the value a reader gets.
 * Units: a number's unit is the last word of the setting's name (`_seconds`, `_bytes`, `_mb`) and in `unit`.
 * Keeps: rows are plain data and never change; parsing, validation, help and documents all read the same rows.
 */

export type SettingType = "integer" | "number" | "string" | "path" | "choice" | "list" | "map" | "boolean" | "log";

/** The value of a `map`: names and texts, in the order they were written. */
export type TextMap = Readonly<Record<string, string>>;

/** The value of a `mapOfLists`. */
export type ListMap = Readonly<Record<string, string | readonly string[]>>;

/** Sections of `--help` and of docs/settings.md, in the order they are printed. */
export const GROUPS = [
  "Serving",
  "Site",
  "TLS and HTTP/2",
  "Processes",
  "Cache",
  "Compression",
  "Timeouts",
  "Limits",
  "Clients",
  "Logs",
  "Statistics and admin endpoints",
] as const;
export type Group = (typeof GROUPS)[number];

/** One row of the table. Absent members mean "no such bound". */
export interface Setting<T> {
  readonly type: SettingType;
  readonly default: T;
  /** Smallest and largest value of `integer` and `number`, both included. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** A word that is accepted in place of a number (`num_workers = "auto"`). */
  readonly word?: string;
  /** The values of `choice`. */
  readonly choices?: readonly (string | number | boolean)[];
  /** May be missing, which a reader sees as `null`; of `string` and `path` the empty text says so too. */
  readonly optional?: boolean;
  /** `log`: `false` turns the log off. */
  readonly canBeOff?: boolean;
  /** "seconds", "octets", … or "" where a unit makes no sense. */
  readonly unit: string;
  readonly group: Group;
  /** One sentence without a full stop, for help and documents. */
  readonly meaning: string;
  /** Further spellings on the command line, for example `-p`. The long one, `--name-with-dashes`, always exists. */
  readonly flags?: readonly string[];
  /** Further names of the variable, for example `SAKER_HTTPS`. The one that is made of the name always exists. */
  readonly variables?: readonly string[];
  /** The name of the value in help (`NUMBER`, `FILE`); chosen by type when absent. */
  readonly placeholder?: string;
  /** True when SIGHUP cannot change it: the listening sockets, the statistics file, the identity of the process. */
  readonly needsRestart?: boolean;
  /** A row of an array of tables that every item must have; its default is never used. */
  readonly required?: boolean;
  /** Never shown in an error or anywhere else. */
  readonly secret?: boolean;
  /** What a name in a `map` must be, and whether it is. */
  readonly nameForm?: string;
  readonly hasNameForm?: (name: string) => boolean;
  /** A value in a `map` may be a list of texts. */
  readonly hasLists?: boolean;
  /** What a text, each item of a list, or each value in a map must be ("a file name without slashes"). */
  readonly form?: string;
  /** Whether a text, an item of a list, or a value in a map has that form. */
  readonly hasForm?: (text: string) => boolean;
}

/** What every constructor takes besides its own type's members. */
type Row<T> = Omit<Setting<T>, "type" | "choices" | "optional" | "canBeOff" | "word" | "unit"> & { unit?: string };

function row<T>(type: SettingType, members: Row<T>, extra: Partial<Setting<T>> = {}): Setting<T> {
  return { unit: "", ...members, type, ...extra };
}

/** A whole number; both bounds are included. */
export const integer = (members: Row<number> & { minimum: number; maximum: number }): Setting<number> =>
  row("integer", members);

/** A whole number, or the word. */
export const integerOr = <W extends string>(
  word: W,
  members: Row<number | W> & { minimum: number; maximum: number },
): Setting<number | W> => row("integer", members, { word });

/** A number that may have a fraction; both bounds are included. */
export const number = (members: Row<number> & { minimum: number; maximum: number }): Setting<number> =>
  row("number", members);

export const string = (members: Row<string>): Setting<string> => row("string", members);

/** A text that may be missing; "" in a source says so. */
export const optionalString = (members: Omit<Row<null>, "default">): Setting<string | null> =>
  row<string | null>("string", { ...members, default: null }, { optional: true });

/** A file or folder. Readers get an absolute path. */
export const path = (members: Row<string>): Setting<string> => row("path", members);

/** A file or folder that may be missing; "" in a source says so. */
export const optionalPath = (members: Omit<Row<null>, "default">): Setting<string | null> =>
  row<string | null>("path", { ...members, default: null }, { optional: true });

export const choice = <const C extends readonly (string | number | boolean)[]>(
  choices: C,
  members: Row<C[number]>,
): Setting<C[number]> => row("choice", members, { choices });

/** A list of texts; on the command line and in variables they are separated by commas. */
export const list = (members: Row<readonly string[]>): Setting<readonly string[]> => row("list", members);

/** Names and texts: a table of its own, `[name]`, or `{ a = "b" }`; elsewhere `a=b,c=d`. */
export const map = (
  members: Row<TextMap> & { nameForm: string; hasNameForm: (name: string) => boolean },
): Setting<TextMap> => row("map", members);

/** The same, where a name may have several texts: `{ a = ["b", "c"] }`. */
export const mapOfLists = (
  members: Row<ListMap> & { nameForm: string; hasNameForm: (name: string) => boolean },
): Setting<ListMap> => row("map", members, { hasLists: true });

export const boolean = (members: Row<boolean>): Setting<boolean> => row("boolean", members);

/** `-` (a standard stream) or a file. */
export const log = (members: Row<string>): Setting<string> => row("log", members);

/** `-` (a standard stream), a file, or `false`. */
export const logOrOff = (members: Row<string | false>): Setting<string | false> =>
  row("log", members, { canBeOff: true });

/** A whole number that may be missing: something else then decides. */
export const optionalInteger = (
  members: Omit<Row<null>, "default"> & { minimum: number; maximum: number },
): Setting<number | null> => row<number | null>("integer", { ...members, default: null }, { optional: true });

/** The same row in an array of tables whose items must have it. */
export const required = <T>(setting: Setting<T>): Setting<T> => ({ ...setting, required: true });

/** The same row where it may be missing, because something else then stands in for it. */
export const inherited = <T>(setting: Setting<T>): Setting<T | null> => ({
  ...(setting as Setting<T | null>),
  default: null,
  optional: true,
});
