/**
 * A site's own error pages: files below its root, by status (`[error_pages]`, then its `404.html`) or by path.
 *
 * In:    which file stands for which status; the root they lie in.
 * Out:   the page as it is now, or null: then the default page is used.
 * Units: milliseconds of the monotonic clock.
 * Keeps: a page is checked again when `cache_revalidate_ms` have passed (one stat), and read again only when it has changed:
 *        it is small, and errors are answered at once, so this is done while the client waits. Verified like every other
 *        file (open-below.ts).
 */
import { closeSync, readSync } from "node:fs";
import { FileKind, FileStatus, statPath } from "../../sys/file-status.ts";
import { mediaTypeOf } from "../media-type.ts";
import { cPathOf } from "../name-octets.ts";
import { type DocumentRoot, joinRoot, openBelowSync, type SymlinkPolicy } from "../load/open-below.ts";

/** Larger pages are a mistake. */
const PAGE_OCTETS_MAX = 1024 * 1024;

/** Pages that rules name by path: how many are kept. */
const PAGES_BY_PATH_MAX = 64;

/** A new object whenever the page has changed. */
export interface ErrorPage {
  readonly content: Buffer;
  readonly contentType: string;
}

export interface ErrorPageOptions {
  readonly root: DocumentRoot;
  readonly followSymlinks: SymlinkPolicy;
  readonly revalidateMs: number;
}

export class ErrorPages {
  private readonly byStatus: ReadonlyMap<number, PageFile>;
  private readonly notFound: PageFile | null;
  private readonly byPath = new Map<string, PageFile>();

  constructor(
    private readonly options: ErrorPageOptions,
    paths: ReadonlyMap<number, string>,
    /** For 404, where no page is configured or that page isn't there; null for none. */
    notFoundPage: string | null,
  ) {
    this.byStatus = new Map([...paths].map(([status, path]) => [status, new PageFile(path, options)]));
    this.notFound = notFoundPage === null ? null : new PageFile(notFoundPage, options);
  }

  /** The page for a status; null where there is none. */
  pageFor(status: number): ErrorPage | null {
    const page = this.byStatus.get(status)?.current() ?? null;
    return page === null && status === 404 && this.notFound !== null ? this.notFound.current() : page;
  }

  /** The page at a path below the root; null where there is none. */
  pageAt(path: string): ErrorPage | null {
    let file = this.byPath.get(path);
    if (file === undefined) {
      if (this.byPath.size === PAGES_BY_PATH_MAX) this.byPath.delete(this.byPath.keys().next().value!);
      this.byPath.set(path, (file = new PageFile(path, this.options)));
    }
    return file.current();
  }

  /** Status and path of the pages that can't be read now. */
  missing(): [status: number, path: string][] {
    return [...this.byStatus].filter(([, file]) => file.current() === null).map(([status, { path }]) => [status, path]);
  }
}

const probe = new FileStatus();

class PageFile {
  private page: ErrorPage | null = null;
  private readonly version = new FileStatus();
  private readonly cPath: Buffer;
  private checkedMs = Number.NEGATIVE_INFINITY;

  constructor(
    readonly path: string,
    private readonly options: ErrorPageOptions,
  ) {
    this.cPath = cPathOf(joinRoot(options.root, path));
  }

  current(): ErrorPage | null {
    const nowMs = performance.now();
    if (nowMs - this.checkedMs < this.options.revalidateMs) return this.page;
    this.checkedMs = nowMs;
    const isSame = this.page !== null && statPath(this.cPath, probe) === 0 && probe.isSameVersion(this.version);
    if (!isSame) this.page = this.read();
    return this.page;
  }

  private read(): ErrorPage | null {
    const { root, followSymlinks } = this.options;
    const { version } = this;
    const fd = openBelowSync(root, this.path, followSymlinks, version);
    if (fd < 0) return null;
    try {
      if (version.kind !== FileKind.File || version.size > PAGE_OCTETS_MAX) return null;
      const content = Buffer.allocUnsafeSlow(version.size);
      const octets = readSync(fd, content, 0, version.size, 0);
      return { content: content.subarray(0, octets), contentType: mediaTypeOf(this.path) };
    } catch {
      return null; // the default page is better than none
    } finally {
      closeSync(fd);
    }
  }
}
