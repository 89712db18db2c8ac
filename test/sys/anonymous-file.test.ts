import { expect, test } from "bun:test";
import { closeSync, readFileSync, readlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openAnonymousFile } from "../../src/sys/anonymous-file.ts";

test("is a file that no path leads to, and no program inherits", () => {
  const fd = openAnonymousFile();
  writeSync(fd, "octets");
  expect(readFileSync(`/proc/self/fd/${fd}`, "latin1")).toBe("octets");
  expect(readlinkSync(`/proc/self/fd/${fd}`)).toEndWith("(deleted)");
  expect(readFileSync(`/proc/self/fdinfo/${fd}`, "latin1")).toMatch(/^flags:\s+02\d*02$/m); // O_CLOEXEC, O_RDWR
  closeSync(fd);
});

test("so it is without FFI", () => {
  const script = `
    const { openAnonymousFile } = await import(${JSON.stringify(join(import.meta.dir, "../../src/sys/anonymous-file.ts"))});
    const { readlinkSync, writeSync, readFileSync } = await import("node:fs");
    const fd = openAnonymousFile();
    writeSync(fd, "octets");
    console.log(readFileSync("/proc/self/fd/" + fd, "latin1"), readlinkSync("/proc/self/fd/" + fd).endsWith("(deleted)"));
  `;
  const child = Bun.spawnSync([process.execPath, "-e", script], { env: { ...process.env, SAKER_NO_FFI: "1" } });
  expect(child.stdout.toString()).toBe("octets true\n");
});
