/**
 * Fields that rules set or leave out: `[[header]]`, and the blocks of `_headers` (netlify-headers.ts).
 *
 * In:    rules as written. Out: rules as data, and the edits (field-edit.ts) of all that match, in order.
 */
import type { Because } from "./because.ts";
import { addValue, type FieldEdit, type FieldEdits } from "./field-edit.ts";
import { compilePattern, matchPath, type PathPattern } from "./path-pattern.ts";

export interface HeaderRule {
  readonly pattern: PathPattern;
  readonly edits: readonly FieldEdit[];
}

interface Written {
  readonly path: string;
  readonly set: Readonly<Record<string, string | readonly string[]>>;
  readonly remove: readonly string[];
}

/** `becauseOf`: the reason of one edit, by the member of the rule it stands in. */
export function compileHeader({ path, set, remove }: Written, becauseOf: (...inside: string[]) => Because): HeaderRule {
  const removed = remove.map((name): FieldEdit => ({ name, value: null, because: becauseOf("remove") }));
  const added = Object.entries(set).flatMap(([name, values]) => {
    const because = becauseOf("set", name);
    return [values].flat().reduce<FieldEdits>((edits, value) => addValue(edits, name, value, because), []);
  });
  return { pattern: compilePattern(path), edits: [...removed, ...added] };
}

/** `spellings`: the path asked for and the file's, in segments. */
export function headerEdits(rules: readonly HeaderRule[], spellings: readonly (readonly string[])[]): FieldEdit[] {
  return rules.flatMap(({ pattern, edits }) =>
    spellings.some((spelling) => matchPath(pattern, spelling) !== null) ? edits : [],
  );
}
