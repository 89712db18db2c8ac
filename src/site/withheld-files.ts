/**
 * Files that are never sent, whatever path leads to them: the server's own (config/own-files.ts), and in the top folder of each
 * root the files that hold rules and passwords.
 *
 *     access.log  access.log.1  access.log-20260101.gz  access-20260101.log     one log, and what rotation makes of it
 *     saker.toml  saker.toml~  saker.toml.bak  .saker.toml.swp                  one file, and what editors leave beside it
 *
 * In:    an open file: where it really lies, and its device and inode.
 * Out:   which of those files it is, or null.
 * Keeps: names are compared without case and in one Unicode form, because a file system may not tell the spellings apart. A
 *        second name of the same file (a hard link, a mount) is known by its inode. Precompressed neighbours of such a
 *        file count as the file. Folders are not files, but for those of which everything is withheld: what is in them is known by
 *        where it lies alone.
 * Cost:  only where a file is opened: one look at a table, and once a second one stat per file (0.7 us).
 */
import { realpathSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import type { OwnFile } from "../config/own-files.ts";
import { FileStatus, statPath } from "../sys/file-status.ts";
import { cPathOf } from "./name-octets.ts";

/** In the top folder of a root: they hold rules, and perhaps passwords, whether or not the server obeys them. */
const NAMES_IN_ROOT = ["_headers", "_redirects", "saker.toml"];

/** For how long inodes are remembered: a log that is rotated gets another one. */
const IDENTITIES_MS = 1000;

interface NamePattern {
  readonly file: OwnFile;
  readonly name: string;
  /** Made when a file of that folder is first asked for: a server may have thousands of certificates, where nothing is served. */
  pattern: RegExp | null;
}

export class WithheldFiles {
  /** By folder, in one spelling. */
  private readonly patterns = new Map<string, NamePattern[]>();
  private readonly files: readonly (readonly [cPath: Buffer, file: OwnFile])[];
  /** With a slash at the end. */
  private readonly folders: readonly (readonly [path: string, file: OwnFile])[];
  private readonly identities = new Map<string, OwnFile>();
  private identifiedMs = Number.NEGATIVE_INFINITY;

  /** `roots`: of all hosts, since one may lie inside another. */
  constructor(files: readonly OwnFile[], roots: readonly string[]) {
    const inRoots = [...new Set(roots)].flatMap((root) =>
      NAMES_IN_ROOT.map((name): OwnFile => ({ path: join(root, name), what: `${name} of a document root` })),
    );
    this.folders = files.filter(({ isFolder }) => isFolder).flatMap((file) => foldersOf(file));
    const all = [...files.filter(({ isFolder }) => isFolder !== true), ...inRoots];
    this.files = all.map((file) => [cPathOf(file.path), file] as const);
    for (const file of all) for (const path of placesOf(file.path)) this.addName(path, file);
  }

  /** `path`: without links. */
  find(path: string, { dev, ino }: { readonly dev: number; readonly ino: number }): OwnFile | null {
    return this.findName(path) ?? this.currentIdentities().get(`${dev}:${ino}`) ?? null;
  }

  /** By its name alone. */
  findName(path: string): OwnFile | null {
    const folded = fold(path);
    const folder = this.folders.find(([prefix]) => folded.startsWith(prefix));
    if (folder !== undefined) return folder[1];
    const slash = folded.lastIndexOf("/");
    const patterns = this.patterns.get(folded.slice(0, slash) || "/");
    if (patterns === undefined) return null;
    const name = folded.slice(slash + 1);
    return patterns.find((entry) => (entry.pattern ??= patternFor(entry.name)).test(name))?.file ?? null;
  }

  private addName(path: string, file: OwnFile): void {
    const folder = fold(dirname(path));
    const patterns = this.patterns.get(folder) ?? [];
    patterns.push({ file, name: fold(basename(path)), pattern: null });
    this.patterns.set(folder, patterns);
  }

  private currentIdentities(): ReadonlyMap<string, OwnFile> {
    const nowMs = performance.now();
    if (nowMs - this.identifiedMs < IDENTITIES_MS) return this.identities;
    this.identifiedMs = nowMs;
    this.identities.clear();
    for (const [cPath, file] of this.files) {
      const key = statPath(cPath, probe) === 0 ? `${probe.dev}:${probe.ino}` : "";
      if (key !== "" && !this.identities.has(key)) this.identities.set(key, file);
    }
    return this.identities;
  }
}

const probe = new FileStatus();

function foldersOf(file: OwnFile): (readonly [path: string, file: OwnFile])[] {
  return [...placesOf(file.path)].map((path) => [`${fold(path)}/`, file] as const);
}

/** As it is written, and where it really lies; one that doesn't exist yet will be made where its folder lies. */
function placesOf(path: string): Set<string> {
  const places = new Set([path]);
  try {
    places.add(join(realpathSync(dirname(path)), basename(path)));
    places.add(realpathSync(path));
  } catch {
    // It isn't there, or this user may not look: then its own spelling is what there is to compare.
  }
  return places;
}

/**
 * The file's own name; with anything behind a punctuation mark, or after the marks that editors put in front; and for
 * `access.log` also `access-20260101.log`. Behind a name without an extension only what rotation, compression and editors
 * add: beside a log called `log` there may be a page called `log.html`.
 */
function patternFor(name: string): RegExp {
  const extension = extname(name);
  if (extension === "") return new RegExp(`^[.#]{0,2}${escape(name)}(?:[~#]|[-._]\\d.*|${BACKUP_EXTENSIONS})?$`);
  const stem = name.slice(0, -extension.length);
  const dated = `${escape(stem)}[-._]?\\d[-._:t\\d]*${escape(extension)}`;
  return new RegExp(`^[.#]{0,2}(?:${escape(name)}|${dated})(?:[^\\p{L}\\d].*)?$`, "u");
}

const BACKUP_EXTENSIONS = "\\.(?:gz|br|zst|xz|bz2|bak|old|orig|save|tmp|sw[a-p])";

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function fold(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

/** One line about the server's own files in folders that are served; "" where there are none. */
export function describeOwnFilesIn(roots: readonly string[], files: readonly OwnFile[]): string {
  const inside = files.filter(({ path }) =>
    [...placesOf(path)].some((place) => roots.some((root) => isIn(root, place))),
  );
  if (inside.length === 0) return "";
  const names = inside.map(({ path, what }) => `${path} (${what})`).join(", ");
  return `in a folder that is served, but never sent: ${names}`;
}

function isIn(root: string, path: string): boolean {
  return path.startsWith(root === "/" ? root : `${root}/`);
}
