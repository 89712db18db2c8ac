import { describe, expect, test } from "bun:test";
import { chooseWorkers, describeChoice, isEnough, octetsNeeded, workerCount } from "../../src/master/worker-count.ts";

const MIB = 1024 * 1024;

describe('num_workers = "auto"', () => {
  // 50 MiB of cache and 48 MiB for the process each, 48 for the master, of three quarters of the memory.
  test.each([
    ["as many as CPUs without a limit", 8, Infinity, 8, "CPUs"],
    ["as many as CPUs with enough memory", 8, 4096, 8, "CPUs"],
    ["as many as memory carries", 8, 512, 3, "memory"],
    ["just enough for all", 4, 587, 4, "CPUs"],
    ["just too little for all", 4, 586, 3, "memory"],
    ["at least one", 8, 32, 1, "memory"],
    ["one on one CPU, however little there is", 1, 32, 1, "CPUs"],
    ["no more than 256", 1000, Infinity, 256, "CPUs"],
  ] as const)("%s", (_what, cpus, mib, workers, by) => {
    const settings = { num_workers: "auto", cache_size_mb: 50 } as const;
    const choice = chooseWorkers(settings, cpus, mib * MIB);
    expect(choice).toEqual({ workers, by, memoryOctets: mib * MIB });
    if (workers > 1) expect(isEnough(mib * MIB, octetsNeeded(settings, workers))).toBe(true);
  });

  test("a larger cache leaves room for fewer", () => {
    const withCache = (cache_size_mb: number) => chooseWorkers({ num_workers: "auto", cache_size_mb }, 8, 1024 * MIB);
    expect([0, 50, 200, 2000].map((size) => withCache(size).workers)).toEqual([8, 7, 2, 1]);
  });

  test("the log says so where memory decides", () => {
    const settings = { num_workers: "auto", cache_size_mb: 50 } as const;
    const line = 'num_workers = "auto" is 3 on 8 CPUs: the memory limit of 512 MiB carries no more full caches';
    expect(describeChoice(chooseWorkers(settings, 8, 512 * MIB), 8)).toBe(line);
    expect(describeChoice(chooseWorkers(settings, 8, Infinity), 8)).toBeNull();
  });
});

test("a number is obeyed, whatever there is", () => {
  const settings = { num_workers: 7, cache_size_mb: 1000 };
  expect(chooseWorkers(settings, 2, 100 * MIB)).toMatchObject({ workers: 7, by: "configuration" });
  expect(workerCount(settings)).toBe(7);
});
