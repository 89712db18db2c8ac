/** Which cores the bench uses. */
import { expect, test } from "bun:test";
import { chooseCores, onCore, parseCpuList } from "../../bench/load/cores.ts";

test.each([
  ["0", [0]],
  ["0-3", [0, 1, 2, 3]],
  ["1,3-4,9\n", [1, 3, 4, 9]],
  ["", []],
  ["none", []],
])("CPU list %p", (text, cpus) => {
  expect(parseCpuList(text)).toEqual(cpus);
});

test.each([
  ["two cores", [0, 1], [0], { server: 0, client: 1 }],
  ["hyper-thread siblings are avoided", [0, 1, 2, 3], [0, 1], { server: 0, client: 2 }],
  ["two siblings and nothing else", [0, 1], [0, 1], { server: 0, client: 1 }],
  ["a set that doesn't begin at 0", [4, 6], [4, 5], { server: 4, client: 6 }],
  ["one core for both", [2], [2], { server: 2, client: 2 }],
  ["nothing known", [], [], { server: 0, client: 0 }],
])("cores: %s", (_description, usable, siblings, expected) => {
  expect(chooseCores(usable, siblings)).toEqual(expected);
});

test("a command is left as it is where nothing can be pinned", () => {
  expect(onCore({ server: 0, client: 1, pinned: false }, 0, ["wrk", "-t1"])).toEqual(["wrk", "-t1"]);
  expect(onCore({ server: 0, client: 1, pinned: true }, 1, ["wrk"])).toEqual(["taskset", "-c", "1", "wrk"]);
});
