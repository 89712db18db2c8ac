import { expect, test } from "bun:test";
import type { Confinement, Enforced } from "../../src/sys/confinement.ts";
import { describeConfinement } from "../../src/process/describe-confinement.ts";

const plan: Confinement = { confines: true, read: ["/srv"], write: ["/var/log/saker"], update: [], cpu: null };
const full: Enforced = { noNewPrivileges: true, landlock: 7, seccomp: true, cpu: null };

test.each<[string, Confinement | null, Enforced | null, boolean, string]>([
  [
    "all",
    plan,
    full,
    false,
    "workers: no_new_privs; Landlock ABI 7; read below /srv; write /var/log/saker; run nothing but saker; no TCP but the inherited sockets; no signals to others; seccomp: no rare system calls, no sockets but unix ones",
  ],
  [
    "an older kernel",
    plan,
    { ...full, landlock: 3, seccomp: false },
    false,
    "workers: no_new_privs; Landlock ABI 3; read below /srv; write /var/log/saker; run nothing but saker",
  ],
  [
    "links everywhere",
    { ...plan, read: ["/"], write: [] },
    { ...full, landlock: 1, seccomp: false },
    false,
    "workers: no_new_privs; Landlock ABI 1; read everything (follow_symlinks); write nothing; run nothing but saker",
  ],
  [
    "no Landlock",
    plan,
    { ...full, landlock: 0 },
    false,
    "workers: no_new_privs; no Landlock here, so files are open to them; seccomp: no rare system calls, no sockets but unix ones",
  ],
  ["no FFI", null, null, false, "workers are not confined: no FFI or no /proc here"],
  ["turned off", { ...plan, confines: false }, { ...full, cpu: 1 }, true, "workers are not confined (confine = false)"],
])("%s", (_what, confinement, enforced, isOff, line) => {
  expect(describeConfinement(confinement, enforced, isOff)).toBe(line);
});
