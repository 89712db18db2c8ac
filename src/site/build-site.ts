/**
 * From settings to the site: its hosts with their rules compiled, their roots entered, their error pages found.
 *
 * In:    settings, and the worker's cache.
 * Out:   the site; notes about problems that are no reason not to serve; advice where all is as configured.
 * Keeps: all reading of configuration happens here, once, before the first request.
 * Fails: SiteError when a root can't be entered, or when what a file in it asks a password for can't be known: one line that says
 *        what to do. Where others serve the same settings already, the root is expected to come back: what a deployment moves
 *        away for a moment must not end a server.
 */
import { ResponseCache } from "../cache/response-cache.ts";
import { type OwnFile, ownFilesOf } from "../config/own-files.ts";
import type { Settings } from "../config/settings.ts";
import type { CodingCounts } from "./coding/coding-counts.ts";
import { Coder } from "./coding/coder.ts";
import type { Entry } from "./entry/entry.ts";
import { ErrorPages } from "./represent/error-pages.ts";
import { ErrorReplies } from "./represent/error-replies.ts";
import { Gatekeeper } from "./gatekeeper.ts";
import { HostTable } from "./host-table.ts";
import type { LookupWork } from "./lookup.ts";
import { type DocumentRoot, documentRootAt, documentRootToCome } from "./load/open-below.ts";
import { type LoadReport, Places } from "./places.ts";
import { firstGuard } from "./rules/guard.ts";
import { compileHost, type HostRules } from "./rules/host-rules.ts";
import { readRuleFiles, type RuleFiles, type RuleFilesByRoot } from "./rule-files.ts";
import { HEADERS_FILE } from "./rules/netlify-headers.ts";
import { REDIRECTS_FILE } from "./rules/netlify-redirects.ts";
import { notFoundPageFor } from "./rules/not-found-page.ts";
import type { FieldEdits } from "./rules/field-edit.ts";
import { rulesForHttps, strictTransportEdits } from "./rules/strict-transport.ts";
import { SharedWork } from "./shared-work.ts";
import { Site } from "./site.ts";
import { lackOfStartPage } from "./start-page.ts";
import { VirtualHost, type VirtualHostOptions } from "./virtual-host.ts";
import { unobeyedFiles } from "./unobeyed-files.ts";
import { describeOwnFilesIn, WithheldFiles } from "./withheld-files.ts";

/** A file with more lines that are not obeyed is not what it seems to be. */
const RULE_NOTES_MAX = 50;

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
  /** What answers requests by HTTPS: the same, unless responses by HTTPS have a field more. */
  readonly secureSite: Site;
  /** Replies of the default host, used while the host of a request isn't known yet. */
  readonly errors: ErrorReplies;
  /** Content coding of all hosts' files. */
  readonly coder: Coder;
  /** Every host, as its settings and files define it; the default host first. */
  readonly hosts: readonly HostParts[];
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

/** What settings alone don't say. */
export interface SiteSurroundings {
  /** The server's own files; absent: those that the settings name. */
  readonly ownFiles?: readonly OwnFile[];
  /** The rules in roots that all workers of a generation obey; absent: those that are there now. */
  readonly ruleFiles?: RuleFilesByRoot;
  /** Roots may be missing. */
  readonly mayLackRoots?: boolean;
  /** Takes what is noticed about files later. */
  readonly warn?: (message: string) => void;
  /** Told of the work of loading. */
  readonly report?: LoadReport;
  /** The monotonic clock, in milliseconds. */
  readonly now?: () => number;
}

const NO_REPORT: LoadReport = { admitted() {}, rejected() {}, occupied() {}, loaded() {} };

/** `codingCounts`: where content coding counts its work (coding/coding-counts.ts). */
export function buildSite(
  settings: Settings,
  cache: ResponseCache<Entry>,
  surroundings: SiteSurroundings = {},
  codingCounts?: CodingCounts,
): BuiltSite {
  const rootsMissing = new Set<string>();
  const cachedFileOctetsMax = settings.max_cached_file_kb * 1024;
  const { compression } = settings;
  const coder = new Coder(compression, cachedFileOctetsMax, cache, codingCounts, undefined, surroundings.warn);
  const hosts = hostsOf(settings, surroundings, rootsMissing);
  const work = workFor(settings, cache, coder, surroundings);
  const { errors, site } = siteOf(settings, hosts, cache, work);
  // Where others serve these settings already, it has been said.
  const own = surroundings.mayLackRoots ? [] : noteOwnFiles(hosts, ownFilesFor(settings, surroundings));
  const notes = [...hosts.flatMap((parts) => parts.notes), ...own];
  const edits = strictTransportEdits(settings);
  const secureSite =
    edits.length === 0 ? site : siteOf(settings, withEdits(hosts, edits), cache.another(), anew(work)).site;
  const advice = surroundings.mayLackRoots ? [] : hosts.flatMap(adviceFor);
  return { site, secureSite, errors, coder, hosts, notes, advice, rootsMissing };
}

/** The site of hosts whose entries are kept in `cache` and others that share its budgets. */
function siteOf(
  settings: Settings,
  [outer, ...others]: readonly HostParts[],
  cache: ResponseCache<Entry>,
  work: LookupWork,
): { readonly site: Site; readonly errors: ErrorReplies } {
  const { coder, gatekeeper } = work;
  const defaultHost = hostFrom(outer!, cache, coder, gatekeeper);
  const named = others.map((parts): [HostParts, VirtualHost] => [
    parts,
    hostFrom(parts, cache.another(), coder, gatekeeper).host,
  ]);
  const names = named.flatMap(([parts, host]) => parts.names.map((name) => [name, host] as const));
  const table = names.length === 0 ? null : new HostTable<VirtualHost>(names);
  const refused = settings.unknown_host === "default" ? null : settings.unknown_host;
  return { site: new Site(defaultHost.host, table, refused, work), errors: defaultHost.errors };
}

/** The hosts for requests by HTTPS. */
function withEdits(hosts: readonly HostParts[], edits: FieldEdits): HostParts[] {
  return hosts.map((parts) => {
    const rules = rulesForHttps(parts.rules, edits);
    return { ...parts, rules, options: { ...parts.options, rules } };
  });
}

/** For hosts of the same names that answer otherwise: nothing that is under way for one is for the other. */
function anew(work: LookupWork): LookupWork {
  const { places } = work;
  return { ...work, loads: new SharedWork(places), codings: new SharedWork(places) };
}

/** What the lookups of all hosts share. */
function workFor(
  settings: Settings,
  cache: ResponseCache<Entry>,
  coder: Coder,
  { now = () => performance.now(), report = NO_REPORT }: SiteSurroundings,
): LookupWork {
  const { queue_size, threads_per_worker } = settings;
  const places = new Places(threads_per_worker, queue_size, report);
  const verificationsMax = Math.max(1, Math.floor(threads_per_worker * VERIFICATIONS_SHARE));
  return {
    gatekeeper: new Gatekeeper(verificationsMax, places),
    coder,
    places,
    loads: new SharedWork(places),
    codings: new SharedWork(places),
    isShared: !cache.isOff,
    now,
  };
}

/** Every host's parts, the default host first. `rootsMissing` gets the roots that aren't there, where they may be missing. */
export function hostsOf(
  settings: Settings,
  surroundings: SiteSurroundings = {},
  rootsMissing: Set<string> = new Set(),
): HostParts[] {
  const indices = [null, ...settings.virtual_host.keys()];
  const roots = indices.map((index) => rootOf(settings, index, surroundings.mayLackRoots ? rootsMissing : null));
  const withheld = new WithheldFiles(
    ownFilesFor(settings, surroundings),
    roots.map(({ path }) => path),
  );
  const ruleFiles = surroundings.ruleFiles ?? readRuleFiles(settings);
  return indices.map((index, at) => partsOf(settings, index, { ...roots[at]!, withheld }, ruleFiles));
}

/** At most one line: which of the server's own files lie where they would be served. */
export function noteOwnFiles(hosts: readonly HostParts[], ownFiles: readonly OwnFile[]): string[] {
  const line = describeOwnFilesIn(
    hosts.map(({ options }) => options.root.path),
    ownFiles,
  );
  return line === "" ? [] : [line];
}

function ownFilesFor(settings: Settings, { ownFiles }: SiteSurroundings): readonly OwnFile[] {
  return ownFiles ?? ownFilesOf(settings, []);
}

function adviceFor({ name, options }: HostParts): string[] {
  const lack = lackOfStartPage(options);
  const files = unobeyedFiles(options);
  return [
    ...(lack === null ? [] : [`${lack}; --directory-listing shows what is there`]),
    ...(files === null ? [] : [`${files}; --netlify-files turns it on`]),
  ].map((hint) => `${name === "" ? "" : `${name}: `}${hint}`);
}

function hostFrom(
  { options, rules, pages }: HostParts,
  cache: ResponseCache<Entry>,
  coder: Coder,
  gatekeeper: Gatekeeper,
): { host: VirtualHost; errors: ErrorReplies } {
  const hasOwn = rules.notFoundPage.value || rules.errorPages.size > 0;
  const own = hasOwn || rules.moves.some(({ action }) => action.kind === "fail") ? pages : null;
  const errors = new ErrorReplies(options.serverField, rules.securityEdits, own, coder);
  return { host: new VirtualHost({ ...options, coder }, cache, errors, gatekeeper), errors };
}

function rootOf(settings: Settings, index: number | null, missing: Set<string> | null): DocumentRoot {
  const name = index === null ? "" : settings.virtual_host[index]!.names[0]!;
  return enterRoot(rootNameOf(settings, index), name, missing);
}

/** As configured. */
function rootNameOf(settings: Settings, index: number | null): string {
  return (index === null ? null : settings.virtual_host[index]!.root) ?? settings.document_root;
}

function partsOf(settings: Settings, index: number | null, root: DocumentRoot, ruleFiles: RuleFilesByRoot): HostParts {
  const own = index === null ? null : settings.virtual_host[index]!;
  const name = own?.names[0] ?? "";
  const notes: string[] = [];
  const note = (text: string): number => notes.push(name === "" ? text : `${name}: ${text}`);
  const obeysFiles = own?.netlify_files ?? settings.netlify_files;
  const files = obeysFiles ? ruleFiles[rootNameOf(settings, index)] : undefined;
  if (files !== undefined) noteProblems(files, root, note);
  const compiled = compileHost(settings, index, files);
  compiled.notes.slice(0, RULE_NOTES_MAX).forEach(note);
  const unsaid = compiled.notes.length - RULE_NOTES_MAX;
  if (unsaid > 0) note(`${HEADERS_FILE} and ${REDIRECTS_FILE}: ${unsaid} more lines are not obeyed`);
  if (compiled.faults.length > 0) throw new SiteError(openBecause(name, compiled.faults));
  const { rules } = compiled;
  const pages = pagesOf(settings, root, rules);
  for (const [status, path] of pages.missing()) {
    // An inherited one need not exist in every root.
    const isOwn = index === null || rules.errorPages.get(status)!.because.path.length > 2;
    if (isOwn) note(`error page ${path} for ${status} can't be read: the default page is used`);
  }
  return { name, names: own?.names ?? [], options: optionsOf(settings, name, root, rules), rules, pages, notes };
}

function openBecause(name: string, faults: readonly string[]): string {
  const more = faults.length === 1 ? "" : ` (and ${faults.length - 1} more)`;
  return `${name === "" ? "" : `${name}: `}${faults[0]}; what it guards would be open${more}`;
}

function pagesOf(settings: Settings, root: DocumentRoot, rules: HostRules): ErrorPages {
  const paths = [...rules.errorPages].map(([status, { value }]): [number, string] => [status, value]);
  const options = { root, followSymlinks: settings.follow_symlinks, revalidateMs: settings.cache_revalidate_ms };
  return new ErrorPages(options, new Map(paths), notFoundPageFor(rules, []));
}

function optionsOf(settings: Settings, name: string, root: DocumentRoot, rules: HostRules): VirtualHostOptions {
  return {
    name,
    root,
    rules,
    followSymlinks: settings.follow_symlinks,
    cachedFileOctetsMax: settings.max_cached_file_kb * 1024,
    mediaTypes: settings.media_types,
    detectsText: settings.detect_text,
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

/** Passwords that can't be read must not be passwords that nobody is asked for. */
function noteProblems({ problems }: RuleFiles, root: DocumentRoot, note: (text: string) => void): void {
  for (const [file, problem] of Object.entries(problems)) {
    if (file === HEADERS_FILE) throw new SiteError(`${root.path}/${file} ${problem}, and it may ask for passwords`);
    note(`${file} ${problem}, and is not obeyed`);
  }
}
