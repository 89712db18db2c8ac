/**
 * Confining this process to a plan, and to what the runtime itself needs.
 *
 * In:    a `Confinement`. Out: what is in force. To be called on the main thread just before the process becomes another
 *        program (replace-process.ts): threads that run already aren't bound.
 * Keeps: what the runtime reads was found with strace(1) of a serving worker: limits and memory in /proc and
 *        /sys, the local time, pseudo devices such as /dev/null, libraries. In /proc it sees of other processes what the kernel
 *        shows to all: Landlock denies access to processes outside its own domain.
 * Fails: what is refused isn't in force, as the result tells; a failure of Landlock is reported on standard error.
 */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { pinToCpu } from "./affinity.ts";
import type { Confinement, Enforced } from "./confinement.ts";
import { FileAccess, type PathRule, restrictSelf } from "./landlock.ts";
import { refuseRareCalls } from "./seccomp.ts";
import { limitCapabilities, setNoNewPrivileges } from "./privileges.ts";

const READ = FileAccess.ReadFile | FileAccess.ReadFolder;
const WRITE = FileAccess.WriteFile | FileAccess.MakeFile;
const UPDATE = FileAccess.ReadFile | FileAccess.WriteFile;
const KEEP =
  READ | WRITE | FileAccess.Truncate | FileAccess.RemoveFile | FileAccess.RemoveFolder | FileAccess.MakeFolder;

/** This process' program, also after its file was replaced. */
const OWN_PROGRAM = "/proc/self/exe";

const RUNTIME_READS = [
  "/proc",
  "/sys/devices/system",
  "/sys/fs/cgroup",
  "/sys/kernel/mm",
  "/etc/ld.so.cache",
  "/etc/ld.so.preload",
  "/etc/localtime",
  "/usr/share/zoneinfo",
  // Users and groups, for the worker that becomes one of them.
  "/etc/passwd",
  "/etc/group",
  "/etc/nsswitch.conf",
];

/** Who connects looks up names. */
const RESOLVER_READS = [
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/host.conf",
  "/etc/gai.conf",
  "/etc/services",
  "/etc/ssl",
];

const DEVICES = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

export function confineSelf(plan: Confinement): Enforced {
  const cpu = plan.cpu !== null && pinToCpu(plan.cpu) ? plan.cpu : null;
  if (!plan.confines) return { noNewPrivileges: false, landlock: 0, seccomp: false, cpu };
  limitCapabilities();
  const noNewPrivileges = setNoNewPrivileges();
  const landlock = noNewPrivileges ? restrictWherePossible(plan) : 0;
  const seccomp = noNewPrivileges && refuseRareCalls(plan.connects);
  return { noNewPrivileges, landlock, seccomp, cpu };
}

/** A surrounding sandbox may refuse what the kernel offers. With `confine = true` the result 0 ends the worker. */
function restrictWherePossible(plan: Confinement): number {
  try {
    return restrictSelf(rulesOf(plan), plan.connects);
  } catch (error) {
    console.error(`saker: ${(error as Error).message}`);
    return 0;
  }
}

function rulesOf({ read, write, update, keep = [], connects = false }: Confinement): PathRule[] {
  const rules = (paths: readonly string[], access: number): PathRule[] => paths.map((path) => ({ path, access }));
  const { programs, folders } = loadedFiles();
  return [
    ...rules([...RUNTIME_READS, ...folders, ...read], READ),
    ...rules(programs, FileAccess.ReadFile | FileAccess.Execute),
    ...rules([...DEVICES, ...update], UPDATE),
    // Standard output and standard error, where they are a terminal or a file that is reopened.
    ...rules(["/proc/self/fd/1", "/proc/self/fd/2"], FileAccess.WriteFile),
    ...rules(write, WRITE),
    ...rules(keep, KEEP),
    ...rules(connects ? RESOLVER_READS : [], READ),
  ];
}

interface LoadedFiles {
  /** What has to be executed to start this program: itself, and the loader that the kernel runs first. */
  readonly programs: readonly string[];
  /** Where its libraries lie. */
  readonly folders: readonly string[];
}

/** Files that are mapped into this process and therefore will be again: /proc/self/maps, proc_pid_maps(5). */
function loadedFiles(): LoadedFiles {
  const lines = readFileSync("/proc/self/maps", "utf8").split("\n");
  const paths = new Set(lines.flatMap((line) => /\s(\/.*\.so(?:\.[\d.]+)?)$/.exec(line)?.[1] ?? []));
  const loaders = [...paths].filter((path) => /\/ld-[^/]*$/.test(path));
  return { programs: [OWN_PROGRAM, ...loaders], folders: [...new Set([...paths].map(dirname))] };
}
