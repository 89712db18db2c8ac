/**
 * Which version of a file lies at a path, and its content, for files that are read whole.
 *
 * In:    a path; links are followed, so a link that is switched is another version.
 * Out:   a text that differs if the file does: another inode, size or time. "" where there is none.
 * Fails: `readText` throws one line for people, the end of a sentence that begins with the file.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { FileStatus, statPath } from "../sys/file-status.ts";

export function versionOf(path: string): string {
  if (statPath(Buffer.from(`${path}\0`), status) !== 0) return ""; // also: it can't be reached just now
  const { dev, ino, size, mtimeMs, mtimeNs, ctimeMs, ctimeNs } = status;
  return `${dev}:${ino}:${size}:${mtimeMs}.${mtimeNs}:${ctimeMs}.${ctimeNs}`;
}

/** Filled in and read again at once. */
const status = new FileStatus();

/** Bundles of all public authorities have half of it. */
const FILE_OCTETS_MAX = 1_048_576;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EACCES: "can't be read: permission denied",
  ELOOP: "can't be read: too many links",
};

/** A file's text, and who may read it. */
export interface FileText {
  readonly text: string;
  readonly mode: number;
}

export function readText(path: string): FileText {
  const fd = openForReading(path);
  try {
    const { mode, size } = fstatSync(fd);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw new Error("is no file");
    if (size > FILE_OCTETS_MAX) throw new Error("is too large for what it should be (over 1 MiB)");
    return { text: readFileSync(fd, "latin1"), mode };
  } finally {
    closeSync(fd);
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK); // a pipe without a writer would block
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new Error(REASONS[code] ?? `can't be read: ${message}`, { cause: error });
  }
}
