/**
 * The compiled executable for tests.
 *
 * In:    SAKER_EXECUTABLE, or the sources of this tree.
 * Out:   the absolute path of an executable, from before the file's first test to after its last.
 * Keeps: builds into a temporary folder, never into dist/, and removes it afterwards.
 */
import { afterAll, beforeAll } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** The root of the source tree. */
export const PROJECT = resolve(import.meta.dir, "../..");

/** Compiling takes seconds; a busy machine may need more. */
const BUILD_DEADLINE_MS = 120_000;

export interface Executable {
  /** Absolute; empty until the first test runs. */
  readonly path: string;
}

/**
 * Call it at the top of a test file: makes the executable before the first test, once, and removes it after the last.
 * With SAKER_EXECUTABLE set that file is used and left alone.
 */
export function useExecutable(): Executable {
  const executable = { path: "" };
  let folder: string | null = null;
  beforeAll(async () => {
    const given = process.env.SAKER_EXECUTABLE;
    if (given) {
      executable.path = resolve(PROJECT, given);
      if (!existsSync(executable.path)) throw new Error(`SAKER_EXECUTABLE: no file ${executable.path}`);
      return;
    }
    folder = await mkdtemp(join(tmpdir(), "saker-test-build-"));
    executable.path = join(folder, "saker");
    await build(executable.path);
  }, BUILD_DEADLINE_MS);
  afterAll(async () => {
    if (folder) await rm(folder, { recursive: true, force: true });
  });
  return executable;
}

async function build(path: string): Promise<void> {
  const child = Bun.spawn([process.execPath, join(PROJECT, "build.ts"), "--outfile", path], {
    cwd: PROJECT,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [exitCode, stdout, stderr] = await Promise.all([child.exited, child.stdout.text(), child.stderr.text()]);
  if (exitCode !== 0 || !existsSync(path)) throw new Error(`build.ts gave ${exitCode}: ${stdout}${stderr}`);
}
