/**
 * What a process asks of the kernel about itself: its parent's death, its user, its descriptors.
 *
 * Fails: functions that are mere improvements return false where they can't act (no FFI); those whose failure would be a
 *        security hole (`dropPrivileges`) throw `SystemError`.
 * Source: prctl(2), getrlimit(2), setuid(2).
 */
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { ptr } from "bun:ffi";
import { Errno, errnoOfException, SystemError } from "./errno.ts";
import { libc } from "./libc.ts";

const PR_SET_PDEATHSIG = 1;
const RLIMIT_NOFILE = 7;

/**
 * Asks the kernel to send this process `signal` when its parent dies. Returns false where that isn't possible.
 *
 * A worker calls it early, with SIGTERM, so that it drains when its master is killed, and listens for IPC "disconnect"
 * as well, the way that works without FFI. Pass `expectedParent` (the master's pid) to close the gap before the call:
 * if the parent is another process by now, the master died first and no signal will come, so the answer is false and
 * the worker must end by itself. The kernel forgets the request when the user id changes: call `dropPrivileges` before.
 */
export function dieWithParent(signal: NodeJS.Signals, expectedParent = 0): boolean {
  if (libc === null) return false;
  if (libc.prctl(PR_SET_PDEATHSIG, constants.signals[signal], 0, 0, 0) !== 0) return false;
  return expectedParent === 0 || libc.getppid() === expectedParent;
}

/** Whether a process has this id, whatever its user. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The variables that this process was started with (/proc/self/environ), those included that the runtime keeps to itself. */
export function environmentAtStart(): Record<string, string> {
  const lines = readFileSync("/proc/self/environ", "utf8").split("\0");
  const pairs = lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)] as const);
  return Object.fromEntries(pairs.filter(([name]) => name !== ""));
}

export type DescriptorLimit = { soft: number; hard: number };

/**
 * Raises the soft limit of open descriptors to the hard one and returns what holds then. (Bun does so at its start; this
 * also serves where it didn't.) Infinity stands for no limit; NaN where it can't be told.
 */
export function raiseDescriptorLimit(): DescriptorLimit {
  if (libc === null) return descriptorLimitOfProc();
  const words = new Uint32Array(4); // struct rlimit: two 64-bit words
  if (libc.getrlimit(RLIMIT_NOFILE, ptr(words)) !== 0) return descriptorLimitOfProc();
  const hard = limitOf(words[2]!, words[3]!);
  const soft = limitOf(words[0]!, words[1]!);
  if (soft >= hard) return { soft, hard };
  words[0] = words[2]!;
  words[1] = words[3]!;
  return { soft: libc.setrlimit(RLIMIT_NOFILE, ptr(words)) === 0 ? hard : soft, hard };
}

/**
 * Gives up root for `user` and `group` (names or numeric ids; group null = the user's own), for good: supplementary
 * groups, then group, then user. Does nothing when both are null. Throws `SystemError` naming what is unknown or refused.
 */
export function dropPrivileges(user: string | null, group: string | null): void {
  if (user === null && group === null) return;
  const account = user === null ? null : findAccount(user);
  const gid = group === null ? account!.gid : findGroup(group);
  try {
    if (account !== null && account.name !== null) identity.initgroups(account.name, gid);
    else identity.setgroups([gid]);
    identity.setgid(gid);
    if (account !== null) identity.setuid(account.uid);
  } catch (error) {
    throw new SystemError("setuid", -errnoOfException(error) || Errno.EPERM, `user ${user}, group ${group}`);
  }
}

/** Bun has these as Node does; its types lack the first. */
const identity = process as unknown as {
  initgroups(user: string, extraGroup: number): void;
  setgroups(groups: number[]): void;
  setgid(group: number): void;
  setuid(user: number): void;
};

type Account = { name: string | null; uid: number; gid: number };

/** The line of passwd(5) by name, or by number (which needs no line: then the group has the same number). */
export function findAccount(user: string, passwdPath = "/etc/passwd"): Account {
  for (const [name, , uid, gid] of colonLines(passwdPath)) {
    if (name === user || uid === user) return { name: name!, uid: Number(uid), gid: Number(gid) };
  }
  if (/^\d+$/.test(user)) return { name: null, uid: Number(user), gid: Number(user) };
  throw new SystemError("getpwnam", Errno.ENOENT, `no user "${user}"`);
}

/** Home directories of root and of people, by passwd(5): ids below 1000 are system accounts, 65534 is the user nobody. */
export function homesOfPeople(passwdPath = "/etc/passwd"): string[] {
  const people = colonLines(passwdPath).filter(([, , uid]) => uid === "0" || (Number(uid) >= 1000 && uid !== "65534"));
  return people.flatMap(([, , , , , home]) => home ?? []);
}

/** The number of a group(5), by name or number. */
export function findGroup(group: string, groupPath = "/etc/group"): number {
  for (const [name, , gid] of colonLines(groupPath)) if (name === group) return Number(gid);
  if (/^\d+$/.test(group)) return Number(group);
  throw new SystemError("getgrnam", Errno.ENOENT, `no group "${group}"`);
}

/** The groups(5) that list a user, besides the one of its account. */
export function groupsOf(user: string, groupPath = "/etc/group"): number[] {
  const listing = colonLines(groupPath).filter(([, , , members = ""]) => members.split(",").includes(user));
  return listing.map(([, , gid]) => Number(gid));
}

function colonLines(path: string): string[][] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return []; // a container without the file: numeric ids still work
  }
  return text.split("\n").map((line) => line.split(":"));
}

/** Whether a process has a handler for a signal (SigCgt in proc(5)); null where that can't be read. */
export function handlesSignal(pid: number, signal: number): boolean | null {
  try {
    const caught = /^SigCgt:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))!;
    return ((BigInt(`0x${caught[1]}`) >> BigInt(signal - 1)) & 1n) === 1n;
  } catch {
    return null;
  }
}

function limitOf(low: number, high: number): number {
  return low === 0xffffffff && high === 0xffffffff ? Infinity : high * 0x1_0000_0000 + low;
}

function descriptorLimitOfProc(): DescriptorLimit {
  try {
    const line = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"));
    const read = (text: string | undefined) => (text === "unlimited" ? Infinity : Number(text));
    return { soft: read(line?.[1]), hard: read(line?.[2]) };
  } catch {
    return { soft: NaN, hard: NaN };
  }
}
