/**
 * Opening a file below the document root, and nothing else.
 *
 * In:    a path below the root, made of checked segments (request-path.ts), and a policy for symbolic links.
 * Out:   a descriptor and its status, or `-errno`; `-ENOENT` also where the policy forbids the file, and for one that is never
 *        sent (withheld-files.ts).
 * Keeps: a path that is swapped for a link while it is looked at gains nothing. Where the kernel can, it opens beneath the
 *        root and nowhere else (sys/open-beneath.ts); what it has cached is opened at once, for the rest a thread goes to
 *        the disk first. Otherwise, and for absolute links that lead back inside, the descriptor is
 *        verified after it is opened: what counts is where the open file really lies (/proc/self/fd, man 5 proc).
 *        A FIFO or device never blocks (O_NONBLOCK) and never becomes the controlling terminal.
 */
import { access, close, closeSync, constants, open, openSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { Errno, errnoOfException } from "../../sys/errno.ts";
import type { OwnFile } from "../../config/own-files.ts";
import { FileKind, type FileStatus, statFd } from "../../sys/file-status.ts";
import { canOpenBeneath, LookUp, openBeneath } from "../../sys/open-beneath.ts";
import { isBelow } from "../../sys/path-status.ts";
import { cPathOf, nodePathOf, textOfOctets } from "../name-octets.ts";
import type { WithheldFiles } from "../withheld-files.ts";

/** `inside`: a link may lead anywhere below the root. */
export type SymlinkPolicy = "inside" | "always" | "never";

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const DELETED = " (deleted)";

/** About a millisecond's work, reading and answering included. */
const OPENS_PER_TURN = 32;
let opensInTurn = 0;

/** The root of a site. */
export interface DocumentRoot {
  /** Where it really lies: links in its name have been followed, once. */
  readonly path: string;
  /** `path` as the C library takes it. */
  readonly cPath: Uint8Array;
  /** Files that are not opened, whatever leads to them; null: there are none. */
  readonly withheld: WithheldFiles | null;
}

/** Throws what `realpath` throws when the folder is missing or unreadable. */
export function documentRootAt(name: string, withheld: WithheldFiles | null = null): DocumentRoot {
  const path = realPathNow(name);
  return { path, cPath: cPathOf(path), withheld };
}

/** A root that doesn't exist yet, or can't be entered: whatever will be at its path, with links above it followed. */
export function documentRootToCome(name: string, withheld: WithheldFiles | null = null): DocumentRoot {
  let above = dirname(name);
  try {
    above = realPathNow(above);
  } catch {
    // Missing as well: use the path as given.
  }
  const path = `${above === "/" ? "" : above}/${basename(name)}`; // `join` would replace octets that are no UTF-8
  return { path, cPath: cPathOf(path), withheld };
}

/**
 * Opens `root` + `filePath` without waiting for a disk on the event loop, and calls `done` later with a descriptor (whose
 * status is in `into`), or with `-errno`.
 */
export function openBelow(
  root: DocumentRoot,
  filePath: string,
  policy: SymlinkPolicy,
  into: FileStatus,
  done: (fdOrFailure: number) => void,
): void {
  if (!canOpenBeneath || policy === "always") return openAndVerify(root, filePath, policy, into, done);
  const finish = (fdOrFailure: number): void => {
    if (needsVerifying(fdOrFailure, policy)) openAndVerify(root, filePath, policy, into, done);
    else done(withStatus(root, filePath, fdOrFailure, policy, into));
  };
  inThisTurn(() => {
    const fdOrFailure = openInKernel(root, filePath, policy, LookUp.Memory);
    if (fdOrFailure !== -Errno.EAGAIN) return finish(fdOrFailure);
    // Whatever the result, the kernel has the name cached afterwards.
    access(nodePathOf(joinRoot(root, filePath)), () => finish(openInKernel(root, filePath, policy, LookUp.Disk)));
  });
}

/**
 * Calls back in this turn of the event loop; after OPENS_PER_TURN of them in the next one, so that a client with thousands of
 * pipelined requests for uncached files lets others have their turn.
 */
function inThisTurn(open: () => void): void {
  if (opensInTurn++ === 0) setImmediate(() => (opensInTurn = 0));
  if (opensInTurn <= OPENS_PER_TURN) queueMicrotask(open);
  else setImmediate(open);
}

/** The same, synchronously: for small files that are read while a client waits. */
export function openBelowSync(root: DocumentRoot, filePath: string, policy: SymlinkPolicy, into: FileStatus): number {
  if (!canOpenBeneath || policy === "always") return openAndVerifySync(root, filePath, policy, into);
  const fdOrFailure = openInKernel(root, filePath, policy, LookUp.Disk);
  if (needsVerifying(fdOrFailure, policy)) return openAndVerifySync(root, filePath, policy, into);
  return withStatus(root, filePath, fdOrFailure, policy, into);
}

/** The full path of `filePath`, which begins with a slash. */
export function joinRoot(root: DocumentRoot, filePath: string): string {
  return root.path === "/" ? filePath : root.path + filePath;
}

function openInKernel({ cPath }: DocumentRoot, filePath: string, policy: SymlinkPolicy, lookUp: LookUp): number {
  const relative = filePath === "/" ? "." : filePath.slice(1);
  const fdOrFailure = openBeneath(cPath, cPathOf(relative), policy === "inside", lookUp);
  // A link that may not be followed counts as missing.
  return policy === "never" && (fdOrFailure === -Errno.ELOOP || fdOrFailure === -Errno.EXDEV)
    ? -Errno.ENOENT
    : fdOrFailure;
}

/** An absolute link may still lead inside; and an attempt that was disturbed by renames every time is verified instead. */
function needsVerifying(failure: number, policy: SymlinkPolicy): boolean {
  return (failure === -Errno.EXDEV && policy === "inside") || failure === -Errno.EAGAIN;
}

function withStatus(
  root: DocumentRoot,
  filePath: string,
  fdOrFailure: number,
  policy: SymlinkPolicy,
  into: FileStatus,
): number {
  if (fdOrFailure < 0) return fdOrFailure;
  const failure = statFd(fdOrFailure, into) || withholding(root, joinRoot(root, filePath), fdOrFailure, policy, into);
  if (failure === 0) return fdOrFailure;
  closeSync(fdOrFailure);
  return failure;
}

/** `-ENOENT` for an open file that is never sent, else 0. Where no link can have led to it, its path is its place. */
function withholding(
  { withheld }: DocumentRoot,
  path: string,
  fd: number,
  policy: SymlinkPolicy,
  status: FileStatus,
): number {
  if (withheld === null || status.kind !== FileKind.File) return 0;
  const place = policy === "never" ? path : (realPathOf(fd, path) ?? path);
  return withheld.find(place, status) === null ? 0 : -Errno.ENOENT;
}

/** Which of the files that are never sent lies at `filePath`, or is what a link there leads to; null for none. */
export function withheldAt(root: DocumentRoot, filePath: string): OwnFile | null {
  try {
    const path = realPathNow(joinRoot(root, filePath));
    const status = statSync(nodePathOf(path));
    return status.isFile() ? (root.withheld?.find(path, status) ?? null) : null;
  } catch {
    return null; // there is nothing
  }
}

function openAndVerify(
  root: DocumentRoot,
  filePath: string,
  policy: SymlinkPolicy,
  into: FileStatus,
  done: (fdOrFailure: number) => void,
): void {
  const path = joinRoot(root, filePath);
  open(nodePathOf(path), OPEN_FLAGS, (error, fd) => {
    if (error !== null) return done(refusal(root, path, errnoOfException(error), policy));
    const failure = verify(root, path, fd, policy, into);
    if (failure === 0) return done(fd);
    close(fd, () => done(failure));
  });
}

function openAndVerifySync(root: DocumentRoot, filePath: string, policy: SymlinkPolicy, into: FileStatus): number {
  const path = joinRoot(root, filePath);
  let fd: number;
  try {
    fd = openSync(nodePathOf(path), OPEN_FLAGS);
  } catch (error) {
    return refusal(root, path, errnoOfException(error), policy);
  }
  const failure = verify(root, path, fd, policy, into);
  if (failure !== 0) closeSync(fd);
  return failure === 0 ? fd : failure;
}

/** A file outside the root counts as missing, also where confinement keeps the worker from opening it. */
function refusal(root: DocumentRoot, path: string, failure: number, policy: SymlinkPolicy): number {
  if (failure !== -Errno.EACCES || policy === "always") return failure;
  try {
    return isBelow(root.path, realPathNow(path)) ? failure : -Errno.ENOENT;
  } catch {
    return failure; // on its way is a folder that may not be entered
  }
}

function verify(root: DocumentRoot, path: string, fd: number, policy: SymlinkPolicy, into: FileStatus): number {
  const failure = statFd(fd, into);
  if (failure !== 0) return failure;
  const realPath = realPathOf(fd, path);
  if (realPath === null && policy !== "always") return -Errno.ENOENT;
  if (policy === "never" && realPath !== withoutFinalSlash(path)) return -Errno.ENOENT;
  if (policy === "inside" && !isBelow(root.path, realPath!)) return -Errno.ENOENT;
  return withholding(root, path, fd, policy, into);
}

/** Where the open file lies now; a file deleted since still tells where it was. */
export function realPathOf(fd: number, path: string): string | null {
  try {
    const target = textOfOctets(readlinkSync(`/proc/self/fd/${fd}`, "buffer"));
    return target.endsWith(DELETED) ? target.slice(0, -DELETED.length) : target;
  } catch {
    // No /proc here: the path's own answer, which a link swapped in at this moment could still change.
  }
  try {
    return realPathNow(path);
  } catch {
    return null;
  }
}

function realPathNow(path: string): string {
  return textOfOctets(realpathSync(nodePathOf(path), "buffer"));
}

function withoutFinalSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}
