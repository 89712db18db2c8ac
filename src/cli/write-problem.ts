/**
 * Whether a file that saker would write can be written, checked before anything is written.
 *
 * Keeps: changes nothing; makes no file. Cold code only.
 */
import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { isOpenDescriptor, ownDescriptor } from "../sys/named-descriptor.ts";
import { isFolder, pathStatus } from "../sys/path-status.ts";

/** Why a file can't be written or made; "" when it can. */
export function writeProblem(path: string): string {
  const fd = ownDescriptor(path);
  if (fd !== null) return isOpenDescriptor(fd) ? "" : `is descriptor ${fd}, which is not open`;
  const status = pathStatus(path);
  if (status?.isSocket() === true) return "is a socket, which can't be opened by a name";
  if (status?.isDirectory() === true) return "is a folder; name a file";
  const folder = dirname(path);
  if (!isFolder(folder)) return `can't be made: make the folder ${folder} first`;
  return status === null ? absenceProblem(path) || accessProblem(folder) : accessProblem(path);
}

/** Why nothing can be made at a path in a folder that is there; "" where nothing was made yet. */
function absenceProblem(path: string): string {
  try {
    statSync(path);
    return "";
  } catch (error) {
    return ABSENCE_TEXT[(error as NodeJS.ErrnoException).code ?? ""] ?? "";
  }
}

const ABSENCE_TEXT: Readonly<Record<string, string>> = {
  ELOOP: "is a loop of symbolic links",
  ENAMETOOLONG: "can't be made: its name is too long",
};

/** Why nothing can be written at a path that exists; "" when something can. */
export function accessProblem(path: string): string {
  try {
    accessSync(path, constants.W_OK);
    return "";
  } catch (error) {
    const isReadOnly = (error as NodeJS.ErrnoException).code === "EROFS";
    return isReadOnly ? "lies on a file system that is mounted read-only" : "can't be written by this user";
  }
}
