import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseCpuList, quotaOfCpuMax, readCpuQuota, usableCpus } from "../../src/sys/cpus.ts";

describe("parseCpuList", () => {
  test.each([
    ["0", [0]],
    ["0-3", [0, 1, 2, 3]],
    ["0-3,8,10-11\n", [0, 1, 2, 3, 8, 10, 11]],
    ["", []],
    ["nonsense", []],
  ])("%j is %j", (list, cpus) => {
    expect(parseCpuList(list)).toEqual(cpus);
  });
});

describe("quotaOfCpuMax", () => {
  test.each([
    ["max 100000\n", Infinity],
    ["150000 100000\n", 1.5],
    ["50000 100000", 0.5],
    ["200000", 2],
    ["", Infinity],
    ["0 100000", Infinity],
    ["100000 0", Infinity],
  ])("%j is %f CPUs", (text, quota) => {
    expect(quotaOfCpuMax(text)).toBe(quota);
  });
});

describe("usableCpus over a made-up root", () => {
  let root = "";
  beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "saker-cpus-"))));
  afterEach(() => rmSync(root, { recursive: true }));

  const allowed = (list: string) => ({
    "proc/self/status": `Name:\tsaker\nCpus_allowed:\tff\nCpus_allowed_list:\t${list}\n`,
  });
  const v2 = (path: string) => ({ "proc/self/cgroup": `0::${path}\n` });
  const v1 = (path: string) => ({ "proc/self/cgroup": `5:memory:/other\n4:cpu,cpuacct:${path}\n1:name=systemd:/x\n` });
  const v1Quota = (folder: string, quota: number) => ({
    [`${folder}/cpu.cfs_quota_us`]: `${quota}\n`,
    [`${folder}/cpu.cfs_period_us`]: "100000\n",
  });

  test.each<[string, Record<string, string>, number]>([
    ["affinity alone", allowed("0-7"), 8],
    ["a v2 quota", { ...allowed("0-7"), ...v2("/"), "sys/fs/cgroup/cpu.max": "300000 100000" }, 3],
    ["a fraction, rounded down", { ...allowed("0-7"), ...v2("/"), "sys/fs/cgroup/cpu.max": "250000 100000" }, 2],
    ["less than one CPU: still one", { ...allowed("0-7"), ...v2("/"), "sys/fs/cgroup/cpu.max": "20000 100000" }, 1],
    [
      "the smallest on the way up",
      {
        ...allowed("0-7"),
        ...v2("/a/b"),
        "sys/fs/cgroup/a/b/cpu.max": "max 100000",
        "sys/fs/cgroup/a/cpu.max": "200000 100000",
        "sys/fs/cgroup/cpu.max": "600000 100000",
      },
      2,
    ],
    [
      "a path only the host sees",
      { ...allowed("0-7"), ...v2("/docker/abc"), "sys/fs/cgroup/cpu.max": "400000 100000" },
      4,
    ],
    ["affinity below the quota", { ...allowed("2,4"), ...v2("/"), "sys/fs/cgroup/cpu.max": "400000 100000" }, 2],
    ["a v1 quota", { ...allowed("0-7"), ...v1("/x"), ...v1Quota("sys/fs/cgroup/cpu,cpuacct/x", 500_000) }, 5],
    ["no v1 quota", { ...allowed("0-3"), ...v1("/x"), ...v1Quota("sys/fs/cgroup/cpu/x", -1) }, 4],
    ["v2 without a limit", { ...allowed("0-3"), ...v2("/"), "sys/fs/cgroup/cpu.max": "max 100000" }, 4],
  ])("%s", (_what, files, count) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    expect(usableCpus(root)).toBe(count);
  });

  test("nothing to read: what the runtime says", () => {
    expect(readCpuQuota(root)).toBe(Infinity);
    expect(usableCpus(root)).toBe(availableParallelism());
  });
});

test("this machine has at least one", () => {
  expect(usableCpus()).toBeGreaterThanOrEqual(1);
});

test("affinity is obeyed", async () => {
  if (Bun.which("taskset") === null) return;
  const program = `import { usableCpus } from "${import.meta.dir}/../../src/sys/cpus.ts"; console.log(usableCpus());`;
  const child = Bun.spawnSync(["taskset", "-c", "0", process.execPath, "-e", program]);
  expect(child.stdout.toString().trim()).toBe("1");
});
