import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { isClockSynchronized, probeKernel } from "../../src/sys/kernel-features.ts";
import { libc } from "../../src/sys/libc.ts";

const onLinux = test.skipIf(libc === null);

onLinux("this kernel has what every kernel of the last ten years has", () => {
  expect(probeKernel()).toMatchObject({ statx: true, sendfile: true, reusePort: true });
});

onLinux("asking leaves no descriptor open", () => {
  probeKernel();
  const before = readdirSync("/proc/self/fd").length;
  for (let round = 0; round < 20; round++) probeKernel();
  expect(readdirSync("/proc/self/fd").length).toBe(before);
});

test("the clock is synchronized or not, or it is unknown", () => {
  expect([true, false, null]).toContain(isClockSynchronized());
});

test("without FFI there is nothing", async () => {
  const code = 'console.log(JSON.stringify((await import("./src/sys/kernel-features.ts")).probeKernel()))';
  const child = Bun.spawnSync([process.execPath, "-e", code], {
    cwd: `${import.meta.dir}/../..`,
    env: { ...process.env, SAKER_NO_FFI: "1" },
  });
  expect(JSON.parse(child.stdout.toString())).toEqual({
    statx: false,
    sendfile: false,
    reusePort: false,
    openat2: false,
    landlock: 0,
  });
});
