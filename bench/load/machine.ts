/**
 * Where and what was measured: the facts without which numbers mean nothing.
 *
 * Out:   `Machine`, the commit, the command as typed.
 * Keeps: tells of the hardware and the kernel, not of the machine's name or paths.
 */
import { existsSync, readFileSync } from "node:fs";
import { cpus, loadavg, release, type as systemName } from "node:os";
import { dirname } from "node:path";
import type { Cores } from "./cores.ts";
import type { Machine } from "./result.ts";

export function describeMachine(cores: Cores): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    kernel: `${systemName()} ${release()}`,
    serverCore: cores.server,
    clientCore: cores.client,
    pinned: cores.pinned,
    loadAverage: loadavg()[0] ?? NaN,
  };
}

/** The commit of the work tree, with "+" when it holds changes; "unknown" outside a repository. */
export function describeCommit(): string {
  const git = (...words: string[]): string => {
    if (Bun.which("git") === null) return "";
    const { stdout, exitCode } = Bun.spawnSync(["git", "-C", dirname(import.meta.dir), ...words]);
    return exitCode === 0 ? stdout.toString().trim() : "";
  };
  const commit = git("rev-parse", "--short=12", "HEAD");
  if (commit === "") return "unknown";
  return git("status", "--porcelain", "--untracked-files=no") === "" ? commit : `${commit}+`;
}

/** True on a system the bench can measure on: it reads /proc. */
export function hasProc(): boolean {
  return existsSync("/proc/self/stat") && readFileSync("/proc/self/stat", "latin1").length > 0;
}
