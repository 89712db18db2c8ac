/**
 * Opening a file below the document root, and nothing else.
 *
 * In:    a path below the root, made of checked segments (request-path.ts), and a policy for symbolic links.
 * Out:   a descriptor and its status, or `-errno`; `-ENOENT` also where the policy forbids the file.
 * Keeps: the descriptor is verified after it is opened, so a path that is swapped for a link in between gains nothing:
 *        what counts is where the file that is open really lies (/proc/self/fd, man 5 proc). A FIFO or device never
 *        blocks (O_NONBLOCK) and never becomes the controlling terminal.
 */
import { close, closeSync, constants, open, openSync, readlinkSync, realpathSync } from "node:fs";
import { Errno, errnoOfException } from "../sys/errno.ts";
import { type FileStatus, statFd } from "../sys/file-status.ts";

/** `inside`: a link may lead anywhere below the root. */
export type SymlinkPolicy = "inside" | "always" | "never";

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const DELETED = " (deleted)";

/** The root of a site: as configured, and where it really lies. */
export interface DocumentRoot {
  readonly path: string;
  readonly realPath: string;
}

/** Throws what `realpath` throws when the folder is missing or unreadable. */
export function documentRootAt(path: string): DocumentRoot {
  const realPath = realpathSync(path);
  return { path: realPath, realPath };
}

/**
 * Opens `root` + `filePath` off the event loop and calls `done(fd, path)` with a verified descriptor (whose status is
 * in `into`), or with `-errno`.
 */
export function openBelow(
  root: DocumentRoot,
  filePath: string,
  policy: SymlinkPolicy,
  into: FileStatus,
  done: (fdOrFailure: number) => void,
): void {
  const path = joinRoot(root, filePath);
  open(path, OPEN_FLAGS, (error, fd) => {
    if (error !== null) return done(errnoOfException(error));
    const failure = verify(root, path, fd, policy, into);
    if (failure === 0) return done(fd);
    close(fd, () => done(failure));
  });
}

/** The same at once: for small files that are read while somebody waits. */
export function openBelowSync(root: DocumentRoot, filePath: string, policy: SymlinkPolicy, into: FileStatus): number {
  const path = joinRoot(root, filePath);
  let fd: number;
  try {
    fd = openSync(path, OPEN_FLAGS);
  } catch (error) {
    return errnoOfException(error as NodeJS.ErrnoException);
  }
  const failure = verify(root, path, fd, policy, into);
  if (failure !== 0) closeSync(fd);
  return failure === 0 ? fd : failure;
}

/** The full path of `filePath`, which begins with a slash. */
export function joinRoot(root: DocumentRoot, filePath: string): string {
  return root.path === "/" ? filePath : root.path + filePath;
}

function verify(root: DocumentRoot, path: string, fd: number, policy: SymlinkPolicy, into: FileStatus): number {
  const failure = statFd(fd, into);
  if (failure !== 0 || policy === "always") return failure;
  const realPath = realPathOf(fd, path);
  if (realPath === null) return -Errno.ENOENT;
  const allowed = policy === "never" ? realPath === withoutFinalSlash(path) : isBelow(root.realPath, realPath);
  return allowed ? 0 : -Errno.ENOENT;
}

/** Where the open file lies now; a file deleted since still tells where it was. */
function realPathOf(fd: number, path: string): string | null {
  try {
    const target = readlinkSync(`/proc/self/fd/${fd}`);
    return target.endsWith(DELETED) ? target.slice(0, -DELETED.length) : target;
  } catch {
    // No /proc here: the path's own answer, which a link swapped in at this moment could still change.
  }
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function withoutFinalSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** Whether a path without links is the root or lies below it. */
export function isBelow(root: string, path: string): boolean {
  return path === root || root === "/" || path.startsWith(`${root}/`);
}
