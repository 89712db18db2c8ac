/**
 * Where the control socket lies: for the master that creates it, and for commands that look for it.
 *
 * In:    the setting (`[control] socket`), the path of the statistics.
 * Keeps: no longer than the kernel takes (unix(7): 108 octets with the NUL).
 */
import { existsSync } from "node:fs";
import type { Settings } from "../config/settings.ts";
import { memoryFolders } from "../sys/shared-memory.ts";
import { defaultStatsPath } from "./stats-file.ts";

export const SOCKET_PATH_OCTETS_MAX = 107;

/** Null when the settings want none. `statsPath` is the actual path of the statistics. */
export function controlPath({ control }: Pick<Settings, "control">, statsPath: string): string | null {
  if (!control.enabled) return null;
  return control.socket ?? `${statsPath.replace(/\.stats$/, "")}.control`;
}

/**
 * Where a server with these settings has it, unless another server was there first: where there is one, among the places that the
 * statistics may have been put.
 */
export function likelyControlPath(settings: Pick<Settings, "control" | "stats_file" | "port">): string | null {
  const { stats_file, port } = settings;
  if (stats_file !== null) return controlPath(settings, stats_file);
  const paths = memoryFolders().map((folder) => controlPath(settings, defaultStatsPath(port, folder)));
  const found = paths.find((path) => path !== null && existsSync(path));
  return found ?? controlPath(settings, defaultStatsPath(port));
}

/** The name under which a socket is bound, before it is renamed to `path`. The kernel goes on calling it so. */
export function unfinishedName(path: string): string {
  return `${path}.${process.pid}`;
}

/** The way back. */
export function nameOfUnfinished(name: string): string {
  return name.replace(/\.\d+$/, "");
}
