/**
 * Giving up privileges: no_new_privs, and the capabilities that no process here needs (prctl(2), capabilities(7)).
 *
 * Keeps: for good, and for whatever this process executes. Root keeps the capabilities that it takes to read
 *        any file and to become another user; other users gain none.
 */
import { libc } from "./libc.ts";

const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;

/** CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_SETGID, CAP_SETUID. */
const KEPT: readonly number[] = [1, 2, 6, 7];
/** Capabilities are numbered from 0; a kernel refuses a number it doesn't know. */
const CAPABILITIES_MAX = 64;

/**
 * No program that is executed from here on gains rights by its set-user-ID bit or file capabilities. False: not supported here.
 */
export function setNoNewPrivileges(): boolean {
  return libc !== null && libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) === 0;
}

/** Takes effect when the next program is executed. Does nothing in a process that has no capabilities to give up. */
export function limitCapabilities(): void {
  if (libc === null) return;
  libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  for (let capability = 0; capability < CAPABILITIES_MAX; capability++) {
    if (!KEPT.includes(capability) && libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) !== 0) return;
  }
}
