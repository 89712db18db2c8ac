/**
 * Which folder workers may read in order to serve a document root.
 *
 * In:    the root as configured.
 * Out:   the folder above the root, or the root itself where the one above holds more than sites.
 * Why:   Landlock's rules hold for a folder, not for its name. A deployment that puts a new folder in the root's place
 *        (mv site site.old; mv site.new site) would leave the workers with a right to the former one; a right to what
 *        lies above outlives it. Where that would grant too much, workers are replaced instead as soon as
 *        the master sees it (root-watch.ts).
 */
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { homesOfPeople } from "../sys/process.ts";

/** Besides `/`, all folders in it but /srv, and people's homes (Filesystem Hierarchy Standard 3.0). */
const SHARED_WITH_OTHERS: readonly string[] = ["/usr/local", "/var/cache", "/var/lib", "/var/log", "/var/spool"];

const FOR_SITES = "/srv";

/** Read once: roots are checked all the time, and accounts hardly ever change. */
let knownHomes: readonly string[] | null = null;

/** For a root that isn't there the folder above its name, if that is one for sites; else null. */
export function readableFolder(root: string, homes?: readonly string[]): string | null {
  try {
    const real = realpathSync(root);
    return isReadAlone(real, homes) ? real : dirname(real);
  } catch {
    return readableAboveName(root, homes);
  }
}

function readableAboveName(root: string, homes?: readonly string[]): string | null {
  try {
    const above = realpathSync(dirname(root));
    return isReadAlone(join(above, basename(root)), homes) ? null : above;
  } catch {
    return null;
  }
}

/** Whether workers may not read the folder above a root (given without links). */
export function isReadAlone(real: string, homes: readonly string[] = (knownHomes ??= homesOfPeople())): boolean {
  const above = dirname(real);
  if (above === FOR_SITES) return false;
  return dirname(above) === "/" || SHARED_WITH_OTHERS.includes(above) || homes.includes(above);
}
