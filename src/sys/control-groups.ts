/**
 * Limits that hold for this process by its control group and each of the groups above it (cgroups(7), both versions).
 *
 * In:    which controller, and how its limit is read from a group's folder in either version.
 * Out:   the smallest of all; Infinity where there is none.
 * Keeps: reads a few small files, when a server starts or its settings change.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The limit that a group's folder tells, Infinity for none. */
export type ReadLimit = (folder: string) => number;

export interface Controller {
  readonly name: string;
  readonly readV2: ReadLimit;
  readonly readV1: ReadLimit;
  /** Where version 1 may be mounted: some controllers share a hierarchy. */
  readonly mountsV1: readonly string[];
}

const MOUNTS_V2 = ["sys/fs/cgroup", "sys/fs/cgroup/unified"];

/** `root` is "/" except in tests. */
export function smallestLimit({ name, readV2, readV1, mountsV1 }: Controller, root: string): number {
  let limit = Infinity;
  const look = (mounts: readonly string[], path: string, read: ReadLimit): void => {
    for (const mount of mounts) limit = Math.min(limit, smallestUpwards(join(root, mount), path, read));
  };
  for (const line of (readText(join(root, "proc/self/cgroup")) ?? "").split("\n")) {
    const [hierarchy, controllers, ...rest] = line.split(":");
    const path = rest.join(":");
    if (hierarchy === "0" && controllers === "") look(MOUNTS_V2, path, readV2);
    else if (controllers?.split(",").includes(name) === true) look(mountsV1, path, readV1);
  }
  return limit;
}

/** In a container the path may name a folder that only the host sees; then the mount's own top is the one that holds. */
function smallestUpwards(mount: string, path: string, read: ReadLimit): number {
  let limit = Infinity;
  for (let folder = path.startsWith("/") ? path : "/"; ; folder = dirname(folder)) {
    limit = Math.min(limit, read(join(mount, folder)));
    if (folder === "/") return limit;
  }
}

/** Null where the file isn't there: this hierarchy isn't mounted here, or its top has no limit. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
