/**
 * `_redirects`, as Netlify reads it (docs.netlify.com, "Redirect options").
 *
 *     # comment
 *     /from/:name/*   /to/:name/:splat   301!
 *
 * In:    the file's text.
 * Out:   moves, in the order of the lines; and a note for every line that is not obeyed.
 * Keeps: a rule without `!` gives way to a file. Conditions (Country, Language, Role, query parameters) and rules for other
 *        hosts or to other servers' content are not obeyed: such a line is left out whole, as if it never matched.
 */
import {
  isPathPattern,
  isRedirectTarget,
  isRewriteTarget,
  namesInTarget,
  rememberedNames,
} from "../../config/path-syntax.ts";
import { becauseOfLine } from "./because.ts";
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
  if (toAt > 0) return "conditions on the query are not supported";
  const to = words[0]!;
  const [statusText = "301", ...conditions] = words.slice(1);
  const status = /^([1-5]\d\d)(!?)$/.exec(statusText);
  if (status === null) return `no status such as 301 or 301!: ${JSON.stringify(statusText)}`;
  if (conditions.length > 0) return `conditions are not supported: ${JSON.stringify(conditions.join(" "))}`;
  return makeMove(from, to, Number(status[1]), status[2] === "!" ? "always" : "missing", line);
}

function makeMove(from: string, to: string, status: number, when: "always" | "missing", line: number): Move | string {
  const known = rememberedNames(from);
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

/** Patterns are about decoded paths; a text that is no valid encoding is meant as it is. */
function decodePattern(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
