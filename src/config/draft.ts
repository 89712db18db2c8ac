/**
 * A configuration while it is being assembled: values so far, and where each came from.
 *
 * In:    values that have been checked, with their origin, weakest source first.
 * Out:   the values; `errorAt`: a ConfigError that points at the origin of a value.
 * Keeps: the last one to set a value wins, and the origin is always the winner's.
 */
import { ConfigError } from "./config-error.ts";
import type { TomlFile } from "./toml-file.ts";
import { locateKey, type TomlPath } from "./toml-position.ts";

/** Where a value came from. `saker check` and `saker explain` name it. */
export type Origin =
  | { readonly source: "default" }
  | { readonly source: "profile"; readonly name: string }
  | { readonly source: "file"; readonly file: TomlFile; readonly path: TomlPath }
  | { readonly source: "environment" | "flag"; readonly name: string };

const DEFAULT: Origin = { source: "default" };

export class Draft {
  readonly values: Record<string, unknown>;
  private readonly origins = new Map<string, Origin>();

  /** `innerDefaults`: what a table inside another holds once it is there. */
  constructor(
    defaults: Record<string, unknown>,
    private readonly innerDefaults: (path: readonly string[]) => Record<string, unknown> = () => ({}),
  ) {
    this.values = defaults;
  }

  /** `path` is `["port"]`, `["tls", "cert"]` for a value in a table, `["tls", "acme", "email"]` in one inside another. */
  set(path: readonly string[], value: unknown, origin: Origin): void {
    const [first, second, third] = path;
    if (second === undefined) this.values[first!] = value;
    else {
      const outer = this.values[first!] as Record<string, unknown>;
      const inner = third === undefined ? value : { ...this.innerOf(first!, second), [third]: value };
      this.values[first!] = { ...outer, [second]: inner };
    }
    this.origins.set(path.join("."), origin);
  }

  /** A table inside another is there, whatever it says. */
  open([first, second]: readonly [string, string], origin: Origin): void {
    this.set([first, second], this.innerOf(first, second), origin);
  }

  private innerOf(first: string, second: string): object {
    const outer = this.values[first] as Readonly<Record<string, object | null>>;
    return outer[second] ?? this.innerDefaults([first, second]);
  }

  /** The origin of `port`, `tls.cert` or `tls.acme.email`. */
  originOf(name: string): Origin {
    return this.origins.get(name) ?? DEFAULT;
  }

  /** An error about the value of `name`, at the place that set it. */
  errorAt(name: string, problem: string): ConfigError {
    const origin = this.originOf(name);
    if (origin.source === "file") return errorInFile(origin.file, origin.path, "value", problem);
    if (origin.source === "environment" || origin.source === "flag") {
      return new ConfigError({ file: origin.name, key: name, problem });
    }
    return new ConfigError({ file: "configuration", key: name, problem });
  }
}

/** A draft's origins, for errors about what lies inside of an array of tables, which may itself lie in a table. */
export function errorInside(draft: Draft, path: TomlPath, part: "key" | "value", problem: string): ConfigError {
  const outer = draft.originOf(String(path[0]));
  const [origin, rest] =
    outer.source === "default" ? [draft.originOf(path.slice(0, 2).join(".")), path.slice(2)] : [outer, path.slice(1)];
  if (origin.source === "file") return errorInFile(origin.file, [...origin.path, ...rest], part, problem);
  return new ConfigError({ file: "configuration", key: keyOf(path), problem });
}

/** An error at a key, or at its value where it has one. Scans the file's text: only for errors. */
export function errorInFile(file: TomlFile, path: TomlPath, part: "key" | "value", problem: string): ConfigError {
  const place = locateKey(file.text, path);
  const position = (part === "value" ? place?.value : null) ?? place?.key ?? { line: 1, column: 1 };
  return new ConfigError({ file: file.name, ...position, key: keyOf(path), problem });
}

/** The name a person would call it: the last name of the path, without indexes. */
function keyOf(path: TomlPath): string {
  const names = path.filter((member) => typeof member === "string");
  return names.at(-1) ?? "";
}
