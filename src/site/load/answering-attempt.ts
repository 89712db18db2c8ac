/**
 * Which attempt of a plan would answer with the files that are there now: for whoever asks what a path means without serving it.
 *
 * Keeps: cold code: one stat for each attempt until one answers. The server opens the files instead (file-loader.ts), and knows
 *        whether it may.
 */
import { pathStatus } from "../../sys/path-status.ts";
import { type DocumentRoot, joinRoot } from "./open-below.ts";
import type { Attempt } from "../plan.ts";

/** The first that answers; null when none does. */
export function answeringAttempt(root: DocumentRoot, attempts: readonly Attempt[]): Attempt | null {
  return attempts.find((attempt) => answers(root, attempt)) ?? null;
}

function answers(root: DocumentRoot, { kind, filePath }: Attempt): boolean {
  const status = pathStatus(joinRoot(root, filePath));
  if (status === null) return false;
  return kind === "file" || kind === "page-redirect" ? status.isFile() : status.isDirectory();
}
