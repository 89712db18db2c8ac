import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pinToCpu } from "../../src/sys/affinity.ts";
import { cpuOrder } from "../../src/sys/cpu-order.ts";
import { libc } from "../../src/sys/libc.ts";
import { runProgram } from "./child.ts";

const folder = mkdtempSync(join(tmpdir(), "saker-cpus-"));
afterAll(() => rmSync(folder, { recursive: true }));

let machines = 0;

/** A file system root with what a machine says of its CPUs. */
function machine(allowed: string, nodes: readonly string[], siblings: Record<number, string> = {}): string {
  const root = join(folder, String(machines++));
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put("proc/self/status", `Name:\tsaker\nCpus_allowed_list:\t${allowed}\n`);
  nodes.forEach((list, node) => put(`sys/devices/system/node/node${node}/cpulist`, `${list}\n`));
  for (const [cpu, list] of Object.entries(siblings)) {
    put(`sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, `${list}\n`);
  }
  return root;
}

test.each<[string, string, string[], Record<number, string>, number[]]>([
  ["one node", "0-3", ["0-3"], {}, [0, 1, 2, 3]],
  ["no nodes to be seen", "0-3", [], {}, [0, 1, 2, 3]],
  ["nodes that alternate", "0-5", ["0,2,4", "1,3,5"], {}, [0, 2, 4, 1, 3, 5]],
  [
    "nodes beyond nine",
    "0-10",
    Array.from({ length: 11 }, (_, node) => `${10 - node}`),
    {},
    [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
  ],
  ["threads of a core", "0-3", ["0-3"], { 0: "0,2", 1: "1,3", 2: "0,2", 3: "1,3" }, [0, 1, 2, 3]],
  ["threads beside each other", "0-3", ["0-3"], { 0: "0-1", 1: "0-1", 2: "2-3", 3: "2-3" }, [0, 2, 1, 3]],
  ["a part of the machine", "2,5", ["0-3", "4-7"], {}, [2, 5]],
  ["the second node alone", "4-5", ["0-3", "4-7"], {}, [4, 5]],
])("%s", (_what, allowed, nodes, siblings, order) => {
  expect(cpuOrder(machine(allowed, nodes, siblings))).toEqual(order);
});

test("a system that says nothing has no order", () => {
  expect(cpuOrder(join(folder, "nothing"))).toEqual([]);
});

test.skipIf(libc === null)("a pinned thread, and what it executes, may run on one CPU", async () => {
  const cpu = cpuOrder().at(-1)!;
  const source = (name: string): string => JSON.stringify(join(import.meta.dir, "../../src/sys", name));
  const program = `
    import { pinToCpu } from ${source("affinity.ts")};
    import { replaceProcess } from ${source("replace-process.ts")};
    if (!pinToCpu(${cpu})) throw new Error("not pinned");
    replaceProcess({ path: "/proc/self/exe", env: process.env, argv: ["bun", "-e", 'console.log(/Cpus_allowed_list:\\\\s+(\\\\S+)/.exec(require("fs").readFileSync("/proc/self/status", "utf8"))[1])'] }, []);`;
  expect(await runProgram(program)).toBe(String(cpu));
});

test("a CPU that isn't there is refused", () => {
  expect(pinToCpu(8191)).toBe(false);
  expect(pinToCpu(-1)).toBe(false);
});
