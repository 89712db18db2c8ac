/**
 * The program that this process runs: whether it is the executable or the sources, and which file another process of it runs.
 *
 * Keeps: /proc/self/exe names the file that runs here, also after it was deleted or replaced (proc_pid_exe(5)).
 */
import { existsSync } from "node:fs";

/** Missing where /proc is missing. */
export const OWN_PROGRAM = "/proc/self/exe";

/**
 * Whether this is the compiled executable, whose sources are inside it (on Windows under a drive of their own). Otherwise saker runs
 * from source: the program is Bun, its script is `Bun.main`, and each process reads that again.
 */
export const isCompiled: boolean = Bun.main.startsWith("/$bunfs") || Bun.main.startsWith("B:\\~BUN");

export function hasOwnProgram(): boolean {
  return existsSync(OWN_PROGRAM);
}

/** A file by which this program can be run: the one that runs here, or what lies now where it was found. */
export function ownProgram(): string {
  return hasOwnProgram() ? OWN_PROGRAM : process.execPath;
}
