/**
 * The folder that is served when none is named, and whether a folder can be served at all.
 *
 * In:    a loaded configuration, the current folder.
 * Out:   the settings with the document root to use, or a CommandError that says what to do.
 * Keeps: `static` in the current folder is the default. Run from source, saker falls back to its own `static`, so that the
 *        first command of the README works from anywhere; the executable has none, and reports that.
 */
import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Configuration } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";
import { CommandError } from "./command.ts";
import { findCommand } from "./commands.ts";
import { isCompiled } from "../sys/own-program.ts";
import { isFolder } from "../sys/path-status.ts";

/** The settings, with a document root that exists and can be read. One stat, one access. */
export function withDocumentRoot(configuration: Configuration, isExecutable = isCompiled): Settings {
  const { settings, originOf } = configuration;
  const { document_root } = settings;
  if (originOf("document_root").source !== "default" || isFolder(document_root)) {
    requireReadableFolder(document_root);
    return settings;
  }
  if (isExecutable) {
    throw new CommandError(
      "no folder to serve: name one (saker DIR), set document_root in saker.toml, or put the files into ./static",
    );
  }
  const own = resolve(import.meta.dir, "../../static");
  requireReadableFolder(own);
  return Object.freeze({ ...settings, document_root: own });
}

/** Why a folder can't be entered and listed; "" when it can. */
export function folderProblem(path: string): string {
  try {
    if (!statSync(path).isDirectory()) return "is not a folder";
    accessSync(path, constants.R_OK | constants.X_OK);
    return "";
  } catch (error) {
    return PROBLEMS[(error as NodeJS.ErrnoException).code ?? ""] ?? `can't be used (${(error as Error).message})`;
  }
}

/** Throws unless the folder can be entered and listed. */
function requireReadableFolder(path: string): void {
  const problem = folderProblem(path);
  if (problem === "") return;
  // `saker -p 80 check`: the command's name was taken for a folder.
  const name = path.slice(path.lastIndexOf("/") + 1);
  const hint =
    findCommand(name) === undefined ? "name a folder to serve: saker DIR" : `commands come first: saker ${name} …`;
  throw new CommandError(`document root ${path} ${problem}; ${hint}`);
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  ENOTDIR: "does not exist",
  EACCES: "can't be read by this user",
  ELOOP: "is a loop of symbolic links",
};
