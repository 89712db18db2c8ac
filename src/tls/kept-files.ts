/**
 * Files that survive: written whole or not at all, for their owner alone.
 *
 * Keeps: a file is written beside its place, brought to the disk, and renamed. A disk that is full, or a process that is killed,
 *        leaves what was there before.
 * Fails: throws one line for people that begins with the file.
 */
import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "../sys/errno.ts";

const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/** Null where there is none. */
export function readKept(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return null;
    throw failure(path, "can't be read", error);
  }
}

export function writeKept(path: string, text: string): void {
  withCopy(path, text, (copy) => renameSync(copy, path));
}

/** Unless it is there: then what is there is returned. */
export function writeKeptOnce(path: string, text: string): string {
  const isMade = withCopy(path, text, (copy) => {
    try {
      linkSync(copy, path);
      return true;
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      throw error;
    }
  });
  return isMade ? text : (readKept(path) ?? "");
}

export function removeKept(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw failure(path, "can't be removed", error);
  }
}

function withCopy<T>(path: string, text: string, place: (copy: string) => T): T {
  const copy = `${path}.${randomUUID()}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY_FOLDER });
    writeFileSync(copy, text, { mode: OWNER_ONLY, flag: "wx", flush: true });
    return place(copy);
  } catch (error) {
    throw failure(path, "can't be written", error);
  } finally {
    removeQuietly(copy);
  }
}

/** What is left of it harms nobody. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The folder can't be written to: that has been said.
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "";

function failure(path: string, what: string, error: unknown): Error {
  return new Error(`${path} ${what}: ${messageOf(error)}`, { cause: error });
}
