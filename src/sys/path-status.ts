/**
 * What is at a path, for code that checks before it acts. Cold code only: the server opens first and checks the descriptor.
 *
 * Keeps: never throws. A path that leads through a file, into a loop of links or behind a closed folder, or one with a name that is
 *        too long, leads nowhere, like one that is missing; code that needs the reason opens it.
 */
import { lstatSync, type PathLike, type Stats, statSync } from "node:fs";

/** The status of what the path leads to; null when it leads nowhere, for whatever reason. */
export function pathStatus(path: PathLike): Stats | null {
  return orNull(() => statSync(path));
}

/** The same of the path's last name, even if it is a symbolic link. */
export function linkStatus(path: PathLike): Stats | null {
  return orNull(() => lstatSync(path));
}

export function isFolder(path: PathLike): boolean {
  return pathStatus(path)?.isDirectory() === true;
}

export function isFile(path: PathLike): boolean {
  return pathStatus(path)?.isFile() === true;
}

/** Whether a path without links is the folder or lies below it. */
export function isBelow(folder: string, path: string): boolean {
  return path === folder || folder === "/" || path.startsWith(`${folder}/`);
}

function orNull(look: () => Stats): Stats | null {
  try {
    return look();
  } catch {
    return null;
  }
}
