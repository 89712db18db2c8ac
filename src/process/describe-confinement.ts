/**
 * The log line about what the workers can't do.
 *
 * In:    the plan of the first stage and what came of it; both null where there was no first stage.
 * Out:   a line without its end.
 * Keeps: pure.
 */
import type { Confinement, Enforced } from "../sys/confinement.ts";
import { NETWORK_VERSION, SCOPE_VERSION } from "../sys/landlock.ts";

/** `isOff`: the configuration has it so. */
export function describeConfinement(plan: Confinement | null, enforced: Enforced | null, isOff: boolean): string {
  if (isOff) return "workers are not confined (confine = false)";
  if (plan === null || enforced === null) return "workers are not confined: no FFI or no /proc here";
  const { noNewPrivileges, landlock, seccomp } = enforced;
  const privileges = noNewPrivileges ? "no_new_privs" : "they may gain privileges";
  const calls = seccomp ? "seccomp: no rare system calls, no sockets but unix ones" : "";
  const files = landlock === 0 ? ["no Landlock here, so files are open to them"] : describeLandlock(plan, landlock);
  return `workers: ${[privileges, ...files, calls].filter((part) => part !== "").join("; ")}`;
}

function describeLandlock(plan: Confinement, landlock: number): string[] {
  return [
    `Landlock ABI ${landlock}`,
    plan.read.includes("/") ? "read everything (follow_symlinks)" : `read below ${plan.read.join(", ") || "nothing"}`,
    plan.write.length === 0 ? "write nothing" : `write ${plan.write.join(", ")}`,
    "run nothing but saker",
    landlock >= NETWORK_VERSION ? "no TCP but the inherited sockets" : "",
    landlock >= SCOPE_VERSION ? "no signals to others" : "",
  ];
}
