/**
 * `_redirects`, as Netlify reads it (docs.netlify.com, "Redirect options").
 *
 *     # comment
 *     /from/:name/*   /to/:name/:splat   301!
 *     /store  id=:id  /blog/:id   302  Language=de,at
 *     http://old.example/blog/:post  https://new.example/:post  301!
 *
 * In:    the file's text; white space around a line means nothing, and what begins with `#` is a comment.
 * Out:   moves, in the order of the lines; and a note for every line that is not obeyed.
 * Keeps: a rule without `!` gives way to a file. `*` is any text, slashes included (wildcard-pattern.ts), and case
 *        counts. Other conditions (Country, Cookie, Role) and rules to other servers' content are not obeyed: such a
 *        line is left out whole, as if it never matched.
 */
import {
  isPathPattern,
  isRedirectTarget,
  isRewriteTarget,
  namesInTarget,
  placeholderName,
  SPLAT,
} from "../../syntax/path-syntax.ts";
import { becauseOfLine } from "./because.ts";
import type { ParameterCondition } from "./conditions.ts";
import { compileFailurePage, compileRedirect, compileRewrite, type Move } from "./move.ts";
import { splitOrigin } from "./origin-condition.ts";
import { compileWildcardPattern } from "./path-pattern.ts";
import { decodePath, decodeText, isDamaged, linesOf, quoteShort } from "./rule-text.ts";
import { namesCaptured } from "./wildcard-pattern.ts";

export const REDIRECTS_FILE = "_redirects";

const REDIRECT_STATUS = new Set([301, 302, 303, 307, 308]);

export interface NetlifyRedirects {
  readonly moves: readonly Move[];
  /** `_redirects:3: …` */
  readonly notes: readonly string[];
}

export function parseNetlifyRedirects(text: string): NetlifyRedirects {
  const moves: Move[] = [];
  const notes: string[] = [];
  for (const { text: line, number } of linesOf(text)) {
    const words = line.split(/\s+/);
    const comment = words.findIndex((word) => word.startsWith("#"));
    const rule = comment === -1 ? words : words.slice(0, comment);
    if (rule.join("") === "") continue;
    const move = isDamaged(line) ? "this is not text in UTF-8 or UTF-16" : parseRule(rule, number);
    if (typeof move === "string") notes.push(`${REDIRECTS_FILE}:${number}: ${move}; the line is not obeyed`);
    else moves.push(move);
  }
  return { moves, notes };
}

/** A move, or what is wrong with the line. */
function parseRule([written = "", ...rest]: readonly string[], line: number): Move | string {
  const { origin, path } = splitOrigin(written);
  const from = decodePath(path);
  if (!from.startsWith("/") || !isPathPattern(from)) return `no path such as "/old/*": ${quoteShort(written)}`;
  const words =
    FORWARDED.test(rest[0] ?? "") && from.endsWith("/*") ? [`${from.slice(0, -1)}:${SPLAT}`, ...rest] : rest;
  const toAt = words.findIndex((word) => /^(\/|https?:\/\/)/i.test(word));
  if (toAt === -1) return "no path or URL to go to";
  const parameters = words.slice(0, toAt).map(parameterOf);
  const bad = parameters.findIndex((parameter) => parameter === null);
  if (bad !== -1) return `no parameter of a query such as id=:id: ${quoteShort(words[bad]!)}`;
  const to = words[toAt]!;
  const options = words.slice(toAt + 1);
  const [statusText = "301", ...asked] = /=/.test(options[0] ?? "") ? ["301", ...options] : options;
  const status = /^([1-5]\d\d)(!?)$/.exec(statusText);
  if (status === null) return `no status such as 301 or 301!: ${quoteShort(statusText)}`;
  const other = asked.filter((condition) => !LANGUAGE.test(condition));
  if (other.length > 0) return `conditions are not supported: ${quoteShort(other.join(" "))}`;
  const languages = asked.flatMap((condition) => LANGUAGE.exec(condition)![1]!.toLowerCase().split(","));
  const isConditional = parameters.length + languages.length > 0 || origin !== null;
  const conditions = isConditional ? { parameters: parameters as ParameterCondition[], languages, origin } : null;
  const pattern = { ...compileWildcardPattern(from), source: (origin?.text ?? "") + from };
  const known = [...namesCaptured(pattern.pieces), ...parameters.map((parameter) => parameter!.placeholder)];
  const unknown = namesInTarget(to).find((name) => !known.includes(name));
  if (unknown !== undefined) return `":${unknown}" is not in ${quoteShort(from)}`;
  const move = makeMove(from, to, Number(status[1]), status[2] === "!" ? "always" : "missing", line);
  return typeof move === "string" ? move : { ...move, pattern, conditions };
}

/** A status in place of a target: the rule leads to the path that was asked for. */
const FORWARDED = /^2\d\d!?$/;

const LANGUAGE = /^Language=([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*(?:,[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)*)$/i;

/** `id=:id`, `id=5` or `id`; null for anything else. */
function parameterOf(word: string): ParameterCondition | null {
  const match = /^([^=&#?]+)(?:=([^&#]*))?$/.exec(word);
  if (match === null) return null;
  const [, name = "", value] = match;
  const placeholder = placeholderName(value ?? "") ?? "";
  const fixed = value === undefined || placeholder !== "" ? null : decodeText(value);
  return { name: decodeText(name), value: fixed, placeholder };
}

function makeMove(from: string, to: string, status: number, when: "always" | "missing", line: number): Move | string {
  const because = becauseOfLine(REDIRECTS_FILE, line);
  if (REDIRECT_STATUS.has(status)) {
    if (!isRedirectTarget(to)) return `no path or URL to go to: ${quoteShort(to)}`;
    return compileRedirect({ from, to, when, status }, because);
  }
  const path = decodePath(to.replace(/[?#].*$/, ""));
  if (!isRewriteTarget(path)) return `not a file of this site: ${quoteShort(to)}`;
  if (status === 200) return compileRewrite({ from, to: path, when }, because);
  if (status < 400) return `status ${status} is not supported`;
  return compileFailurePage({ from, to: path, when, status }, because);
}
