/**
 * Where the shared statistics file lies, and making it.
 *
 * In:    the setting `stats_file` (null = choose), the port, the number of workers, their user.
 * Out:   the segment, and the function that removes its file.
 * Keeps: a file left by a dead master is replaced; one of a living master is never touched. Chosen names lie in memory
 *        (/dev/shm) where there is one and it has room, and contain the port, so that people can find the file. A server doesn't fail
 *        for want of a file that nobody asked for by name.
 * Fails: StartError, SegmentError (both one line).
 */
import { chownSync, existsSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Settings } from "../config/settings.ts";
import { leaveConnections } from "../quota/connection-file.ts";
import { removeTables } from "../quota/table-file.ts";
import { MAGIC } from "../stats/layout.ts";
import {
  createAnonymousSegment,
  createSegment,
  openSegment,
  type Segment,
  SegmentError,
  type SegmentOptions,
  slotCountFor,
  snapshotSegment,
} from "../stats/segment.ts";
import { isAnonymous } from "../sys/anonymous-memory.ts";
import { isNoFile, readFileStart } from "../sys/file-start.ts";
import { findAccount, findGroup, isRunning } from "../sys/process.ts";
import { memoryFolder, memoryFolders, memoryPlaces } from "../sys/shared-memory.ts";
import { placeTotals } from "./hand-over.ts";
import type { HandOver } from "./hand-over-format.ts";
import { StartError } from "./start-error.ts";
import { messageOf } from "../sys/errno.ts";

export type StatsFileWish = Pick<Settings, "stats_file" | "port" | "user" | "group">;

export type StatsFile = { readonly segment: Segment; remove(): void };

/** Told where the statistics are, if not in the best place. */
export type Say = (line: string) => void;

type Size = { readonly workers: number; readonly startedMs: number };

/** `saker-8080.stats` in /dev/shm, or in the temporary folder. */
export function defaultStatsPath(port: number, folder: string = memoryFolder()): string {
  return join(folder, `saker-${port}.stats`);
}

/**
 * Creates the file: the configured one, or one in the first folder that has room for it; if none has, the statistics are in memory
 * without a name. `mayDoWithout`: so they may be, although a file was configured.
 */
export function createStatsFile(wish: StatsFileWish, size: Size, say: Say = () => {}, mayDoWithout = false): StatsFile {
  const { stats_file: setting, port } = wish;
  if (setting !== null && !mayDoWithout) return createAt(setting, wish, size);
  const paths = setting !== null ? [setting] : memoryPlaces().map((folder) => defaultStatsPath(port, folder));
  const failures: string[] = [];
  for (const path of paths) {
    try {
      const file = createAt(path, wish, size);
      if (failures.length > 0) say(`the statistics are in ${path} (${failures.join(", ")})`);
      return file;
    } catch (error) {
      const reason = reasonOf(error);
      // That nobody asked for by name, and isn't there at all, needs no mending.
      if (setting !== null || reason !== "ENOENT") failures.push(`${dirname(path)}: ${reason}`);
    }
  }
  const why = failures.join(", ") || "no folder can be written";
  const segment = createAnonymously(optionsOf(size), why);
  say(`no statistics file (${why}): counts are in memory, where /metrics, /stats and the log show them`);
  return { segment, remove() {} };
}

/** If the path isn't configured and another master has the file (same port, other address), the pid is added to the name. */
function createAt(wished: string, wish: StatsFileWish, size: Size): StatsFile {
  const isConfigured = wish.stats_file !== null;
  let path = wished;
  const isTaken = isNoFile(path);
  if (isTaken && isConfigured) throw new StartError(`stats_file ${path} is not a statistics file; name another one`);
  const owner = isTaken ? 0 : livingOwnerOf(path);
  if (owner !== 0 && isConfigured) {
    throw new StartError(`stats_file ${path} belongs to a running saker (pid ${owner}); choose another one`);
  }
  if (!isConfigured && (isTaken || owner !== 0 || isForeign(path)))
    path = path.replace(/\.stats$/, `-${process.pid}.stats`);
  removeTables(path); // left by a master that was killed
  const segment = createSegment(path, optionsOf(size));
  const remove = (): void => removeOwn(path);
  try {
    giveToWorkers(path, wish);
  } catch (error) {
    remove();
    throw error;
  }
  return { segment, remove };
}

function createAnonymously(options: SegmentOptions, why: string): Segment {
  try {
    return createAnonymousSegment(options);
  } catch (error) {
    const reason = messageOf((error as SegmentError).cause ?? error);
    const advice = "make room, or name a file that can be written (stats_file)";
    throw new StartError(`there is no place for the statistics (${why}; in memory: ${reason}): ${advice}`, {
      cause: error,
    });
  }
}

function optionsOf({ workers, startedMs }: Size): SegmentOptions {
  return { slotCount: slotCountFor(workers), workersConfigured: workers, startedMs };
}

/** ENOSPC, rather than a sentence about it. */
function reasonOf(error: unknown): string {
  const { cause, code = (cause as NodeJS.ErrnoException | undefined)?.code } = error as NodeJS.ErrnoException;
  return code ?? messageOf(error);
}

/** The file has mode 0640: its owner writes it, and that must be the workers' user; root may do so anyhow. */
function giveToWorkers(path: string, { user, group }: StatsFileWish): void {
  if (process.getuid?.() !== 0 || (user === null && group === null)) return;
  const account = user === null ? null : findAccount(user);
  chownSync(path, account?.uid ?? 0, group === null ? account!.gid : findGroup(group));
}

/**
 * The file of the master that ran in this process before. When its layout is another one, a new file takes its place, with the
 * totals that both know; workers from before go on writing to the old file, which is no longer read.
 */
export function inheritStatsFile(
  { statsPath: path, startedMs, totals, settings }: HandOver,
  workers: number,
): StatsFile & { readonly isSame: boolean } {
  const remove = (): void => removeOwn(path);
  try {
    return { segment: openSegment(path), remove, isSame: true };
  } catch (error) {
    if (!(error instanceof SegmentError)) throw error;
    const options = optionsOf({ workers, startedMs });
    const segment = isAnonymous(path) ? createAnonymousSegment(options) : createSegment(path, options);
    placeTotals(totals, segment.base);
    if (!isAnonymous(path)) {
      leaveConnections(path);
      giveToWorkers(path, settings);
    }
    return { segment, remove, isSame: false };
  }
}

/** Whether a master that no longer exists left statistics where these settings want theirs. */
export function isLeftByDeadMaster({ stats_file, port }: StatsFileWish): boolean {
  const paths = stats_file !== null ? [stats_file] : memoryFolders().map((folder) => defaultStatsPath(port, folder));
  return paths.some((path) => {
    try {
      if (isNoFile(path)) return false;
      const { masterPid } = snapshotSegment(path);
      return masterPid === process.pid || !isRunning(masterPid);
    } catch {
      return false; // none, or not one that we know
    }
  });
}

/** The pid of the living master that made the file at `path`; 0 when there is none. */
function livingOwnerOf(path: string): number {
  if (!existsSync(path)) return 0;
  try {
    const pid = snapshotSegment(path).masterPid;
    return pid !== process.pid && isRunning(pid) ? pid : 0;
  } catch (error) {
    if (!(error instanceof SegmentError)) throw error;
    if (isSomethingElse(path)) throw new StartError(`stats_file ${path} is not a statistics file; name another one`);
    return 0; // of another version, or damaged: a leftover, which createSegment replaces
  }
}

/** A file that saker didn't make is a mistake in the settings, and must not be replaced. */
function isSomethingElse(path: string): boolean {
  const start = readFileStart(path, MAGIC.length);
  return start !== null && start.toString("latin1") !== MAGIC;
}

/** Another user's file can't be replaced in a world-writable folder (sticky bit). */
function isForeign(path: string): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  const uid = process.getuid?.();
  return status !== undefined && status.uid !== uid && uid !== 0;
}

function removeOwn(path: string): void {
  try {
    if (snapshotSegment(path).masterPid !== process.pid) return;
    removeTables(path);
    rmSync(path, { force: true });
  } catch {
    // Gone already, or replaced by another process: nothing to remove.
  }
}
