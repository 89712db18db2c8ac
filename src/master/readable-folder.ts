/**
 * Which folder workers are let into so that they can serve a document root.
 *
 * In:    the root as configured.
 * Out:   the folder above the root, or the root itself where the one above holds more than sites.
 * Why:   Landlock's rules hold for a folder, not for its name. A deployment that puts a new folder in the root's place
 *        (mv site site.old; mv site.new site) would leave the workers with a right to the former one; a right to what
 *        lies above outlives it. Where that would be too much to give away, workers are replaced instead as soon as
 *        the master sees it (root-watch.ts).
 */
import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import { homesOfPeople } from "../sys/process.ts";

/** Besides `/`, all folders in it but /srv, and people's homes (Filesystem Hierarchy Standard 3.0). */
const SHARED_WITH_OTHERS: readonly string[] = ["/usr/local", "/var/cache", "/var/lib", "/var/log", "/var/spool"];

const FOR_SITES = "/srv";

/** Read once: roots are looked at every second, and accounts hardly ever come. */
let knownHomes: readonly string[] | null = null;

/** Null when the root isn't there. */
export function readableFolder(
  root: string,
  homes: readonly string[] = (knownHomes ??= homesOfPeople()),
): string | null {
  let real: string;
  try {
    real = realpathSync(root);
  } catch {
    return null;
  }
  const above = dirname(real);
  return isShared(above, homes) ? real : above;
}

function isShared(folder: string, homes: readonly string[]): boolean {
  if (folder === FOR_SITES) return false;
  return dirname(folder) === "/" || SHARED_WITH_OTHERS.includes(folder) || homes.includes(folder);
}
