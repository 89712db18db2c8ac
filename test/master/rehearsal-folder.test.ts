/** Nothing is left of a rehearsal, however it ended. */
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { memoryFolder } from "../../src/sys/shared-memory.ts";
import {
  makeRehearsalFolder,
  removeRehearsalFolder,
  sweepRehearsalFolders,
} from "../../src/master/rehearsal-folder.ts";

const SOURCE = join(import.meta.dir, "../../src/master/rehearsal-folder.ts");

test("the folder of a process that was killed is found and removed, and no other", async () => {
  const script = `
    const folder = (await import(${JSON.stringify(SOURCE)})).makeRehearsalFolder();
    await Bun.write(folder + "/stats", "x");
    console.log(folder);
    setInterval(() => {}, 1000);`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  child.kill("SIGKILL");
  await child.exited;
  const folder = Buffer.from(value!).toString().trim();
  const own = makeRehearsalFolder();
  expect(existsSync(folder)).toBe(true);
  removeRehearsalFolder(child.pid);
  expect(existsSync(folder)).toBe(false);
  expect(existsSync(own)).toBe(true);
  rmSync(own, { recursive: true });
  removeRehearsalFolder(child.pid);
});

test("what a killed rehearsal of a killed master has left goes with the next start, after a minute", () => {
  const [dead, alive, file] = ["999999999", String(process.ppid), "999999998"].map((pid) =>
    join(memoryFolder(), `saker-rehearsal-${pid}-test`),
  ) as [string, string, string];
  for (const folder of [dead, alive]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(dead, "stats"), "x");
  writeFileSync(file, "not a folder");
  try {
    sweepRehearsalFolders(Date.now() + 30_000);
    expect(existsSync(dead)).toBe(true);
    sweepRehearsalFolders(Date.now() + 61_000);
    expect([dead, alive, file].map((path) => existsSync(path))).toEqual([false, true, true]);
  } finally {
    for (const path of [dead, alive, file]) rmSync(path, { recursive: true, force: true });
  }
});
