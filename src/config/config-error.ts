/**
 * Errors of configuration: what is wrong, where, and how to fix it, in exactly one line.
 *
 * In:    the source (file name as the user gave it, flag or variable), position, key, problem.
 * Out:   `ConfigError.message`, for example `saker.toml:12:1: unknown setting "prot"; did you mean "port"?`,
 *        or `--port: port must be an integer between 0 and 65535, not "abc"` where there is no line to name.
 * Units: `line` and `column` count from 1; a column is one UTF-16 unit, as editors count; 0 = does not apply.
 * Keeps: a message never contains a line break or another control character, whatever the source contains.
 */

/** What a ConfigError says, before it is rendered. */
export interface ConfigProblem {
  /** The file as the user named it, or the flag or variable. */
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** The setting's name as the source spells it, or "" when the problem is not about one. */
  readonly key?: string;
  /** The sentence after the position. */
  readonly problem: string;
}

/** The configuration is wrong: the server refuses to start (exit code 2), and on reload keeps the old one. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly key: string;
  readonly problem: string;

  constructor({ file, line = 0, column = 0, key = "", problem }: ConfigProblem) {
    super(oneLine(line === 0 ? `${file}: ${problem}` : `${file}:${line}:${column}: ${problem}`));
    this.file = file;
    this.line = line;
    this.column = column;
    this.key = key;
    this.problem = oneLine(problem);
  }
}

/** The configuration file itself cannot be read: a fault of the system, not of what is written (exit code 1). */
export class ConfigFileError extends Error {
  override readonly name = "ConfigFileError";

  constructor(message: string, cause?: unknown) {
    super(oneLine(message), { cause });
  }
}

const VALUE_CHARACTERS_MAX = 60;

/** A value as an error shows it: quoted if it is text, shortened if it is long, always on one line. */
export function showValue(value: unknown): string {
  if (typeof value === "number") return String(value).replace("Infinity", "inf").replace("NaN", "nan");
  if (value instanceof Object && !Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) {
    return String(value); // dates and times
  }
  const text = oneLine(JSON.stringify(value) ?? String(value));
  if (text.length <= VALUE_CHARACTERS_MAX) return text;
  return `${text.slice(0, VALUE_CHARACTERS_MAX - 1)}…`;
}

/** Replaces every control character and line separator by its escape. */
export function oneLine(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
