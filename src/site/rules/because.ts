/**
 * The reason for a decision: the setting, rule or line that made it so. `saker explain` and lints show it.
 *
 * Keeps: plain data that costs nothing at work; a place in the configuration is a way through `Settings`, from which
 *        config/setting-place.ts finds file and line when needed.
 */
export interface Because {
  /** Its name for people: `clean_urls`, `virtual_host.redirect`, `_redirects`. */
  readonly setting: string;
  /** The way to it in Settings: `["virtual_host", 0, "redirect", 2]`; empty for a line of a file in the root. */
  readonly path: readonly (string | number)[];
  /** The file in the root, and the line in it; "" and 0 otherwise. */
  readonly file: string;
  readonly line: number;
}

/** A place in the configuration. */
export function becauseOf(...path: (string | number)[]): Because {
  const setting = path.filter((member) => typeof member === "string").join(".");
  return { setting, path, file: "", line: 0 };
}

/** A line of `_redirects` or `_headers`. */
export function becauseOfLine(file: string, line: number): Because {
  return { setting: file, path: [], file, line };
}
