/**
 * What rules set, add and remove in the fields of a path's responses.
 *
 * In:    the rules of a host (rules/host-rules.ts), a path, the file that answers it.
 * Out:   edits in order, the last one of a field wins: presets, `[[cache]]`, `_headers`, `[[header]]`, CORS, Vary.
 * Keeps: pure; evaluated once per entry, since its ready heads contain the edits.
 */
import { neededNavigation } from "./plan.ts";
import type { RequestPath } from "./request-path.ts";
import { cacheEdits } from "./rules/cache-rule.ts";
import { appliesTo, corsEdits } from "./rules/cors-rule.ts";
import { editsForRedirects, type FieldEdits, NO_EDITS } from "./rules/field-edit.ts";
import { headerEdits } from "./rules/header-rule.ts";
import type { HostRules } from "./rules/host-rules.ts";
import { segmentsOf } from "./rules/path-pattern.ts";

/** `filePath`: the file that answers, or null where none does. */
export function editsFor(rules: HostRules, path: RequestPath, filePath: string | null, isGuarded: boolean): FieldEdits {
  return editsOf(rules, path, filePath, (spellings, set) =>
    filePath === null ? [] : cacheEdits(rules.caches, spellings, isGuarded, set),
  );
}

/** A redirect may be kept as long as a file; but no name's fingerprint says where it leads. */
export function redirectEditsFor(rules: HostRules, path: RequestPath, isGuarded: boolean): FieldEdits {
  const edits = editsOf(rules, path, null, (spellings, set) =>
    cacheEdits(rules.caches, spellings, isGuarded, set, false),
  );
  return editsForRedirects(edits);
}

type Spellings = readonly (readonly string[])[];

function editsOf(
  rules: HostRules,
  path: RequestPath,
  filePath: string | null,
  cachingEdits: (spellings: Spellings, set: FieldEdits) => FieldEdits,
): FieldEdits {
  const { securityEdits, caches, headers, cors } = rules;
  const varying = [...languageEdits(rules, path), ...navigationEdits(rules, path, filePath)];
  const hasRules = caches.length > 0 || headers.length > 0 || cors !== null || varying.length > 0;
  if (!hasRules) return securityEdits;
  const asked = segmentsOf(path.filePath);
  const spellings = filePath === null || filePath === path.filePath ? [asked] : [asked, segmentsOf(filePath)];
  const set = headerEdits(headers, spellings);
  return [
    ...securityEdits,
    ...cachingEdits(spellings, set),
    ...set,
    ...(appliesTo(cors, asked) ? corsEdits(cors) : []),
    ...varying,
  ];
}

/** Where a page is sent to those who ask for one, and 404 to others. */
function navigationEdits(rules: HostRules, path: RequestPath, filePath: string | null): FieldEdits {
  if (!neededNavigation(rules, path, filePath)) return NO_EDITS;
  return [{ name: "Vary", value: "Accept", because: rules.spaFallback.because }];
}

/** Where a redirect or rewrite depends on the language, the response says so in Vary (RFC 9110 §12.5.5). */
function languageEdits({ moves }: HostRules, { facts }: RequestPath): FieldEdits {
  const asking = facts?.hasLanguage
    ? moves.find(({ conditions }) => (conditions?.languages.length ?? 0) > 0)
    : undefined;
  return asking === undefined ? NO_EDITS : [{ name: "Vary", value: "Accept-Language", because: asking.because }];
}
