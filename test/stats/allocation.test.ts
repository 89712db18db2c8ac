import { expect, test } from "bun:test";
import { Counter } from "../../src/stats/layout.ts";
import { TemporarySegment } from "./temporary-segment.ts";

/** Collections of a child that runs `what`: one line each on stderr. */
async function collections(path: string, what: "serve" | "idle"): Promise<number> {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/children/serve-or-idle.ts`, path, what], {
    env: { ...process.env, BUN_JSC_logGC: "1" },
    stdout: "ignore",
    stderr: "pipe",
  });
  const [log, exitCode] = await Promise.all([child.stderr.text(), child.exited]);
  expect(exitCode, log).toBe(0);
  return log.split("\n").filter((line) => line.includes("GC")).length;
}

test("two million requests allocate nothing: no more collections than an empty loop", async () => {
  using temporary = new TemporarySegment();
  const slot = temporary.ready();
  const [serving, idle] = await Promise.all([
    collections(temporary.path, "serve"),
    collections(temporary.path, "idle"),
  ]);
  expect(slot.values[Counter.Requests]).toBe(2_000_000);
  expect(idle).toBeGreaterThan(0); // or the log was not there at all
  expect(serving).toBeLessThanOrEqual(idle);
});
