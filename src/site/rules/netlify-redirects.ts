/**
 * `_redirects`, as Netlify reads it (docs.netlify.com, "Redirect options").
 *
 *     # comment
 *     /from/:name/*   /to/:name/:splat   301!
 *     /store  id=:id  /blog/:id   302  Language=de,at
 *
 * In:    the file's text.
 * Out:   moves, in the order of the lines; and a note for every line that is not obeyed.
 * Keeps: a rule without `!` gives way to a file. Other conditions (Country, Cookie, Role) and rules for other hosts or to other
 *        servers' content are not obeyed: such a line is left out whole, as if it never matched.
 */
import {
  isPathPattern,
  isRedirectTarget,
  isRewriteTarget,
  namesInTarget,
  placeholderName,
  capturedNames,
} from "../../config/path-syntax.ts";
import { decodeName } from "../name-octets.ts";
import { becauseOfLine } from "./because.ts";
import type { Conditions, ParameterCondition } from "./conditions.ts";
import { compileFailurePage, compileRedirect, compileRewrite, type Move } from "./move.ts";

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
  text.split("\n").forEach((line, index) => {
    const words = line
      .replace(/(^|\s)#.*$/, "")
      .trim()
      .split(/\s+/);
    if (words[0] === "") return;
    const move = parseLine(words, index + 1);
    if (typeof move === "string") notes.push(`${REDIRECTS_FILE}:${index + 1}: ${move}; the line is not obeyed`);
    else moves.push(move);
  });
  return { moves, notes };
}

/** A move, or what is wrong with the line. */
function parseLine([written = "", ...words]: readonly string[], line: number): Move | string {
  const from = decodePattern(written);
  if (!from.startsWith("/") || !isPathPattern(from)) return `no path such as "/old/*": ${JSON.stringify(written)}`;
  const toAt = words.findIndex((word) => /^(\/|https?:\/\/)/i.test(word));
  if (toAt === -1) return "no path or URL to go to";
  const parameters = words.slice(0, toAt).map(parameterOf);
  const bad = parameters.findIndex((parameter) => parameter === null);
  if (bad !== -1) return `no parameter of a query such as id=:id: ${JSON.stringify(words[bad])}`;
  const to = words[toAt]!;
  const rest = words.slice(toAt + 1);
  const [statusText = "301", ...asked] = /=/.test(rest[0] ?? "") ? ["301", ...rest] : rest;
  const status = /^([1-5]\d\d)(!?)$/.exec(statusText);
  if (status === null) return `no status such as 301 or 301!: ${JSON.stringify(statusText)}`;
  const other = asked.filter((condition) => !LANGUAGE.test(condition));
  if (other.length > 0) return `conditions are not supported: ${JSON.stringify(other.join(" "))}`;
  const languages = asked.flatMap((condition) => LANGUAGE.exec(condition)![1]!.toLowerCase().split(","));
  const conditions =
    parameters.length + languages.length === 0 ? null : { parameters: parameters as ParameterCondition[], languages };
  const move = makeMove(from, to, Number(status[1]), status[2] === "!" ? "always" : "missing", conditions, line);
  return typeof move === "string" ? move : { ...move, conditions };
}

const LANGUAGE = /^Language=([A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*(?:,[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*)*)$/i;

/** `id=:id`, `id=5` or `id`; null for anything else. */
function parameterOf(word: string): ParameterCondition | null {
  const match = /^([^=&#?]+)(?:=([^&#]*))?$/.exec(word);
  if (match === null) return null;
  const [, name = "", value] = match;
  const placeholder = placeholderName(value ?? "") ?? "";
  const fixed = value === undefined || placeholder !== "" ? null : decodePattern(value);
  return { name: decodePattern(name), value: fixed, placeholder };
}

function makeMove(
  from: string,
  to: string,
  status: number,
  when: "always" | "missing",
  conditions: Conditions | null,
  line: number,
): Move | string {
  const known = [...capturedNames(from), ...(conditions?.parameters ?? []).map(({ placeholder }) => placeholder)];
  const unknown = namesInTarget(to).find((name) => !known.includes(name));
  if (unknown !== undefined) return `":${unknown}" is not in ${JSON.stringify(from)}`;
  const because = becauseOfLine(REDIRECTS_FILE, line);
  if (REDIRECT_STATUS.has(status)) {
    if (!isRedirectTarget(to)) return `no path or URL to go to: ${JSON.stringify(to)}`;
    return compileRedirect({ from, to, when, status }, because);
  }
  const path = decodePattern(to.replace(/[?#].*$/, ""));
  if (!isRewriteTarget(path)) return `not a file of this site: ${JSON.stringify(to)}`;
  if (status === 200) return compileRewrite({ from, to: path, when }, because);
  if (status < 400) return `status ${status} is not supported`;
  return compileFailurePage({ from, to: path, when, status }, because);
}

/** Patterns are about decoded paths; a string that is no valid percent-encoding is taken literally. */
function decodePattern(text: string): string {
  return decodeName(text) ?? text;
}
