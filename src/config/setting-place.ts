/**
 * Where a value or a rule stands: what `saker explain` and lints show as the reason of a decision.
 *
 * In:    a loaded configuration, the way to the value in `Settings`: `["port"]`, `["redirect", 2]`,
 *        `["virtual_host", 0, "deny_path", 1, "path"]`, `["error_pages", "404"]`.
 * Out:   file, line and column; or the flag, variable or profile; or that it is the default.
 * Keeps: scans the file's text: for commands, not for a server at work.
 */
import type { Origin } from "./draft.ts";
import { locateKey, type TomlPath } from "./toml-position.ts";

export interface SettingPlace {
  readonly source: Origin["source"];
  /** The file, flag, variable or profile; "" for defaults. */
  readonly name: string;
  /** 0 outside of files. */
  readonly line: number;
  readonly column: number;
}

/** `originOf`: that of the loaded configuration. */
export function placeOfSetting(path: TomlPath, originOf: (name: string) => Origin): SettingPlace {
  // `tls.cert` and `tls.acme.email` have origins of their own; what lies inside an array of tables has that of the array.
  for (let length = Math.min(path.length, 3); length > 0; length--) {
    const origin = originOf(path.slice(0, length).join("."));
    if (origin.source !== "default" || length === 1) return placeOfOrigin(origin, path.slice(length));
  }
  return placeOfOrigin({ source: "default" }, []);
}

function placeOfOrigin(origin: Origin, rest: TomlPath): SettingPlace {
  switch (origin.source) {
    case "default":
      return { source: "default", name: "", line: 0, column: 0 };
    case "file": {
      const place = locateKey(origin.file.text, [...origin.path, ...rest]) ?? locateKey(origin.file.text, origin.path);
      return { source: "file", name: origin.file.name, ...(place?.key ?? { line: 1, column: 1 }) };
    }
    default:
      return { source: origin.source, name: origin.name, line: 0, column: 0 };
  }
}

/** `saker.toml:12`, `--port`, `profile dev`, `default`. */
export function showPlace({ source, name, line }: SettingPlace): string {
  if (source === "default") return "default";
  if (source === "profile") return `profile ${name}`;
  return line === 0 ? name : `${name}:${line}`;
}
