/**
 * Problem documents (RFC 7807, RFC 8555 §6.7), said in one line.
 *
 * In:    a parsed document, or the response that carries one; anything may be in either.
 * Out:   `badNonce`; `rateLimited: too many certificates already issued`; with subproblems, each with the name it is about.
 * Keeps: pure. What others wrote is cut to a length and holds no control characters: it goes into logs and onto terminals.
 */

/** The names of types in a problem's `type`. */
const TYPE_PREFIX = "urn:ietf:params:acme:error:";

const DETAIL_CHARACTERS_MAX = 400;
const SUBPROBLEMS_MAX = 5;

export interface Problem {
  /** Without its prefix, where it is one of RFC 8555's; "" when there is none. */
  readonly type: string;
  readonly line: string;
}

export function readProblem(document: unknown): Problem {
  const { type, detail, title, subproblems } = fieldsOf(document);
  const kind = typeof type === "string" && type !== "about:blank" ? clean(type.replace(TYPE_PREFIX, "")) : "";
  const text = clean(typeof detail === "string" ? detail : typeof title === "string" ? title : "");
  const inner = Array.isArray(subproblems) ? subproblems.map(readSubproblem).filter((line) => line !== "") : [];
  const shown = inner.slice(0, SUBPROBLEMS_MAX);
  if (inner.length > shown.length) shown.push(`and ${inner.length - shown.length} more`);
  const line = [kind, text].filter((part) => part !== "").join(": ") || "no reason given";
  return { type: kind, line: shown.length > 0 ? `${line} (${shown.join("; ")})` : line };
}

/** RFC 8555 §6.7.1: one for each identifier. */
function readSubproblem(document: unknown): string {
  const { identifier } = fieldsOf(document);
  const { value } = fieldsOf(identifier);
  const { line } = readProblem({ ...fieldsOf(document), subproblems: null });
  return typeof value === "string" ? `${clean(value)}: ${line}` : line;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** One line of what somebody else wrote. */
export function clean(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
  return line.length > DETAIL_CHARACTERS_MAX ? `${line.slice(0, DETAIL_CHARACTERS_MAX)}…` : line;
}
