import { describe, expect, test } from "bun:test";
import { closeSync, fstatSync, ftruncateSync } from "node:fs";
import { createAnonymousMemory, isAnonymous, pathOfDescriptor } from "../../src/sys/anonymous-memory.ts";
import { libc } from "../../src/sys/libc.ts";
import { openSharedMemory } from "../../src/sys/shared-memory.ts";

describe.skipIf(libc === null)("memory without a name", () => {
  test("is zeros, has all its pages, and can be mapped by its descriptor again", () => {
    const { fd, path, memory } = createAnonymousMemory("saker-test", 200_001);
    expect(memory.byteLength).toBe(200_001);
    expect(memory.every((octet) => octet === 0)).toBe(true);
    expect(fstatSync(fd).blocks * 512).toBeGreaterThanOrEqual(200_001);
    memory[4711] = 17;
    expect(openSharedMemory(path)[4711]).toBe(17);
    closeSync(fd);
    expect(memory[4711]).toBe(17);
  });

  test("is what a child sees that inherits it", async () => {
    const { fd, memory } = createAnonymousMemory("saker-test", 4096);
    const script = `Bun.mmap("/proc/self/fd/3", { shared: true })[5] = 99`;
    const child = Bun.spawn([process.execPath, "-e", script], { stdio: ["ignore", "ignore", "inherit", fd] });
    expect(await child.exited).toBe(0);
    expect(memory[5]).toBe(99);
    closeSync(fd);
  });

  test("can't be made smaller under those who use it", () => {
    const { fd } = createAnonymousMemory("saker-test", 4096);
    expect(() => ftruncateSync(fd, 0)).toThrow("EPERM");
    closeSync(fd);
  });
});

test("isAnonymous tells its path from a file's", () => {
  expect(isAnonymous(pathOfDescriptor(7))).toBe(true);
  expect(isAnonymous("/dev/shm/saker-8080.stats")).toBe(false);
});
