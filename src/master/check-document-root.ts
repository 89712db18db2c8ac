/**
 * Checks that there is a folder to serve, before anything is opened.
 *
 * Fails: StartError that says what to do.
 */
import { accessSync, constants, statSync } from "node:fs";
import { StartError } from "./start-error.ts";

export function checkDocumentRoot(path: string): void {
  try {
    if (!statSync(path).isDirectory()) throw new StartError(`document root ${path} is not a folder`);
    accessSync(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const reason =
      code === "ENOENT" ? "does not exist" : code === "EACCES" ? "can't be read by this user" : `: ${code}`;
    throw new StartError(`document root ${path} ${reason}; name a folder to serve: saker DIR`, { cause: error });
  }
}
