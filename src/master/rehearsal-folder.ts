/**
 * Where a rehearsal keeps its files: a folder in memory with its process id in the name, so that the process that started it can
 * clean up after one that was killed.
 *
 * Left:  when both were killed, the next start or rehearsal clears away (`sweepRehearsalFolders`).
 *
 * In:    process ids. Out: the folder's path.
 * Fails: making it throws what node:fs throws; removing doesn't: at worst an unused file is left.
 */
import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isRunning } from "../sys/process.ts";
import { memoryFolder } from "../sys/shared-memory.ts";

const PREFIX = "saker-rehearsal-";
const NAME = /^saker-rehearsal-(\d+)-/;

/** A rehearsal takes half as long at most. In another container with this memory, a process id that is unknown here may be alive. */
const ABANDONED_AFTER_MS = 60_000;

/** Removes folders of rehearsals whose process ended long enough ago. */
export function sweepRehearsalFolders(nowMs: number = Date.now()): void {
  const where = memoryFolder();
  try {
    for (const name of readdirSync(where)) {
      const pid = Number(NAME.exec(name)?.[1] ?? process.pid);
      if (pid !== process.pid && !isRunning(pid)) removeAbandoned(join(where, name), nowMs);
    }
  } catch {
    // Somebody else removes it at this moment, or we may not: nothing depends on it.
  }
}

function removeAbandoned(path: string, nowMs: number): void {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined || !status.isDirectory() || status.uid !== process.getuid?.()) return;
  if (nowMs - status.mtimeMs > ABANDONED_AFTER_MS) rmSync(path, { recursive: true, force: true });
}

/** For this process. */
export function makeRehearsalFolder(): string {
  sweepRehearsalFolders();
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
