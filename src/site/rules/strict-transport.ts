/**
 * What `hsts_max_age_seconds` sends: browsers are to come by HTTPS and nothing else from now on (RFC 6797 §6.1).
 *
 * Keeps: never over plain HTTP (§7.2). Weaker than every rule: a `[[header]]` that sets or removes the field wins.
 */
import type { Settings } from "../../config/settings.ts";
import { becauseOf } from "./because.ts";
import { type FieldEdits, NO_EDITS } from "./field-edit.ts";
import type { HostRules } from "./host-rules.ts";

export function strictTransportEdits({ tls }: Pick<Settings, "tls">): FieldEdits {
  const seconds = tls.hsts_max_age_seconds;
  if (seconds === 0) return NO_EDITS;
  const because = becauseOf("tls", "hsts_max_age_seconds");
  return [{ name: "Strict-Transport-Security", value: `max-age=${seconds}`, because }];
}

/** The rules of a host for requests by HTTPS. */
export function rulesForHttps(rules: HostRules, edits: FieldEdits): HostRules {
  return { ...rules, securityEdits: [...rules.securityEdits, ...edits] };
}
