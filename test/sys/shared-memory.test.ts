import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSharedMemory, memoryFolder, openSharedMemory } from "../../src/sys/shared-memory.ts";
import { runProgram } from "./child.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-memory-"));
const SOURCE = join(import.meta.dir, "../../src/sys/shared-memory.ts");
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

test("memory's folder is that of files where we may write, else the temporary one", () => {
  expect(memoryFolder(folder)).toBe(folder);
  expect(memoryFolder(at("missing"))).toBe(tmpdir());
  if (Bun.which("unshare") === null) return;
  const { stdout } = runReadOnly(`console.log((await import("${SOURCE}")).memoryFolder("${folder}"))`);
  expect(stdout).toBeOneOf(["", `${tmpdir()}\n`]); // "": mounting is not permitted here
});

/** In a mount namespace of its own, where the folder is read-only. */
function runReadOnly(script: string): { stdout: string } {
  const mount = `mount --bind ${folder} ${folder} && mount -o remount,bind,ro ${folder} && exec "$@"`;
  const command = ["unshare", "-rm", "sh", "-c", mount, "sh", process.execPath, "-e", script];
  const { stdout } = Bun.spawnSync(command, { stderr: "ignore" });
  return { stdout: stdout.toString() };
}

describe("createSharedMemory", () => {
  test("makes a file of zeros, full size, private by default", () => {
    const memory = createSharedMemory(at("a"), 200_001);
    expect(memory.byteLength).toBe(200_001);
    expect(memory.every((octet) => octet === 0)).toBe(true);
    expect(statSync(at("a")).size).toBe(200_001);
    expect(statSync(at("a")).mode & 0o777).toBe(0o600);
    expect(statSync(at("a")).blocks * 512).toBeGreaterThanOrEqual(200_001);
  });

  test("replaces a stale file; processes that mapped it keep it", () => {
    const stale = createSharedMemory(at("b"), 4096);
    stale[0] = 7;
    const fresh = createSharedMemory(at("b"), 8192);
    expect(fresh[0]).toBe(0);
    expect(stale[0]).toBe(7);
    fresh[0] = 9;
    expect(openSharedMemory(at("b"))[0]).toBe(9);
  });

  test("gets past an unfinished file of a dead process with our pid", () => {
    writeFileSync(`${at("c")}.${process.pid}.new`, "half");
    expect(createSharedMemory(at("c"), 4096).byteLength).toBe(4096);
  });

  test.each([
    ["a folder that isn't there", "no/such/file", "ENOENT"],
    ["a folder in the way", "folder", "EISDIR"],
  ])("throws for %s and leaves nothing behind", async (_what, name, code) => {
    if (name === "folder") await Bun.write(at("folder/x"), "");
    expect(() => createSharedMemory(at(name), 4096)).toThrow(expect.objectContaining({ code }));
    expect(readdirSync(folder).filter((entry) => entry.endsWith(".new"))).toEqual([]);
  });
});

describe("openSharedMemory", () => {
  test("sees another process write", async () => {
    const memory = createSharedMemory(at("shared"), 4096);
    const values = new Float64Array(memory.buffer);
    const output = await runProgram(`
      import { openSharedMemory } from "${import.meta.dir}/../../src/sys/shared-memory.ts";
      const values = new Float64Array(openSharedMemory(${JSON.stringify(at("shared"))}).buffer);
      values[3] = 1234.5;
      console.log(values.length);`);
    expect(output).toBe("512");
    expect(values[3]).toBe(1234.5);
  });

  test("throws for a missing file", () => {
    expect(() => openSharedMemory(at("missing"))).toThrow();
    expect(existsSync(at("missing"))).toBe(false);
  });
});
