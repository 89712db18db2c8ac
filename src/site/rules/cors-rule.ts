/**
 * Which other origins' scripts may read a response: `[cors]` (the CORS protocol of the Fetch standard, §3.2).
 *
 * In:    the table as written; the Origin field of a request.
 * Out:   field edits: those that hold for every request, and those for one origin.
 * Keeps: an origin is sent back only if the configuration allows it, never because it was asked for. Where the answer
 *        depends on the origin, Vary says so, also when there is none (RFC 9110 §12.5.5).
 */
import type { Settings } from "../../config/settings.ts";
import type { Because } from "./because.ts";
import type { FieldEdit, FieldEdits } from "./field-edit.ts";
import { compilePattern, matchPath, type PathPattern } from "./path-pattern.ts";

export interface CorsRule {
  readonly pattern: PathPattern;
  /** Allowed as they are, in lower case. */
  readonly origins: ReadonlySet<string>;
  /** `https://*.example.com` as what it begins and ends with. */
  readonly families: readonly (readonly [start: string, end: string])[];
  /** The same for every request: `*`, or the only origin there is; null where it depends. */
  readonly constantOrigin: string | null;
  readonly allowsCredentials: boolean;
  readonly exposedFields: string;
  readonly allowedMethods: string;
  /** `*` repeats what the preflight asks for. */
  readonly allowedFields: string;
  readonly maxAgeSeconds: number;
  readonly because: Because;
}

/** Null where no origin is allowed: then nothing is sent. */
export function compileCors(written: Settings["cors"], because: Because): CorsRule | null {
  const { allowed_origins, path, allowed_methods, allowed_headers, exposed_headers, allow_credentials } = written;
  if (allowed_origins.length === 0) return null;
  const origins = allowed_origins.map((origin) => origin.toLowerCase());
  const families = origins.filter((origin) => origin.includes("://*.")).map((origin) => origin.split("*"));
  const isConstant = origins.includes("*") || (origins.length === 1 && families.length === 0);
  return {
    pattern: compilePattern(path),
    origins: new Set(origins.filter((origin) => !origin.includes("*"))),
    families: families.map(([start, end]) => [start!, end!] as const),
    constantOrigin: isConstant ? (origins.includes("*") ? "*" : origins[0]!) : null,
    allowsCredentials: allow_credentials,
    exposedFields: exposed_headers.join(", "),
    allowedMethods: allowed_methods.join(", "),
    allowedFields: allowed_headers.includes("*") ? "*" : allowed_headers.join(", "),
    maxAgeSeconds: written.max_age_seconds,
    because,
  };
}

export function appliesTo(rule: CorsRule | null, path: readonly string[]): rule is CorsRule {
  return rule !== null && matchPath(rule.pattern, path) !== null;
}

/** The edits that don't depend on the origin. */
export function corsEdits(rule: CorsRule): FieldEdit[] {
  if (rule.constantOrigin !== null) return editsOf(rule, rule.constantOrigin);
  return [{ name: "Vary", value: "Origin", because: rule.because }];
}

/** What comes on top for a request from `origin`: null where it is not allowed, or nothing depends on it. */
export function corsEditsFor(rule: CorsRule, origin: string): FieldEdits | null {
  if (rule.constantOrigin !== null || !allows(rule, origin)) return null;
  return editsOf(rule, origin);
}

/** Whether scripts of `origin` may read responses. */
export function allows(rule: CorsRule, origin: string): boolean {
  const wanted = origin.toLowerCase();
  if (rule.constantOrigin === "*" || rule.origins.has(wanted)) return true;
  return rule.families.some(([start, end]) => {
    if (!wanted.startsWith(start) || !wanted.endsWith(end)) return false;
    const labels = wanted.slice(start.length, wanted.length - end.length);
    return /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(labels);
  });
}

function editsOf({ allowsCredentials, exposedFields, because }: CorsRule, origin: string): FieldEdit[] {
  const edits: FieldEdit[] = [{ name: "Access-Control-Allow-Origin", value: origin, because }];
  if (allowsCredentials) edits.push({ name: "Access-Control-Allow-Credentials", value: "true", because });
  if (exposedFields !== "") edits.push({ name: "Access-Control-Expose-Headers", value: exposedFields, because });
  return edits;
}

/**
 * The fields of the answer to a preflight: an OPTIONS request with Origin and Access-Control-Request-Method.
 * `requestedFields`: the value of Access-Control-Request-Headers, or "".
 */
export function preflightEdits(rule: CorsRule, origin: string, requestedFields: string): FieldEdit[] {
  const { because, constantOrigin, allowsCredentials, maxAgeSeconds } = rule;
  const depends = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
  const edits: FieldEdit[] = [{ name: "Vary", value: depends, because }];
  if (!allows(rule, origin)) return edits;
  const add = (name: string, value: string): number => edits.push({ name: `Access-Control-${name}`, value, because });
  add("Allow-Origin", constantOrigin ?? origin);
  if (allowsCredentials) add("Allow-Credentials", "true");
  add("Allow-Methods", rule.allowedMethods);
  const fields = rule.allowedFields === "*" ? listOfNames(requestedFields) : rule.allowedFields;
  if (fields !== "") add("Allow-Headers", fields);
  add("Max-Age", String(maxAgeSeconds));
  return edits;
}

/** What a client asked for, if it is a list of field names; "" otherwise. */
function listOfNames(text: string): string {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*$/.test(text) ? text : "";
}
