/**
 * The rules that lie in document roots, read by the master for all workers of a generation.
 *
 * In:    settings. Out: what the workers are to obey (site/rule-files.ts).
 * Keeps: the master may read what the workers may not, and notes about a rule quote it; so a file counts as unreadable where the
 *        workers' user may not read it.
 */
import { constants, fstatSync, type Stats } from "node:fs";
import type { Settings } from "../config/settings.ts";
import { readRuleFiles, type RuleFilesByRoot } from "../site/rule-files.ts";
import { findAccount, findGroup, groupsOf } from "../sys/process.ts";

interface Reader {
  readonly uid: number;
  readonly gids: readonly number[];
}

export function readRules(settings: Settings): RuleFilesByRoot {
  const reader = readerOf(settings);
  return readRuleFiles(settings, (fd) => reader === null || mayRead(reader, fstatSync(fd)));
}

/** Whom the workers become; null where they are who the master is. */
function readerOf({ user, group }: Pick<Settings, "user" | "group">): Reader | null {
  if (process.getuid?.() !== 0 || (user === null && group === null)) return null;
  const account = user === null ? { name: null, uid: 0, gid: 0 } : findAccount(user);
  const gid = group === null ? account.gid : findGroup(group);
  return { uid: account.uid, gids: [gid, ...(account.name === null ? [] : groupsOf(account.name))] };
}

/** The first class that applies decides (man 7 path_resolution). */
export function mayRead({ uid, gids }: Reader, file: Pick<Stats, "uid" | "gid" | "mode">): boolean {
  if (uid === 0) return true;
  if (file.uid === uid) return (file.mode & constants.S_IRUSR) !== 0;
  return (file.mode & (gids.includes(file.gid) ? constants.S_IRGRP : constants.S_IROTH)) !== 0;
}
