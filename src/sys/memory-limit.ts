/**
 * How much memory the control group leaves to this process and its children.
 *
 * In:    v2 `memory.max` and `memory.high`, v1 `memory.limit_in_bytes`.
 * Out:   octets; Infinity where there is no limit.
 * Why `memory.high`: above it the group isn't killed, but slowed down until it has given memory back, which a server's clients feel.
 */
import { join } from "node:path";
import { type Controller, readText, smallestLimit } from "./control-groups.ts";

/** Version 1 says "no limit" with the greatest number of whole pages. */
const NO_LIMIT_V1 = 2 ** 62;

const MEMORY: Controller = {
  name: "memory",
  mountsV1: ["sys/fs/cgroup/memory"],
  readV2: (folder) => Math.min(readOctets(folder, "memory.max"), readOctets(folder, "memory.high")),
  readV1: (folder) => readOctets(folder, "memory.limit_in_bytes"),
};

/** `root` is "/" except in tests. */
export function memoryLimit(root = "/"): number {
  return smallestLimit(MEMORY, root);
}

function readOctets(folder: string, name: string): number {
  const text = readText(join(folder, name))?.trim() ?? "max";
  const octets = /^\d+$/.test(text) ? Number(text) : Infinity;
  return octets >= NO_LIMIT_V1 ? Infinity : octets;
}
