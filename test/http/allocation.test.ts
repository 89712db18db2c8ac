import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";

const LOOP = fileURLToPath(new URL("./support/allocation-loop.ts", import.meta.url));

/** Collections that a million calls cause, as the collector logs them. */
async function collectionsOf(name: string): Promise<number> {
  const child = Bun.spawn([process.execPath, LOOP, name], {
    env: { ...process.env, BUN_JSC_logGC: "1" },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  expect(exitCode).toBe(0);
  return (stdout + stderr).split("Collection,").length - 1;
}

test("what allocates is seen", async () => {
  expect(await collectionsOf("a subarray")).toBeGreaterThan(3);
});

test.each([
  "a head",
  "a head in pieces",
  "a bad head",
  "a body",
  "a date",
  "byte ranges",
  "preconditions",
  "If-Range",
  "Accept-Encoding, parsed and remembered",
])("%s a million times allocates nothing", async (name) => {
  // As much as an empty loop, and one more for what the compilers leave behind.
  expect(await collectionsOf(name)).toBeLessThanOrEqual((await collectionsOf("nothing")) + 1);
});
