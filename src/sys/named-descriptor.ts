/**
 * Whether a path is a name of an open descriptor: `/dev/stdout`, `/dev/fd/1`, `/proc/self/fd/1`, or a link to one, as container
 * images put it in a log's place (proc_pid_fd(5)).
 *
 * In:    a path. Out: whose descriptor it is and which one; null for any other path, whether something lies there or not.
 * Why:   what lies behind may have no name of its own (`pipe:[4711]`), so nothing follows the last link; and a socket
 *        can't be opened by such a name at all (ENXIO).
 * Keeps: opens nothing. A link is read only where it isn't a descriptor yet, so it works in a process that has changed its user and
 *        may not look at its own descriptors.
 */
import { fstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

export interface NamedDescriptor {
  readonly number: number;
  /** Whether it is this process' own; others can be opened by their name, if anything can. */
  readonly isOwn: boolean;
}

/** As many as the kernel follows (path_resolution(7)). */
const LINKS_MAX = 40;

const STANDARD = new Map([
  ["/dev/stdin", 0],
  ["/dev/stdout", 1],
  ["/dev/stderr", 2],
]);

const NAME = /^\/(?:dev|proc\/(self|thread-self|\d+)(?:\/task\/\d+)?)\/fd\/(\d{1,9})$/;

export function namedDescriptor(path: string): NamedDescriptor | null {
  let at = path;
  for (let links = 0; links < LINKS_MAX; links++) {
    const found = byName(at) ?? byName(withoutLinksAbove(at));
    if (found !== null) return found;
    const next = linkAt(at);
    if (next === null) return null;
    at = next;
  }
  return null;
}

/** The number of an own descriptor that a path names; null for anything else. */
export function ownDescriptor(path: string): number | null {
  const named = namedDescriptor(path);
  return named?.isOwn === true ? named.number : null;
}

/** Where a path leads, by as many links as there are: the last one may lead to nothing. */
export function endOfLinks(path: string): string {
  let at = withoutLinksAbove(path);
  for (let links = 0; links < LINKS_MAX; links++) {
    const next = linkAt(at);
    if (next === null) return at;
    at = withoutLinksAbove(next);
  }
  return at;
}

export function isOpenDescriptor(fd: number): boolean {
  try {
    fstatSync(fd);
    return true;
  } catch {
    return false;
  }
}

function byName(path: string): NamedDescriptor | null {
  const standard = STANDARD.get(path);
  if (standard !== undefined) return { number: standard, isOwn: true };
  const match = NAME.exec(path);
  if (match === null) return null;
  const [, whose = "self", number] = match;
  return { number: Number(number), isOwn: !/^\d/.test(whose) || Number(whose) === process.pid };
}

function withoutLinksAbove(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}

/** Where a link leads; null for what is none. */
function linkAt(path: string): string | null {
  try {
    const place = withoutLinksAbove(path);
    return resolve(dirname(place), readlinkSync(place));
  } catch {
    return null;
  }
}
