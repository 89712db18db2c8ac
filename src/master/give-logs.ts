/**
 * Log files for workers that are not root any more: they may neither create a file in a folder owned by root nor open
 * one owned by root, such as those that logrotate's `create` leaves behind.
 *
 * In:    the settings, before workers are told to reopen their logs.
 * Out:   each log that is a file exists, and belongs to the workers' user.
 * Keeps: nothing happens unless the master is root and the workers aren't. The folder may be theirs: a link there is
 *        not followed, and a file with a second name, which may belong to another user, is left alone.
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
    // A group that an administrator has set, such as one that may read logs, is kept.
    if (status.isFile() && status.nlink === 1 && status.uid !== uid) fchownSync(fd, uid, status.gid || gid);
  } catch {
    // A file system without owners: either all users may write there, or none.
  } finally {
    closeSync(fd);
  }
}
