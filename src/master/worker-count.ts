/** How many workers `num_workers` means. */
import type { Settings } from "../config/settings.ts";
import { usableCpus } from "../sys/cpus.ts";

/** More than this many CPUs still get this many workers; a number in the configuration has the same bound. */
const AUTO_MAX = 256;

export function workerCount(settings: Pick<Settings, "num_workers">): number {
  return settings.num_workers === "auto" ? Math.min(usableCpus(), AUTO_MAX) : settings.num_workers;
}
