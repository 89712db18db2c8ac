/**
 * `_redirects` and `_headers` in the roots that obey them: read once for all workers of a generation, and watched.
 *
 * In:    settings; who may read.
 * Out:   by root, as configured: both texts, what is wrong where one can't be read, and the versions that were read.
 * Keeps: opened like every file of a site (open-below.ts): no link leads out of the root. What was read is one version of
 *        each file, unless it changes all the time; then its version is one that no look will see. Never throws.
 * Why:   workers that read for themselves would disagree, passwords included, as soon as one is replaced after a change.
 */
import { closeSync, lstatSync, readFileSync, statSync } from "node:fs";
import type { Settings } from "../config/settings.ts";
import { errnoName } from "../sys/errno.ts";
import { FileKind, FileStatus } from "../sys/file-status.ts";
import { type DocumentRoot, documentRootToCome, documentRootAt, joinRoot, openBelowSync } from "./load/open-below.ts";
import type { NetlifyTexts } from "./rules/host-rules.ts";
import { HEADERS_FILE } from "./rules/netlify-headers.ts";
import { REDIRECTS_FILE } from "./rules/netlify-redirects.ts";
import { decodeRuleText } from "./rules/rule-text.ts";

/** A larger file is not taken for a rule file. */
const OCTETS_MAX = 1024 * 1024;

/** Attempts to read files that change meanwhile. */
const READINGS_MAX = 3;

/** Of a file that isn't there. */
const ABSENT = "";
/** Of files that changed while they were read. */
const UNSETTLED = "unsettled";

export interface RuleFiles extends NetlifyTexts {
  /** By file: why there is one that can't be obeyed, such as "can't be read: EACCES". */
  readonly problems: Readonly<Record<string, string>>;
  /** By full path; equal for equal content. */
  readonly versions: Versions;
}

export type Versions = Readonly<Record<string, string>>;
export type RuleFilesByRoot = Readonly<Record<string, RuleFiles>>;

type Policy = Pick<Settings, "document_root" | "virtual_host" | "netlify_files" | "follow_symlinks">;

/** Whether those who will obey an open file may read it. */
export type MayRead = (fd: number) => boolean;

/** Reads the files of every root that obeys them. */
export function readRuleFiles(settings: Policy, mayRead: MayRead = () => true): RuleFilesByRoot {
  const read = (root: string) => [root, readSettled(root, settings.follow_symlinks, mayRead)] as const;
  return Object.fromEntries(rootsWithRules(settings).map(read));
}

/** What is there now. Files of a root that is missing are left out: it is about to be replaced. */
export function identifyRuleFiles(settings: Policy): Versions {
  const present = rootsWithRules(settings).filter((root) => versionAt(root) !== ABSENT);
  return Object.assign({}, ...present.map(versionsIn)) as Versions;
}

/** The versions that were read, of all roots. */
export function versionsOf(files: RuleFilesByRoot): Versions {
  return Object.assign({}, ...Object.values(files).map(({ versions }) => versions)) as Versions;
}

function rootsWithRules({ document_root, netlify_files, virtual_host }: Policy): string[] {
  const hosts = virtual_host.filter((host) => host.netlify_files ?? netlify_files);
  const roots = hosts.map(({ root }) => root ?? document_root);
  return [...new Set(netlify_files ? [document_root, ...roots] : roots)];
}

function readSettled(name: string, policy: Settings["follow_symlinks"], mayRead: MayRead): RuleFiles {
  for (let reading = 1; ; reading++) {
    const versions = versionsIn(name);
    const problems: Record<string, string> = {};
    const root = rootAt(name);
    const read = (file: string): string | null => {
      const { text, problem } = readOne(root, file, policy, mayRead);
      if (problem !== "") problems[file] = problem;
      return text;
    };
    const texts: NetlifyTexts = { redirects: read(REDIRECTS_FILE), headers: read(HEADERS_FILE) };
    if (Bun.deepEquals(versionsIn(name), versions)) return { ...texts, problems, versions };
    if (reading < READINGS_MAX) continue;
    const unsettled = Object.keys(versions).map((path) => [path, UNSETTLED]);
    return { ...texts, problems, versions: Object.fromEntries(unsettled) as Versions };
  }
}

function rootAt(name: string): DocumentRoot {
  try {
    return documentRootAt(name);
  } catch {
    return documentRootToCome(name); // whoever serves it says that it is missing
  }
}

interface OneRead {
  readonly text: string | null;
  readonly problem: string;
}

function readOne(root: DocumentRoot, file: string, policy: Settings["follow_symlinks"], mayRead: MayRead): OneRead {
  const status = new FileStatus();
  const fd = openBelowSync(root, `/${file}`, policy, status);
  if (fd < 0) return { text: null, problem: problemOf(root, file, errnoName(-fd)) };
  try {
    if (status.kind !== FileKind.File) return { text: null, problem: "" }; // a folder of this name is none of these files
    if (status.size > OCTETS_MAX) return { text: null, problem: `has more than ${OCTETS_MAX} octets` };
    if (!mayRead(fd)) return { text: null, problem: "can't be read: EACCES" };
    return { text: decodeRuleText(readFileSync(fd)), problem: "" };
  } catch (error) {
    return { text: null, problem: `can't be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}` };
  } finally {
    closeSync(fd);
  }
}

function problemOf(root: DocumentRoot, file: string, errno: string): string {
  if (errno === "ENOTDIR") return "";
  if (errno !== "ENOENT") return `can't be read: ${errno}`;
  const there = lstatSync(joinRoot(root, `/${file}`), { throwIfNoEntry: false });
  return there === undefined ? "" : "is a link that leads nowhere, or where follow_symlinks doesn't let it";
}

function versionsIn(root: string): Versions {
  const entries = [REDIRECTS_FILE, HEADERS_FILE].map((file) => [`${root}/${file}`, versionAt(`${root}/${file}`)]);
  return Object.fromEntries(entries) as Versions;
}

/** Identity, size and times, to the nanosecond; a link's own where it leads nowhere. */
function versionAt(path: string): string {
  try {
    const link = lstatSync(path, { bigint: true });
    const file = link.isSymbolicLink() ? (statSync(path, { bigint: true, throwIfNoEntry: false }) ?? link) : link;
    return `${file.dev}:${file.ino} ${file.size} ${file.mtimeNs} ${file.ctimeNs}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? ABSENT : `can't be seen: ${code}`;
  }
}
