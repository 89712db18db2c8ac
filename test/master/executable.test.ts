import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Executable } from "../../src/master/executable.ts";
import { OneAtATime } from "../../src/master/one-at-a-time.ts";
import { libc } from "../../src/sys/libc.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "saker-executable-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("Executable", () => {
  test("what runs here is what is at its path", () => {
    using own = Executable.own();
    using found = Executable.at(own.path);
    expect(found.isSameFileAs(own)).toBe(true);
    expect(existsSync(own.file)).toBe(true);
  });

  test.skipIf(libc === null)(
    "is the file that it was, when that has been replaced, and when it has been deleted",
    () => {
      const path = join(folder, "program");
      copyFileSync("/bin/echo", path);
      using before = Executable.at(path);
      rmSync(path);
      copyFileSync("/bin/false", path);
      using after = Executable.at(path);
      expect(after.isSameFileAs(before)).toBe(false);
      const run = ({ file }: Executable) => Bun.spawnSync([file, "here"], { stdout: "pipe" });
      expect(run(before).stdout.toString()).toBe("here\n");
      expect(run(after).exitCode).toBe(1);
      rmSync(path);
      expect(run(before).stdout.toString()).toBe("here\n");
    },
  );

  test.each([
    ["nothing there", "nothing", () => {}, "can't be executed: ENOENT"],
    ["a folder", "folder", (path: string) => mkdirSync(path), "is not a file"],
    [
      "a file that isn't executable",
      "text",
      (path: string) => (writeFileSync(path, ""), chmodSync(path, 0o644)),
      "can't be executed: EACCES",
    ],
  ])("refuses %s", (_what, name, make, message) => {
    const path = join(folder, name);
    make(path);
    expect(() => Executable.at(path)).toThrow(`${path} ${message}`);
  });
});

test("OneAtATime: works don't overlap, and one that fails is no obstacle", async () => {
  const turns = new OneAtATime();
  const seen: string[] = [];
  const work = (name: string, fails = false) =>
    turns.run(async () => {
      seen.push(`${name} begins`);
      await Bun.sleep(1);
      seen.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    });
  const [first, second, third] = [work("a"), work("b", true), work("c")];
  await expect(second).rejects.toThrow("b");
  expect([await first, await third]).toEqual(["a", "c"]);
  expect(seen).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});
