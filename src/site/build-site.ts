/**
 * From settings to the site: its hosts with their rules compiled, their roots entered, their error pages found.
 *
 * In:    settings, and the worker's cache.
 * Out:   the site; notes about problems that are no reason not to serve.
 * Keeps: all reading of configuration and of `_redirects` and `_headers` happens here, once, before the first request.
 * Fails: SiteError when a root can't be entered, or when a line about a password is not understood: one line that says what to do.
 *        Where others serve the same settings already, the root is expected to come back, and a host with such a line is shut: what
 *        a deployment moves away for a moment, or has not yet written whole, must not end a server.
 */
import { ResponseCache } from "../cache/response-cache.ts";
import type { Settings } from "../config/settings.ts";
import { closeSync, existsSync, readFileSync } from "node:fs";
import { FileKind, FileStatus } from "../sys/file-status.ts";
import { Errno, errnoName } from "../sys/errno.ts";
import { Coder } from "./coding/coder.ts";
import type { Entry } from "./entry.ts";
import { ErrorPages } from "./error-pages.ts";
import { ErrorReplies } from "./error-replies.ts";
import { Gatekeeper } from "./gatekeeper.ts";
import { HostTable } from "./host-table.ts";
import { type DocumentRoot, documentRootAt, documentRootToCome, joinRoot, openBelowSync } from "./open-below.ts";
import { firstGuard } from "./rules/guard.ts";
import { compileHost, type HostRules, type NetlifyTexts, NOT_FOUND_PAGE, shutRules } from "./rules/host-rules.ts";
import { HEADERS_FILE } from "./rules/netlify-headers.ts";
import { REDIRECTS_FILE } from "./rules/netlify-redirects.ts";
import { decodeRuleText } from "./rules/rule-text.ts";
import { Site } from "./site.ts";
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
  /** Every host, as its settings and files define it; the default host first. */
  readonly hosts: readonly HostParts[];
  readonly notes: readonly string[];
  /** As configured. */
  readonly rootsMissing: ReadonlySet<string>;
}

/** A cache with the budgets of the settings. */
export function cacheFor({ cache_size_mb, compression }: Settings): ResponseCache<Entry> {
  const octets = cache_size_mb * 1024 * 1024;
  return new ResponseCache<Entry>(octets, (octets * compression.cache_share_percent) / 100);
}

/**
 * `codingCounts`: where content coding counts its work (coding/coding-counts.ts). `warn`: takes what is noticed about files later.
 */
export function buildSite(
  settings: Settings,
  cache: ResponseCache<Entry>,
  codingCounts?: Float64Array,
  mayLackRoots = false,
  warn?: (message: string) => void,
): BuiltSite {
  const rootsMissing = mayLackRoots ? new Set<string>() : null;
  const cachedFileOctetsMax = settings.max_cached_file_kb * 1024;
  const coder = new Coder(settings.compression, cachedFileOctetsMax, cache, codingCounts, undefined, warn);
  const hosts = hostsOf(settings, rootsMissing);
  const [outer, ...others] = hosts;
  const gatekeeper = new Gatekeeper(Math.max(1, Math.floor(settings.threads_per_worker * VERIFICATIONS_SHARE)));
  const defaultHost = hostFrom(outer!, cache, coder, gatekeeper);
  const named = others.map((parts): [HostParts, VirtualHost] => [
    parts,
    hostFrom(parts, cache.another(), coder, gatekeeper).host,
  ]);
  const names = named.flatMap(([parts, host]) => parts.names.map((name) => [name, host] as const));
  const table = names.length === 0 ? null : new HostTable<VirtualHost>(names);
  const refused = settings.unknown_host === "default" ? null : settings.unknown_host;
  const notes = hosts.flatMap((parts) => parts.notes);
  const site = new Site(defaultHost.host, table, refused);
  return { site, errors: defaultHost.errors, coder, hosts, notes, rootsMissing: rootsMissing ?? new Set() };
}

/** Every host's parts, the default host first. `rootsMissing` gets the roots that aren't there; without it that is an error. */
export function hostsOf(settings: Settings, rootsMissing: Set<string> | null = null): HostParts[] {
  const indices = [null, ...settings.virtual_host.keys()];
  return indices.map((index) => partsOf(settings, index, rootsMissing));
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
  const files = (own?.netlify_files ?? settings.netlify_files) ? readRuleFiles(root, settings, note) : null;
  const compiled = compileHost(settings, index, files?.texts);
  compiled.notes.forEach(note);
  const faults = [...(files?.faults ?? []), ...compiled.faults].map((fault) =>
    name === "" ? fault : `${name}: ${fault}`,
  );
  const isShut = faults.length > 0;
  if (isShut && rootsMissing === null) throw new SiteError(shutBecause(faults));
  if (isShut) note(`${shutBecause(faults)}; until that is mended, no password is right`);
  const rules = isShut ? shutRules(compiled.rules) : compiled.rules;
  const pages = pagesOf(settings, root, rules);
  for (const [status, path] of pages.missing()) {
    // An inherited one need not exist in every root.
    const isOwn = index === null || rules.errorPages.get(status)!.because.path.length > 2;
    if (isOwn) note(`error page ${path} for ${status} can't be read: the default page is used`);
  }
  return { name, names: own?.names ?? [], options: optionsOf(settings, name, root, rules), rules, pages, notes };
}

function shutBecause(faults: readonly string[]): string {
  const more = faults.length === 1 ? "" : ` (and ${faults.length - 1} more)`;
  return `${faults[0]}; what it guards would be open${more}`;
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
    cacheField: settings.cache_field,
    dotfiles: settings.dotfiles,
    isBehindProxy: settings.trusted_proxies.length > 0,
    revalidateMs: settings.cache_revalidate_ms,
    // A listing doesn't show paths that are denied.
    isShown: (filePath) => firstGuard(rules.denials, filePath, rules.pageSuffixes) === null,
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

interface RuleFiles {
  readonly texts: NetlifyTexts;
  /** `_headers` is there, and what passwords it asks for can't be known. */
  readonly faults: readonly string[];
}

function readRuleFiles(root: DocumentRoot, settings: Settings, note: (text: string) => void): RuleFiles {
  const faults: string[] = [];
  const redirects = readRuleFile(root, REDIRECTS_FILE, settings, (problem) => note(`${problem} and is ignored`));
  const headers = readRuleFile(root, HEADERS_FILE, settings, (problem) => faults.push(problem));
  const hasNotFoundPage = existsSync(joinRoot(root, NOT_FOUND_PAGE));
  return { texts: { redirects, headers, hasNotFoundPage }, faults };
}

/** Null where there is no such file, or a problem. */
function readRuleFile(
  root: DocumentRoot,
  name: string,
  { follow_symlinks }: Settings,
  onProblem: (problem: string) => void,
): string | null {
  const status = new FileStatus();
  const fd = openBelowSync(root, `/${name}`, follow_symlinks, status);
  if (fd < 0) {
    if (-fd !== Errno.ENOENT) onProblem(`${name} can't be read (${errnoName(-fd)})`);
    return null;
  }
  try {
    if (status.kind === FileKind.File && status.size <= RULE_FILE_OCTETS_MAX) return decodeRuleText(readFileSync(fd));
    onProblem(`${name} is not a regular file of at most ${RULE_FILE_OCTETS_MAX} octets`);
    return null;
  } finally {
    closeSync(fd);
  }
}
