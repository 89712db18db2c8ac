/** No child outlives the bench. */
import { describe, expect, test } from "bun:test";
import { endAllChildrenNow, endChild, spawnChild } from "../../bench/load/children.ts";
import { descendantsOf, readAllProcesses } from "../../bench/load/process-tree.ts";

/** A shell that ignores SIGTERM and has a child that does, too; says "up" when both are there. */
const STUBBORN = ["sh", "-c", "trap '' TERM; (sleep 30; :) & echo up; wait; wait"];

async function started(): Promise<{ child: ReturnType<typeof spawnChild>; pids: number[] }> {
  const child = spawnChild(STUBBORN);
  const reader = (child.process.stdout as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  let pids: number[] = [];
  while (pids.length < 2) {
    pids = descendantsOf(child.process.pid, readAllProcesses()).map(({ pid }) => pid);
    await Bun.sleep(1);
  }
  return { child, pids };
}

async function goneFrom(pids: readonly number[]): Promise<boolean> {
  const deadline = performance.now() + 5000;
  while (performance.now() < deadline) {
    const alive = await Promise.all(
      pids.map((pid) =>
        Bun.file(`/proc/${pid}/cmdline`)
          .text()
          .catch(() => ""),
      ),
    );
    if (alive.every((commandLine) => commandLine === "")) return true;
    await Bun.sleep(5);
  }
  return false;
}

describe.if(process.platform === "linux")("children", () => {
  test("are ended with their trees, however stubborn", async () => {
    const { child, pids } = await started();
    await endChild(child, 20);
    expect(await goneFrom(pids)).toBe(true);
  });

  test("are ended at once when the bench itself ends", async () => {
    const { pids } = await started();
    endAllChildrenNow();
    expect(await goneFrom(pids)).toBe(true);
  });

  test("that have ended by themselves do no harm", async () => {
    const child = spawnChild(["true"]);
    await child.process.exited;
    await endChild(child);
    expect(child.process.exitCode).toBe(0);
  });
});
