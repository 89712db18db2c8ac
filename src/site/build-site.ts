/**
 * From settings to the site: its hosts with their rules compiled, their roots entered, their error pages found.
 *
 * In:    settings, and the worker's cache.
 * Out:   the site; notes about problems that are no reason not to serve; advice where all is as configured.
 * Keeps: all reading of configuration and of `_redirects` and `_headers` happens here, once, before the first request.
 * Fails: SiteError when a root can't be entered: one line that says what to do. Where others serve the same settings already,
 *        the root is
 *        expected to come back: what a deployment moves away for a moment must not end a server.
 */
import { ResponseCache } from "../cache/response-cache.ts";
import type { Settings } from "../config/settings.ts";
import { closeSync, existsSync, readFileSync } from "node:fs";
import { FileKind, FileStatus } from "../sys/file-status.ts";
import { errnoName } from "../sys/errno.ts";
import { Coder } from "./coding/coder.ts";
import type { Entry } from "./entry.ts";
import { ErrorPages } from "./error-pages.ts";
import { ErrorReplies } from "./error-replies.ts";
import { Gatekeeper } from "./gatekeeper.ts";
import { HostTable } from "./host-table.ts";
import { type DocumentRoot, documentRootAt, documentRootToCome, joinRoot, openBelowSync } from "./open-below.ts";
import { firstGuard } from "./rules/guard.ts";
import { compileHost, type HostRules, type NetlifyTexts, NOT_FOUND_PAGE } from "./rules/host-rules.ts";
import { HEADERS_FILE } from "./rules/netlify-headers.ts";
import { REDIRECTS_FILE } from "./rules/netlify-redirects.ts";
import { Site } from "./site.ts";
import { lackOfStartPage } from "./start-page.ts";
import { VirtualHost, type VirtualHostOptions } from "./virtual-host.ts";

/** A larger file is not taken for a rule file. */
const RULE_FILE_OCTETS_MAX = 1024 * 1024;

/** How many of the slow path's places password checks may take, so that some remain for files. */
const VERIFICATIONS_SHARE = 0.5;

/** The site can't be served as it is configured. */
export class SiteError extends Error {
  override readonly name = "SiteError";
}

/** One host, as its settings and the files in its root define it. `saker explain` and the lints use it too. */
export interface HostParts {
  /** Its first name; "" for the site outside of virtual hosts. */
  readonly name: string;
  readonly names: readonly string[];
  readonly options: VirtualHostOptions;
  readonly rules: HostRules;
  readonly pages: ErrorPages;
  readonly notes: readonly string[];
}

export interface BuiltSite {
  readonly site: Site;
  /** Replies of the default host, used while the host of a request isn't known yet. */
  readonly errors: ErrorReplies;
  /** Content coding of all hosts' files. */
  readonly coder: Coder;
  readonly notes: readonly string[];
  /** What is as configured, and perhaps not as expected. */
  readonly advice: readonly string[];
  /** As configured. */
  readonly rootsMissing: ReadonlySet<string>;
}

/** A cache with the budgets of the settings. */
export function cacheFor({ cache_size_mb, compression }: Settings): ResponseCache<Entry> {
  const octets = cache_size_mb * 1024 * 1024;
  return new ResponseCache<Entry>(octets, (octets * compression.cache_share_percent) / 100);
}

/** `codingCounts`: where content coding counts its work (coding/coding-counts.ts). */
export function buildSite(
  settings: Settings,
  cache: ResponseCache<Entry>,
  codingCounts?: Float64Array,
  mayLackRoots = false,
): BuiltSite {
  const rootsMissing = mayLackRoots ? new Set<string>() : null;
  const coder = new Coder(settings.compression, settings.max_cached_file_kb * 1024, cache, codingCounts);
  const [outer, ...others] = hostsOf(settings, rootsMissing);
  const gatekeeper = new Gatekeeper(Math.max(1, Math.floor(settings.threads_per_worker * VERIFICATIONS_SHARE)));
  const defaultHost = hostFrom(outer!, cache, coder, gatekeeper);
  const named = others.map((parts): [HostParts, VirtualHost] => [
    parts,
    hostFrom(parts, cache.another(), coder, gatekeeper).host,
  ]);
  const names = named.flatMap(([parts, host]) => parts.names.map((name) => [name, host] as const));
  const table = names.length === 0 ? null : new HostTable<VirtualHost>(names);
  const refused = settings.unknown_host === "default" ? null : settings.unknown_host;
  const notes = [outer!, ...others].flatMap((parts) => parts.notes);
  const site = new Site(defaultHost.host, table, refused);
  const advice = (rootsMissing?.size ?? 0) > 0 ? [] : [outer!, ...others].flatMap(adviceFor);
  return { site, errors: defaultHost.errors, coder, notes, advice, rootsMissing: rootsMissing ?? new Set() };
}

/** Every host's parts, the default host first. `rootsMissing` gets the roots that aren't there; without it that is an error. */
export function hostsOf(settings: Settings, rootsMissing: Set<string> | null = null): HostParts[] {
  const indices = [null, ...settings.virtual_host.keys()];
  return indices.map((index) => partsOf(settings, index, rootsMissing));
}

function adviceFor({ name, options }: HostParts): string[] {
  const lack = lackOfStartPage(options);
  if (lack === null) return [];
  return [`${name === "" ? "" : `${name}: `}${lack}; --directory-listing shows what is there`];
}

function hostFrom(
  { options, rules, pages }: HostParts,
  cache: ResponseCache<Entry>,
  coder: Coder,
  gatekeeper: Gatekeeper,
): { host: VirtualHost; errors: ErrorReplies } {
  const own = rules.errorPages.size === 0 && rules.moves.every(({ action }) => action.kind !== "fail") ? null : pages;
  const errors = new ErrorReplies(options.serverField, rules.securityEdits, own, coder);
  return { host: new VirtualHost({ ...options, coder }, cache, errors, gatekeeper), errors };
}

function partsOf(settings: Settings, index: number | null, rootsMissing: Set<string> | null): HostParts {
  const own = index === null ? null : settings.virtual_host[index]!;
  const name = own?.names[0] ?? "";
  const root = enterRoot(own?.root ?? settings.document_root, name, rootsMissing);
  const notes: string[] = [];
  const note = (text: string): number => notes.push(name === "" ? text : `${name}: ${text}`);
  const texts = (own?.netlify_files ?? settings.netlify_files) ? readRuleFiles(root, settings, note) : undefined;
  const compiled = compileHost(settings, index, texts);
  compiled.notes.forEach(note);
  const { rules } = compiled;
  const pages = pagesOf(settings, root, rules);
  for (const [status, path] of pages.missing()) {
    // An inherited one need not exist in every root.
    const isOwn = index === null || rules.errorPages.get(status)!.because.path.length > 2;
    if (isOwn) note(`error page ${path} for ${status} can't be read: the default page is used`);
  }
  return { name, names: own?.names ?? [], options: optionsOf(settings, name, root, rules), rules, pages, notes };
}

function pagesOf(settings: Settings, root: DocumentRoot, rules: HostRules): ErrorPages {
  const paths = [...rules.errorPages].map(([status, { value }]): [number, string] => [status, value]);
  const options = { root, followSymlinks: settings.follow_symlinks, revalidateMs: settings.cache_revalidate_ms };
  return new ErrorPages(options, new Map(paths));
}

function optionsOf(settings: Settings, name: string, root: DocumentRoot, rules: HostRules): VirtualHostOptions {
  return {
    name,
    root,
    rules,
    followSymlinks: settings.follow_symlinks,
    cachedFileOctetsMax: settings.max_cached_file_kb * 1024,
    mediaTypes: settings.media_types,
    serverField: settings.server_header,
    dotfiles: settings.dotfiles,
    revalidateMs: settings.cache_revalidate_ms,
    // A listing doesn't show paths that are denied.
    isShown: (filePath) => firstGuard(rules.denials, filePath) === null,
  };
}

function enterRoot(path: string, host: string, missing: Set<string> | null): DocumentRoot {
  try {
    return documentRootAt(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (missing !== null) {
      if (code === "ENOENT" || code === "ENOTDIR") missing.add(path);
      return documentRootToCome(path);
    }
    const whose = host === "" ? "document root" : `root of virtual host "${host}"`;
    const reason =
      code === "ENOENT" ? "does not exist" : code === "EACCES" ? "can't be entered by this user" : `: ${code}`;
    throw new SiteError(`${whose} ${path} ${reason}`, { cause: error });
  }
}

function readRuleFiles(root: DocumentRoot, settings: Settings, note: (text: string) => void): NetlifyTexts {
  const read = (name: string): string | null => {
    const status = new FileStatus();
    const fd = openBelowSync(root, `/${name}`, settings.follow_symlinks, status);
    if (fd < 0) {
      if (errnoName(-fd) !== "ENOENT") note(`${name} can't be read: ${errnoName(-fd)}`);
      return null;
    }
    try {
      if (status.kind === FileKind.File && status.size <= RULE_FILE_OCTETS_MAX) return readFileSync(fd, "utf8");
      note(`${name} is not a regular file of at most ${RULE_FILE_OCTETS_MAX} octets and is ignored`);
      return null;
    } finally {
      closeSync(fd);
    }
  };
  const hasNotFoundPage = existsSync(joinRoot(root, NOT_FOUND_PAGE));
  return { redirects: read(REDIRECTS_FILE), headers: read(HEADERS_FILE), hasNotFoundPage };
}
