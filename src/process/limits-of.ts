/** The limits of a request that the settings give. */
import type { Settings } from "../config/settings.ts";
import type { Limits } from "../http/limits.ts";

/** Field lines of one request; browsers send about fifteen. */
const FIELD_COUNT_MAX = 100;

export function limitsOf(settings: Settings): Limits {
  return {
    headOctetsMax: settings.max_header_bytes,
    targetOctetsMax: settings.max_uri_bytes,
    fieldCountMax: FIELD_COUNT_MAX,
    contentOctetsMax: settings.max_body_bytes,
  };
}
