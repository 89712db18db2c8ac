/**
 * Conditions of a move besides the path: parameters of the query, the client's preferred language, and the origin that is asked.
 *
 *     /store  id=:id  /blog/:id  301          Language=de,at
 *     http://old.example/store  /blog  301
 *
 * In:    the moves of a host, compiled; a request.
 * Out:   `Facts`: those of the request's parameters, languages and origin that moves for its path depend on, and whether a move's
 *        conditions are met.
 * Keeps: two requests with the same path and the same facts have the same answer, so that the cache keeps one entry for
 *        both. Of an origin only those that rules name are facts: no client can make the cache keep more. What a
 *        parameter stands for is put into paths, so it is one segment of a path: no slash, no NUL, no dots alone.
 */
import type { PathPattern, Remembered } from "./path-pattern.ts";
import { isForOrigin, type Origin, type OriginCondition } from "./origin-condition.ts";
import { matchPath } from "./path-pattern.ts";

export interface ParameterCondition {
  readonly name: string;
  /** The value it must have, unless it is captured; null: any, even none. */
  readonly value: string | null;
  /** The name it is captured under; "" for none. */
  readonly placeholder: string;
}

export interface Conditions {
  readonly parameters: readonly ParameterCondition[];
  /** In lower case; empty: any. */
  readonly languages: readonly string[];
  /** Null: any. */
  readonly origin: OriginCondition | null;
}

/** What conditions may ask about. */
export interface Asked {
  /** With "?", or "". */
  readonly query: string;
  readonly acceptLanguage: string | null;
  /** Null where the request names no host (HTTP/1.0). */
  readonly origin: Origin | null;
}

export interface Facts {
  /** All facts in one spelling: part of the cache key of the answer. */
  readonly text: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** In lower case; "" for none, or where no move depends on it. */
  readonly language: string;
  /** Some move depends on the language, so the answer varies with it. */
  readonly hasLanguage: boolean;
  /** Those of the conditions (`OriginCondition.text`) that are met. */
  readonly origins: readonly string[];
}

interface ConditionalMove {
  readonly pattern: PathPattern;
  readonly conditions: Conditions | null;
}

const LANGUAGE_MARK = ";";
const ORIGIN_MARK = "@";

/** What moves need to know of a request for `path`; null where the path suffices. */
export function factsFor(
  moves: readonly ConditionalMove[],
  path: readonly string[],
  { query, acceptLanguage, origin }: Asked,
): Facts | null {
  const asking = moves.filter(({ conditions, pattern }) => conditions !== null && matchPath(pattern, path) !== null);
  if (asking.length === 0) return null;
  const names = new Set(asking.flatMap(({ conditions }) => conditions!.parameters.map(({ name }) => name)));
  const sent = new URLSearchParams(query);
  const pairs = [...names].sort().flatMap((name): [string, string][] => {
    const value = sent.get(name);
    return value === null ? [] : [[name, value]];
  });
  const hasLanguage = asking.some(({ conditions }) => conditions!.languages.length > 0);
  const language = hasLanguage ? LANGUAGE_MARK + preferredLanguage(acceptLanguage ?? "") : "";
  const origins = asking
    .flatMap(({ conditions }) => conditions!.origin ?? [])
    .filter((one) => isForOrigin(one, origin));
  const named = [...new Set(origins.map(({ text }) => ORIGIN_MARK + text))].sort().join("");
  return factsOfText(new URLSearchParams(pairs).toString() + language + named);
}

/** The facts of which this is the text. */
export function factsOfText(text: string): Facts {
  const [beforeOrigins = "", ...origins] = text.split(ORIGIN_MARK);
  const [parameters = "", language] = beforeOrigins.split(LANGUAGE_MARK);
  return {
    text,
    parameters: new Map(new URLSearchParams(parameters)),
    language: language ?? "",
    hasLanguage: language !== undefined,
    origins,
  };
}

/** What the conditions capture of a request; null where they are not met. */
export function meet({ parameters, languages, origin }: Conditions, facts: Facts | undefined): Remembered | null {
  if (origin !== null && facts?.origins.includes(origin.text) !== true) return null;
  const remembered: Record<string, string> = {};
  for (const { name, value, placeholder } of parameters) {
    const sent = facts?.parameters.get(name);
    if (sent === undefined || (value !== null && value !== sent)) return null;
    if (placeholder === "") continue;
    if (!isSegment(sent)) return null;
    remembered[placeholder] = sent;
  }
  if (languages.length > 0 && !languages.some((language) => isSpokenBy(language, facts?.language ?? ""))) return null;
  return remembered;
}

/** One segment of a path, as request-path.ts lets them through. */
function isSegment(text: string): boolean {
  return text !== "" && text !== "." && text !== ".." && !/[/\0]/.test(text) && !text.includes("\ufffd");
}

/** `de` matches a client that prefers `de-AT` (RFC 4647 §3.3.1). */
function isSpokenBy(language: string, preferred: string): boolean {
  return preferred === language || preferred.startsWith(`${language}-`);
}

/** The language range of the greatest weight, the first of equals (RFC 9110 §12.5.4); "" for none. */
function preferredLanguage(acceptLanguage: string): string {
  let best = "";
  let bestWeight = 0;
  for (const item of acceptLanguage.split(",")) {
    const match = /^\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?$/i.exec(item);
    const weight = match === null ? 0 : Number(match[2] ?? 1);
    if (weight <= bestWeight) continue;
    best = match![1]!.toLowerCase();
    bestWeight = weight;
  }
  return best;
}
