/**
 * Whether a worker understands the master that started it: the two may be of different builds.
 *
 * Out:   null, or one line that says what to do.
 * Keeps: settings are compared by name: one that the master doesn't know would be missing, and a missing limit would be no limit.
 */
import { SETTING_NAMES } from "../config/settings.ts";
import { TABLES } from "../config/tables.ts";
import { PROTOCOL_VERSION, type StartMessage } from "./messages.ts";

export function incompatibilityWith({ protocol, settings }: StartMessage): string | null {
  const isMissing = [...SETTING_NAMES, ...Object.keys(TABLES)].some((name) => !Object.hasOwn(settings, name));
  if (protocol === PROTOCOL_VERSION && !isMissing) return null;
  return "the executable at its path is of another version than the master: run `saker upgrade`";
}
