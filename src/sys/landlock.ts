/**
 * Landlock: a thread gives up access to files, ports and processes for good, and so does whatever it executes
 * (landlock(7)).
 *
 * In:    what remains permitted, path by path; everything else that this kernel can take away is gone afterwards.
 * Out:   the version of the interface that is enforced; 0 when the kernel has none.
 * Keeps: only the calling thread is bound, and threads and programs it starts later. The runtime has started threads by the
 *        time our code runs, so this is for a process that becomes another program at once (replace-process.ts).
 *        A rule holds for what lies at the path now: a folder that is put in its place later has none.
 * Fails: throws `SystemError` when the kernel has Landlock and refuses; a path that doesn't exist is no failure.
 * Source: Documentation/userspace-api/landlock.rst and include/uapi/linux/landlock.h of Linux.
 */
import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { Errno, errnoOfException, SystemError } from "./errno.ts";
import { SystemCall, systemCall } from "./syscall.ts";

const O_PATH = 0x20_0000;
const CREATE_RULESET_VERSION = 1;
const RULE_PATH_BENEATH = 1;

/** LANDLOCK_ACCESS_FS_…: bits of a rule. */
export enum FileAccess {
  Execute = 1,
  WriteFile = 1 << 1,
  ReadFile = 1 << 2,
  ReadFolder = 1 << 3,
  RemoveFolder = 1 << 4,
  RemoveFile = 1 << 5,
  MakeFolder = 1 << 7,
  MakeFile = 1 << 8,
  /** From version 3 on. */
  Truncate = 1 << 14,
}

/** Bits that apply to files other than folders. */
const OF_FILES = FileAccess.Execute | FileAccess.WriteFile | FileAccess.ReadFile | FileAccess.Truncate;

/** All bits that a version of the interface knows: the first 13, then one each in versions 2 (refer), 3 (truncate), 5 (ioctl). */
function accessesOf(version: number): number {
  const count = 13 + (version >= 2 ? 1 : 0) + (version >= 3 ? 1 : 0) + (version >= 5 ? 1 : 0);
  return 2 ** count - 1;
}

/** LANDLOCK_ACCESS_NET_BIND_TCP and …_CONNECT_TCP; the version that has them. */
const BIND = 1;
const CONNECT = 2;
export const NETWORK_VERSION = 4;
/** LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET and …_SIGNAL: none of either to a process outside; the version that has them. */
const SCOPES = 3;
export const SCOPE_VERSION = 6;

export interface PathRule {
  readonly path: string;
  /** `FileAccess` bits. */
  readonly access: number;
}

/** Version of the interface that the kernel offers; 0 = there is none, or it is turned off. Changes nothing. */
export function landlockVersion(): number {
  return Math.max(systemCall(SystemCall.LandlockCreateRuleset, 0, 0, CREATE_RULESET_VERSION), 0);
}

/** Restricts this thread to `rules`. It must have no_new_privs. Returns the version that is in force. `connects`: by TCP, to anybody. */
export function restrictSelf(rules: readonly PathRule[], connects = false): number {
  const version = landlockVersion();
  if (version === 0) return 0;
  const ruleset = createRuleset(version, connects);
  const accesses = accessesOf(version);
  for (const { path, access } of rules) addRule(ruleset, { path, access: access & accesses });
  check("landlock_restrict_self", systemCall(SystemCall.LandlockRestrictSelf, ruleset, 0), "");
  closeSync(ruleset);
  return version;
}

function createRuleset(version: number, connects: boolean): number {
  // struct landlock_ruleset_attr: handled_access_fs, handled_access_net, scoped; 64 bits each.
  const fields = [accessesOf(version), connects ? BIND : BIND | CONNECT, SCOPES];
  const known = 1 + (version >= NETWORK_VERSION ? 1 : 0) + (version >= SCOPE_VERSION ? 1 : 0);
  const attributes = Buffer.alloc(known * 8);
  for (let index = 0; index < known; index++) attributes.writeUInt32LE(fields[index]!, index * 8);
  return check(
    "landlock_create_ruleset",
    systemCall(SystemCall.LandlockCreateRuleset, attributes, attributes.length, 0),
    "",
  );
}

function addRule(ruleset: number, { path, access }: PathRule): void {
  let fd: number;
  try {
    fd = openSync(path, O_PATH | constants.O_RDONLY);
  } catch (error) {
    const failure = -errnoOfException(error);
    if (failure === Errno.ENOENT || failure === Errno.ENOTDIR || failure === Errno.EACCES) return;
    throw new SystemError("open", failure, path);
  }
  try {
    // struct landlock_path_beneath_attr, packed: allowed_access (64 bits), parent_fd (32 bits).
    const attributes = Buffer.alloc(12);
    attributes.writeUInt32LE(fstatSync(fd).isDirectory() ? access : access & OF_FILES, 0);
    attributes.writeInt32LE(fd, 8);
    const answer = systemCall(SystemCall.LandlockAddRule, ruleset, RULE_PATH_BENEATH, attributes, 0);
    // A pipe or socket lies in no folder and needs no rule.
    if (answer !== -Errno.EBADFD) check("landlock_add_rule", answer, path);
  } finally {
    closeSync(fd);
  }
}

function check(call: string, answer: number, detail: string): number {
  if (answer < 0) throw new SystemError(call, -answer, detail);
  return answer;
}
