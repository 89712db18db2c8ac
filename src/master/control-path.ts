/**
 * Where the control socket lies: for the master that creates it, and for commands that look for it.
 *
 * In:    the setting (`[control] socket`), the path of the statistics.
 * Keeps: no longer than the kernel takes (unix(7): 108 octets with the NUL).
 */
import type { Settings } from "../config/settings.ts";
import { defaultStatsPath } from "./stats-file.ts";

export const SOCKET_PATH_OCTETS_MAX = 107;

/** Null when the settings want none. `statsPath` is the actual path of the statistics. */
export function controlPath({ control }: Pick<Settings, "control">, statsPath: string): string | null {
  if (!control.enabled) return null;
  return control.socket ?? `${statsPath.replace(/\.stats$/, "")}.control`;
}

/** Where a server with these settings has it, unless another server was there first. */
export function likelyControlPath(settings: Pick<Settings, "control" | "stats_file" | "port">): string | null {
  return controlPath(settings, settings.stats_file ?? defaultStatsPath(settings.port));
}

/** The name under which a socket is bound, before it is renamed to `path`. The kernel goes on calling it so. */
export function unfinishedName(path: string): string {
  return `${path}.${process.pid}`;
}

/** The way back. */
export function nameOfUnfinished(name: string): string {
  return name.replace(/\.\d+$/, "");
}
