/**
 * What one setting is: the shape of a row in the table of settings, and one constructor per type.
 *
 * In:    what the row's author writes: default, range or choices, unit, group, meaning.
 * Out:   `Setting<T>`, where `T` is the type of the value a reader gets.
 * Units: a number's unit is the last word of the setting's name (`_seconds`, `_bytes`, `_mb`) and in `unit`.
 * Keeps: rows are plain data and never change; parsing, validation, help and documents all read the same rows.
 */

export type SettingType = "integer" | "number" | "string" | "path" | "choice" | "list" | "boolean" | "log";

/** Sections of `--help` and of the table in the README, in the order they are printed. */
export const GROUPS = [
  "Serving",
  "Processes",
  "Cache",
  "Timeouts",
  "Limits",
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
  readonly choices?: readonly string[];
  /** `string` and `path`: the empty text means "not set", which a reader sees as `null`. */
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
  /** The name of the value in help (`NUMBER`, `FILE`); chosen by type when absent. */
  readonly placeholder?: string;
  /** True when SIGHUP cannot change it: the listening sockets, the statistics file, the identity of the process. */
  readonly needsRestart?: boolean;
  /** What a text, or each item of a list, must be ("a file name without slashes"); errors and documents say it. */
  readonly form?: string;
  /** Whether a text, or an item of a list, has that form. */
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

export const choice = <const C extends readonly string[]>(choices: C, members: Row<C[number]>): Setting<C[number]> =>
  row("choice", members, { choices });

/** A list of texts; on the command line and in variables they are separated by commas. */
export const list = (members: Row<readonly string[]>): Setting<readonly string[]> => row("list", members);

export const boolean = (members: Row<boolean>): Setting<boolean> => row("boolean", members);

/** `-` (a standard stream) or a file. */
export const log = (members: Row<string>): Setting<string> => row("log", members);

/** `-` (a standard stream), a file, or `false`. */
export const logOrOff = (members: Row<string | false>): Setting<string | false> =>
  row("log", members, { canBeOff: true });
