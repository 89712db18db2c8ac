/**
 * Notices that a document root has become another folder: a link to it was switched (current -> release-42), or the
 * folder itself was replaced where workers have a right to the former one only (readable-folder.ts).
 *
 * In:    settings, ten checks a second.
 * Out:   the roots that workers must enter anew.
 * Why:   workers resolve links in a root's path once, when they start. So a deployment is served without a reload.
 * Keeps: a root counts as changed when two checks in a row agree on it, so that nothing happens in the middle of a deployment,
 *        or ever where a file system makes up new inode numbers; a root that is missing counts as unchanged, until it is there.
 * Cost:  one realpath(3) per check and root; for some also a statx(2).
 */
import { realpathSync, statSync } from "node:fs";
import type { Settings } from "../config/settings.ts";
import { documentRoots } from "./confine-workers.ts";
import { isReadAlone } from "./readable-folder.ts";

/** By root, as configured: what identifies the folder there. */
export type RootIdentities = ReadonlyMap<string, string>;

const NONE: ReadonlySet<string> = new Set();

export class RootWatch {
  private seen: RootIdentities = new Map();
  /** The last look was the first to see another folder: the next one, which decides, should come soon. */
  isUnsettled = false;

  constructor(private entered: RootIdentities) {}

  /** Workers have entered these. */
  enter(identities: RootIdentities): void {
    this.entered = identities;
  }

  /** Roots that are other folders than those entered, or that a worker has `missed`, and were so at the last look. */
  look(now: RootIdentities, missed: ReadonlySet<string> = NONE): string[] {
    const before = this.seen;
    this.seen = now;
    const others = [...now.keys()].filter((root) => {
      return missed.has(root) || (this.entered.has(root) && this.entered.get(root) !== now.get(root));
    });
    const changed = others.filter((root) => before.get(root) === now.get(root));
    this.isUnsettled = changed.length < others.length;
    return changed;
  }
}

/** What is there now; roots that are missing are left out. */
export function identifyRoots(settings: Settings): RootIdentities {
  const isConfined = settings.confine !== false && settings.follow_symlinks !== "always";
  return new Map(documentRoots(settings).flatMap((root) => identify(root, isConfined)));
}

function identify(root: string, isConfined: boolean): [string, string][] {
  try {
    const real = realpathSync(root);
    if (!isConfined || !isReadAlone(real)) return [[root, real]];
    const { dev, ino } = statSync(real);
    return [[root, `${real} ${dev}:${ino}`]];
  } catch {
    return []; // between two folders, or gone
  }
}
