/**
 * All rules of one host, compiled once at start into data that the plan of a path (plan.ts) is made from.
 *
 * In:    the settings, which virtual host (null: the site outside of them), and the text of its `_redirects` and `_headers`.
 * Out:   `HostRules`; notes about lines of those files that are ignored.
 * Keeps: what a virtual host inherits:
 *          guards, fields, caching, CORS, error pages, index, listings and spelling of paths   yes, behind its own
 *          redirects, rewrites, `try_files`, `spa_fallback`                          no: they are about one folder
 *        The order of precedence is the order of each list.
 */
import type { Settings } from "../../config/settings.ts";
import { type Because, becauseOf } from "./because.ts";
import { type CacheRule, compileCache } from "./cache-rule.ts";
import { compileCors, type CorsRule } from "./cors-rule.ts";
import { type FieldEdit, NO_EDITS } from "./field-edit.ts";
import { type AuthRule, compileAuth, compileDeny, type DenyRule } from "./guard.ts";
import { compileHeader, type HeaderRule } from "./header-rule.ts";
import { compileRedirect, compileRewrite, type Move } from "./move.ts";
import { HEADERS_FILE, parseNetlifyHeaders } from "./netlify-headers.ts";
import { parseNetlifyRedirects, REDIRECTS_FILE } from "./netlify-redirects.ts";
import { securityEdits } from "./security-fields.ts";

export type HostSettings = Settings["virtual_host"][number];

/** A value, and what set it. */
export interface Reasoned<T> {
  readonly value: T;
  readonly because: Because;
}

export interface HostRules {
  readonly denials: readonly DenyRule[];
  readonly guards: readonly AuthRule[];
  readonly moves: readonly Move[];
  /** Some move depends on more than the path. */
  readonly hasConditions: boolean;
  /** Weakest first. */
  readonly securityEdits: readonly FieldEdit[];
  readonly caches: readonly CacheRule[];
  readonly headers: readonly HeaderRule[];
  readonly cors: CorsRule | null;
  readonly index: Reasoned<readonly string[]>;
  readonly directoryListing: Reasoned<boolean>;
  readonly cleanUrls: Reasoned<boolean>;
  readonly trailingSlash: Reasoned<Settings["trailing_slash"]>;
  /** What a path has behind it in the path of a file that answers it: `.html`, `/index.html`. */
  readonly pageSuffixes: readonly string[];
  readonly encodedSlashes: Reasoned<Settings["encoded_slashes"]>;
  readonly tryFiles: Reasoned<readonly string[]>;
  readonly spaFallback: Reasoned<string | null>;
  readonly errorPages: ReadonlyMap<number, Reasoned<string>>;
  /** Whether a `404.html` in the root is shown where nothing is found (not-found-page.ts). */
  readonly notFoundPage: Reasoned<boolean>;
  /** Whether `_redirects` and `_headers` in the root are obeyed. */
  readonly netlifyFiles: Reasoned<boolean>;
}

/** The Netlify files in a host's root; null where there is no such file. */
export interface NetlifyTexts {
  readonly redirects: string | null;
  readonly headers: string | null;
}

export interface CompiledHost {
  readonly rules: HostRules;
  readonly notes: readonly string[];
  /** Lines about passwords that are not understood: what they were to guard is not to be served. */
  readonly faults: readonly string[];
}

const NO_TEXTS: NetlifyTexts = { redirects: null, headers: null };

/** What turns CORS on. */
const CORS = ["cors", "allowed_origins"] as const;

/** `host`: index into `virtual_host`, or null. `texts` matter only if `netlify_files` is on. */
export function compileHost(settings: Settings, host: number | null, texts: NetlifyTexts = NO_TEXTS): CompiledHost {
  const own = host === null ? null : settings.virtual_host[host]!;
  const at = host === null ? [] : ["virtual_host", host];
  const reasoned = reasonedFor(settings, own, at);
  const netlify = reasoned("netlify_files");
  const redirects = parseNetlifyRedirects((netlify.value && texts.redirects) || "");
  const headers = parseNetlifyHeaders((netlify.value && texts.headers) || "", settings.request_id === "send");
  const security = reasoned("security_headers");
  const layers = layersOf(settings, own, at);
  const base = own ?? settings;
  const rules: HostRules = {
    denials: [...(netlify.value ? hiddenFiles(netlify.because) : []), ...eachRule(layers, "deny_path", compileDeny)],
    guards: [...eachRule(layers, "basic_auth", compileAuth), ...headers.guards],
    moves: [
      ...base.redirect.map((rule, index) => compileRedirect(rule, becauseOf(...at, "redirect", index))),
      ...base.rewrite.map((rule, index) => compileRewrite(rule, becauseOf(...at, "rewrite", index))),
      ...redirects.moves,
    ],
    hasConditions: redirects.moves.some(({ conditions }) => conditions !== null),
    securityEdits: security.value ? securityEdits(security.because) : NO_EDITS,
    caches: eachRule(layers, "cache", compileCache),
    headers: [...headers.rules, ...headerRules(layers)],
    cors: own?.cors ? compileCors(own.cors, becauseOf(...at, ...CORS)) : compileCors(settings.cors, becauseOf(...CORS)),
    index: reasoned("index"),
    directoryListing: reasoned("directory_listing"),
    cleanUrls: reasoned("clean_urls"),
    trailingSlash: reasoned("trailing_slash"),
    pageSuffixes: pageSuffixes(base.try_files, reasoned("clean_urls").value, reasoned("index").value),
    encodedSlashes: reasoned("encoded_slashes"),
    tryFiles: { value: base.try_files, because: becauseOf(...at, "try_files") },
    spaFallback: { value: base.spa_fallback, because: becauseOf(...at, "spa_fallback") },
    errorPages: errorPagesOf(layers),
    notFoundPage: reasoned("not_found_page"),
    netlifyFiles: netlify,
  };
  return { rules, notes: [...redirects.notes, ...headers.notes], faults: headers.faults };
}

function pageSuffixes(tryFiles: readonly string[], cleanUrls: boolean, index: readonly string[]): string[] {
  const items = tryFiles.length > 0 ? tryFiles : ["{path}", ...(cleanUrls ? ["{path}.html"] : []), "{path}/"];
  return items.flatMap((item) => {
    const suffix = item.startsWith("{path}") ? item.slice("{path}".length) : "";
    if (suffix === "") return [];
    return suffix.endsWith("/") ? index.map((name) => suffix + name) : [suffix];
  });
}

type Inherited =
  | "index"
  | "directory_listing"
  | "clean_urls"
  | "trailing_slash"
  | "encoded_slashes"
  | "security_headers"
  | "netlify_files"
  | "not_found_page";

/** The host's own value of a setting, or the inherited one. */
function reasonedFor(settings: Settings, own: HostSettings | null, at: readonly (string | number)[]) {
  return <Name extends Inherited>(name: Name): Reasoned<Settings[Name]> => {
    const value = own?.[name] ?? null;
    if (value === null) return { value: settings[name], because: becauseOf(name) };
    return { value: value as unknown as Settings[Name], because: becauseOf(...at, name) };
  };
}

type Rules = Pick<HostSettings, "deny_path" | "basic_auth" | "cache" | "header" | "error_pages">;

/** Rules and where they stand: the host's own, then the inherited ones. */
type Layer = { readonly rules: Rules; readonly at: readonly (string | number)[] };

function layersOf(settings: Settings, own: HostSettings | null, at: readonly (string | number)[]): Layer[] {
  const outer: Layer = { rules: settings, at: [] };
  return own === null ? [outer] : [{ rules: own, at }, outer];
}

function eachRule<Name extends "deny_path" | "basic_auth" | "cache", Compiled>(
  layers: readonly Layer[],
  name: Name,
  compile: (rule: Rules[Name][number], because: Because) => Compiled,
): Compiled[] {
  return layers.flatMap(({ rules, at }) =>
    (rules[name] as readonly Rules[Name][number][]).map((rule, index) => compile(rule, becauseOf(...at, name, index))),
  );
}

/** The later wins, so the inherited ones come first. */
function headerRules(layers: readonly Layer[]): HeaderRule[] {
  return layers
    .toReversed()
    .flatMap(({ rules, at }) =>
      rules.header.map((rule, index) =>
        compileHeader(rule, (...inside) => becauseOf(...at, "header", index, ...inside)),
      ),
    );
}

function errorPagesOf(layers: readonly Layer[]): Map<number, Reasoned<string>> {
  const pages = layers
    .toReversed()
    .flatMap(({ rules, at }) =>
      Object.entries(rules.error_pages).map(([status, value]): [number, Reasoned<string>] => [
        Number(status),
        { value, because: becauseOf(...at, "error_pages", status) },
      ]),
    );
  return new Map(pages);
}

/** They hold rules, and perhaps passwords. */
function hiddenFiles(because: Because): DenyRule[] {
  return [REDIRECTS_FILE, HEADERS_FILE].map((name) => compileDeny({ path: `/${name}`, status: 404 }, because));
}
