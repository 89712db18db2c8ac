/** Process trees, their memory and their CPU time, out of /proc's texts. */
import { describe, expect, test } from "bun:test";
import { microsecondsBetween, parseSchedstat, readThreadTimes } from "../../bench/load/cpu-time.ts";
import {
  descendantsOf,
  parseCpuBusyTicks,
  parseProcessStat,
  parseSmapsRollup,
  readAllProcesses,
  readTreeMemory,
  type ProcessStat,
} from "../../bench/load/process-tree.ts";

/** A line of /proc/PID/stat with these values, and 1 … for the rest. */
function statLine(name: string, ticks: [number, number, number, number], { pid = 42, parent = 7 } = {}): string {
  const [utime, stime, cutime, cstime] = ticks;
  return `${pid} (${name}) S ${parent} 42 42 0 -1 4194304 100 200 3 4 ${utime} ${stime} ${cutime} ${cstime} 20 0 1 0 98765 1000 50 1844\n`;
}

describe("parseProcessStat", () => {
  test.each([
    ["a plain name", "nginx"],
    ["a blank in the name", "Web Content"],
    ["parentheses in the name", "a) S 1 (b"],
    ["an empty name", ""],
  ])("reads %s", (_description, name) => {
    expect(parseProcessStat(statLine(name, [10, 5, 2, 1]))).toEqual({
      pid: 42,
      parent: 7,
      startTicks: 98765,
    });
  });

  test.each([
    ["nothing", ""],
    ["no name", "42 S 7 42"],
    ["a line cut short", statLine("nginx", [1, 1, 1, 1]).slice(0, 40)],
    ["words for numbers", statLine("nginx", [1, 1, 1, 1]).replace(" 7 ", " seven ")],
    ["no pid", statLine("nginx", [1, 1, 1, 1]).replace("42 (", "x (")],
  ])("refuses %s", (_description, text) => {
    expect(parseProcessStat(text)).toBeNull();
  });
});

function stat(pid: number, parent: number): ProcessStat {
  return { pid, parent, startTicks: pid };
}

describe("trees", () => {
  const master = stat(10, 1);
  const worker = stat(11, 10);
  const grandchild = stat(12, 11);
  const stranger = stat(13, 1);

  test.each([
    ["master, worker and grandchild", [master, worker, grandchild, stranger], 10, [10, 11, 12]],
    ["children listed before their parents", [grandchild, stranger, worker, master], 10, [10, 11, 12]],
    ["a branch only", [master, worker, grandchild], 11, [11, 12]],
    ["a leaf", [master, worker, grandchild], 12, [12]],
    ["a root that is gone", [worker, grandchild], 10, []],
    ["nothing at all", [], 10, []],
    ["a process that is its own parent", [stat(10, 10)], 10, [10]],
  ])("of %s, parents first", (_description, all, root, pids) => {
    expect(descendantsOf(root, all).map(({ pid }) => pid)).toEqual(pids);
  });
});

test.each([
  ["a line", "2500 71 9\n", 2500],
  ["nothing", "", 0],
  ["words", "a b c", 0],
])("schedstat of %s", (_description, text, nanoseconds) => {
  expect(parseSchedstat(text)).toBe(nanoseconds);
});

describe("CPU time between two looks", () => {
  const before = new Map([
    ["1/1", 5_000],
    ["1/2", 900_000],
  ]);

  test.each([
    ["sums what each thread used", [["1/1", 8_000] as const, ["1/2", 904_000] as const], 7],
    ["counts a new thread from its beginning", [["1/1", 5_000] as const, ["2/2", 3_000] as const], 3],
    ["takes nothing back for a thread that ended", [["1/1", 6_000] as const], 1],
    ["takes nothing back for another thread of the same number", [["1/2", 100] as const], 0],
  ])("%s", (_description, after, microseconds) => {
    expect(microsecondsBetween(before, new Map(after))).toBe(microseconds);
  });
});

test.each([
  ["both", "00400000-7ffd [rollup]\nRss:    2048 kB\nPss:    1000 kB\nPss_Anon: 5 kB\n", 2_097_152, 1_024_000],
  ["blanks of any number", "Rss: 1 kB\nPss: 0 kB\n", 1024, 0],
])("smaps_rollup with %s", (_description, text, rssOctets, pssOctets) => {
  expect(parseSmapsRollup(text)).toEqual({ rssOctets, pssOctets });
});

test.each([[""], ["Rss: 1 kB\n"], ["Pss: 1 kB\n"], ["Rss: 1\nPss: 1\n"]])("no smaps_rollup: %p", (text) => {
  expect(parseSmapsRollup(text)).toBeNull();
});

test.each([
  [
    "idle and iowait aside",
    0,
    "cpu  9 9 9 9 9 9 9 9\ncpu0 1 2 4 1000 1000 8 16 32 0 0\ncpu1 5 0 0 0 0 0 0 0 0 0\n",
    63,
  ],
  ["another", 1, "cpu0 1 2 4 1000 1000 8 16 32 0 0\ncpu1 5 0 0 0 0 0 0 0 0 0\n", 5],
  ["the prefix of another's number", 1, "cpu10 7 0 0 0 0 0 0 0\ncpu1 5 0 0 0 0 0 0 0\n", 5],
  ["one that isn't there", 2, "cpu0 1 2 3 4\n", NaN],
])("busy ticks of a CPU: %s", (_description, cpu, text, ticks) => {
  expect(parseCpuBusyTicks(text, cpu)).toBe(ticks);
});

describe.if(process.platform === "linux")("this very process", () => {
  test("is in the list, has memory and uses time", () => {
    expect(readAllProcesses().some(({ pid }) => pid === process.pid)).toBe(true);
    expect(readTreeMemory(process.pid).rssOctets).toBeGreaterThan(1024 * 1024);
    const before = readThreadTimes(process.pid);
    expect(before.get(`${process.pid}/${process.pid}`)).toBeGreaterThan(0);
    expect(microsecondsBetween(before, readThreadTimes(process.pid))).toBeGreaterThan(0);
  });
});
