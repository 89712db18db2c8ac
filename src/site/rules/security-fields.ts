/**
 * What `security_headers = true` sends: fields that make browsers stricter and that break hardly any site.
 *
 * Keeps: weaker than every rule: a `[[header]]` that sets or removes one of them wins. Strict-Transport-Security is not
 *        among them: over plain HTTP it must not be sent (RFC 6797 §7.2).
 */
import type { Because } from "./because.ts";
import type { FieldEdit } from "./field-edit.ts";

const SECURITY_FIELDS: readonly (readonly [name: string, value: string])[] = [
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "SAMEORIGIN"],
  ["Content-Security-Policy", "base-uri 'self'; frame-ancestors 'self'; object-src 'none'"],
  ["Referrer-Policy", "strict-origin-when-cross-origin"],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["X-Permitted-Cross-Domain-Policies", "none"],
];

export function securityEdits(because: Because): FieldEdit[] {
  return SECURITY_FIELDS.map(([name, value]) => ({ name, value, because }));
}
