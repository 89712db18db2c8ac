/**
 * What is at a path, for commands that check before they act. Cold code only: the server opens first and checks the descriptor.
 */
import { type Stats, statSync } from "node:fs";

/** The status of what the path leads to; null when it leads nowhere, for whatever reason. */
export function pathStatus(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null; // missing, below a file, behind a closed folder, a loop: code that needs the reason opens it
  }
}

export function isFolder(path: string): boolean {
  return pathStatus(path)?.isDirectory() === true;
}
