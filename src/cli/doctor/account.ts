/**
 * The account of the workers, and what the permission bits of a file let it do (inode(7), path_resolution(7)).
 *
 * Keeps: access control lists aren't checked: they may allow what the bits don't.
 */
import { readFileSync } from "node:fs";
import { findAccount, findGroup } from "../../sys/process.ts";

export interface Account {
  /** Name or number, for people. */
  readonly name: string;
  readonly uid: number;
  /** Its own group and all others. */
  readonly gids: readonly number[];
}

/** Owner and permissions of something on disk. */
export interface Permission {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** Permission bits of one class of users. */
export enum Access {
  Enter = 1,
  Read = 4,
  ReadAndEnter = 5,
}

/** Whether the bits allow it. The first class that fits decides, as the kernel has it. */
export function mayAccess({ uid, gids }: Account, file: Permission, access: Access): boolean {
  if (uid === 0) return true;
  const shift = file.uid === uid ? 6 : gids.includes(file.gid) ? 3 : 0;
  return ((file.mode >> shift) & access) === access;
}

/** The account of this process. */
export function currentAccount(): Account {
  const uid = process.getuid?.() ?? 0;
  return { name: `uid ${uid}`, uid, gids: [process.getgid?.() ?? 0, ...(process.getgroups?.() ?? [])] };
}

/** The account that a worker switches to (sys/process.ts, dropPrivileges). Throws `SystemError` for a name that isn't known. */
export function configuredAccount(user: string | null, group: string | null, groupFile = "/etc/group"): Account {
  const current = currentAccount();
  if (user === null) return group === null ? current : { ...current, gids: [findGroup(group)] };
  const { uid, gid, name } = findAccount(user);
  const own = group === null ? gid : findGroup(group);
  return { name: user, uid, gids: [own, ...(name === null ? [] : groupsWith(name, groupFile))] };
}

/** The groups that a user is a member of by group(5). */
function groupsWith(user: string, groupFile: string): number[] {
  let text: string;
  try {
    text = readFileSync(groupFile, "utf8");
  } catch {
    return []; // a container without the file
  }
  return text
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([, , , members]) => members?.split(",").includes(user) === true)
    .map(([, , gid]) => Number(gid));
}
