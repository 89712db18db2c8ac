/**
 * Where a rehearsal keeps its files: a folder in memory with its process id in the name, so that who has asked for it can
 * clear away after one that was killed.
 *
 * In:    process ids. Out: the folder's path.
 * Fails: making it throws what node:fs throws; removing doesn't: what is left is a file nobody needs.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { memoryFolder } from "../sys/shared-memory.ts";

const PREFIX = "saker-rehearsal-";

/** For this process. */
export function makeRehearsalFolder(): string {
  return mkdtempSync(join(memoryFolder(), `${PREFIX}${process.pid}-`));
}

/** Of a process that has ended, or is about to. */
export function removeRehearsalFolder(pid: number): void {
  const where = memoryFolder();
  try {
    const left = readdirSync(where).filter((name) => name.startsWith(`${PREFIX}${pid}-`));
    for (const name of left) rmSync(join(where, name), { recursive: true, force: true });
  } catch {
    // Another user's, who had this process id before.
  }
}
