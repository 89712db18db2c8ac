/**
 * Where a rehearsal keeps its files: a folder in memory with its process id in the name, so that the process that started it can
 * clean up after one that was killed.
 *
 * In:    process ids. Out: the folder's path.
 * Fails: making it throws what node:fs throws; removing doesn't: at worst an unused file is left.
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
    // It belongs to another user, whose process had this id before.
  }
}
