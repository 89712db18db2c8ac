/** Nothing is left of a rehearsal, however it ended. */
import { expect, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { makeRehearsalFolder, removeRehearsalFolder } from "../../src/master/rehearsal-folder.ts";

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
