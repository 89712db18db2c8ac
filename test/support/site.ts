/**
 * Temporary document roots.
 *
 * In:    a table of paths and what lies there: text, octets, a folder, a symbolic link, a FIFO.
 * Out:   `Site`: the folder's absolute path, with helpers to change files while a server runs.
 * Keeps: everything lies below one temporary folder of its own, which is removed at the end whatever its modes;
 *        the root is a sub-folder, so that tests can place files just outside of it.
 */
import { chmodSync, existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, symlink, unlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export type SiteEntry = string | Uint8Array | { folder: true } | { link: string } | { fifo: true };

/** Path relative to the document root -> entry. `../name` lies outside of the root, beside it. */
export type SiteFiles = Readonly<Record<string, SiteEntry>>;

export class Site implements AsyncDisposable {
  /** The document root. */
  readonly root: string;

  constructor(
    /** The temporary folder that holds the root and what the test keeps beside it. */
    readonly folder: string,
  ) {
    this.root = join(folder, "root");
  }

  path(name: string): string {
    return join(this.root, name);
  }

  /** A path beside the document root, for logs, pid files and files that must not be served. */
  beside(name: string): string {
    return join(this.folder, name);
  }

  async place(name: string, entry: SiteEntry): Promise<void> {
    const path = this.path(name);
    await mkdir(dirname(path), { recursive: true });
    if (typeof entry === "string" || entry instanceof Uint8Array) await writeFile(path, entry);
    else if ("folder" in entry) await mkdir(path, { recursive: true });
    else if ("link" in entry) await symlink(entry.link, path);
    else makeFifo(path);
  }

  /** Replaces a file as editors and deploy tools do: written beside it, then renamed over it (a new inode). */
  async replace(name: string, content: string | Uint8Array): Promise<void> {
    const temporary = this.beside(`replacement-${process.hrtime.bigint()}`);
    await writeFile(temporary, content);
    await rename(temporary, this.path(name));
  }

  async remove(name: string): Promise<void> {
    await unlink(this.path(name));
  }

  async setModified(name: string, at: Date): Promise<void> {
    await utimes(this.path(name), at, at);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (existsSync(this.root)) chmodSync(this.root, 0o755);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Makes a temporary document root. The folder is readable by everyone, so that servers under other users can serve it. */
export async function createSite(files: SiteFiles = {}): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), "saker-test-"));
  chmodSync(folder, 0o755);
  const site = new Site(folder);
  await mkdir(site.root);
  for (const [name, entry] of Object.entries(files)) await site.place(name, entry);
  return site;
}

function makeFifo(path: string): void {
  const { exitCode, stderr } = Bun.spawnSync(["mkfifo", path]);
  if (exitCode !== 0) throw new Error(`mkfifo ${path}: ${stderr.toString()}`);
}
