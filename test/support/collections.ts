/** Runs a loop in a process of its own and counts the collections that it causes, as the collector logs them. */
import { expect } from "bun:test";
import { fileURLToPath } from "node:url";

/** `file`: of the loops; `name`: which of them. */
export async function collectionsOf(file: URL, name: string): Promise<number> {
  const child = Bun.spawn([process.execPath, fileURLToPath(file), name], {
    env: { ...process.env, BUN_JSC_logGC: "1" },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  expect(exitCode).toBe(0);
  return (stdout + stderr).split("Collection,").length - 1;
}
