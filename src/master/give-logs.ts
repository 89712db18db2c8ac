/**
 * Log files for workers that are not root any more: they may neither make a file in a folder of root's nor open one of root's,
 * as those are that logrotate's `create` leaves behind.
 *
 * In:    the settings, before workers are told to open their logs anew.
 * Out:   each log that is a file is there, and belongs to who the workers are.
 * Keeps: nothing happens unless we are root and workers aren't. The folder may be theirs: a link there is not followed, and a
 *        file with a second name, which may be somebody else's, is left alone.
 * Fails: never; a worker that can't open its log says so, and keeps the one it has.
 */
import { closeSync, constants, fchownSync, fstatSync, openSync } from "node:fs";
import type { Settings } from "../config/settings.ts";
import { findAccount, findGroup } from "../sys/process.ts";

type LogSettings = Pick<Settings, "access_log" | "error_log" | "user" | "group">;

const OPEN_FLAGS =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export function giveLogs({ access_log, error_log, user, group }: LogSettings): void {
  if (process.getuid?.() !== 0 || user === null) return;
  const { uid, gid } = findAccount(user);
  for (const path of [access_log, error_log]) {
    if (path !== false && path !== "-") give(path, uid, group === null ? gid : findGroup(group));
  }
}

function give(path: string, uid: number, gid: number): void {
  let fd: number;
  try {
    fd = openSync(path, OPEN_FLAGS | constants.O_NOCTTY, 0o640);
  } catch {
    return;
  }
  try {
    const status = fstatSync(fd);
    // A group that somebody has given it, as those who may read logs, is kept.
    if (status.isFile() && status.nlink === 1 && status.uid !== uid) fchownSync(fd, uid, status.gid || gid);
  } catch {
    // A file system without owners: then everybody may write there, or nobody.
  } finally {
    closeSync(fd);
  }
}
