/**
 * From the reason of a decision (site/rules/because.ts) to the line behind it.
 *
 * In:    a loaded configuration. Out: `saker.toml:12`, `_redirects:3`, `--clean-urls`, `default`.
 */
import type { Configuration } from "../../config/load-settings.ts";
import { placeOfSetting, showPlace } from "../../config/setting-place.ts";
import type { Because } from "../../site/rules/because.ts";

export class Places {
  constructor(private readonly originOf: Configuration["originOf"]) {}

  of({ path, file, line }: Because): string {
    return file === "" ? this.at(...path) : `${file}:${line}`;
  }

  at(...path: readonly (string | number)[]): string {
    return path.length === 0 ? "default" : showPlace(placeOfSetting(path, this.originOf));
  }
}
