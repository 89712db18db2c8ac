/**
 * The file that holds the master's process id while it runs (setting `pid_file`).
 *
 * Keeps: a reader never sees half a number: the file is written under another name and renamed. Removed at the end,
 *        unless another process has put its own number there.
 * Fails: StartError.
 */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isCompiled } from "../sys/own-program.ts";
import { isNoFile } from "../sys/file-start.ts";
import { StartError } from "./start-error.ts";

/** Writes `pid` and a line feed; returns the function that removes the file again. */
export function writePidFile(path: string, pid: number = process.pid): () => void {
  if (holdsSomethingElse(path)) throw new StartError(`pid_file ${path} is not a pid file; name another one`);
  const owner = livingOwnerOf(path);
  if (owner !== 0) {
    throw new StartError(`pid_file ${path} belongs to a saker that is running (pid ${owner}); give this one another`);
  }
  const unfinished = `${path}.${pid}.new`;
  try {
    writeFileSync(unfinished, `${pid}\n`, { mode: 0o644 });
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new StartError(`cannot write pid_file ${path}: ${code}`, { cause: error });
  }
  return () => removePidFile(path, pid);
}

/** A file that holds more than a number is a mistake in the settings, and must not be replaced. */
function holdsSomethingElse(path: string): boolean {
  try {
    // Also a device: /dev/null would be gone.
    if (isNoFile(path)) return true;
    return !/^\d*\s*$/.test(readFileSync(path, "latin1"));
  } catch {
    return false; // there is none, or writing will report what is wrong
  }
}

/** The pid in the file, if another master of this program runs under it; 0 for all others, who may have got the number since. */
function livingOwnerOf(path: string): number {
  try {
    const pid = Number(readFileSync(path, "latin1"));
    if (pid === 0 || pid === process.pid) return 0;
    const [theirs, ours] = [statSync(`/proc/${pid}/exe`), statSync("/proc/self/exe")];
    if (theirs.ino !== ours.ino || theirs.dev !== ours.dev) return 0;
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const isMaster = (isCompiled || words.includes(Bun.main)) && !words.some((word) => word.startsWith("--saker-"));
    return isMaster ? pid : 0;
  } catch {
    return 0; // no file, no such process, or one that we may not look at
  }
}

function removePidFile(path: string, pid: number): void {
  try {
    if (readFileSync(path, "latin1").trim() === String(pid)) rmSync(path);
  } catch {
    // The file or its folder has already been removed: there is nothing left to do.
  }
}
