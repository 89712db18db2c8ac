/** The workloads: the requests are what the bench says they are. */
import { describe, expect, test } from "bun:test";
import { ABSENT_NAME, FILES, MIB, ZIPF_COUNT, ZIPF_OCTETS, zipfFile } from "../../bench/load/document-root.ts";
import { SUITES, workloadNamesOf } from "../../bench/load/suites.ts";
import { LOAD_WORKLOADS, NO_VALIDATORS, conditionLines, zipfSequence } from "../../bench/load/workloads.ts";

const PORT = 18_000;

describe.each(LOAD_WORKLOADS.map((workload) => [workload.name, workload] as const))("%s", (_name, workload) => {
  const exchanges = workload.exchanges(PORT, { entityTag: '"abc"', lastModified: null });

  test("asks with whole heads that name the host", () => {
    for (const { request } of exchanges) {
      expect(request).toStartWith("GET /");
      expect(request).toEndWith("\r\n\r\n");
      expect(request.indexOf("\r\n\r\n")).toBe(request.length - 4);
      expect(request).toContain(`\r\nHost: 127.0.0.1:${PORT}\r\n`);
    }
  });

  test("asks for no more than the file has", () => {
    for (const { file, first, octets } of exchanges) if (file) expect(first + octets).toBeLessThanOrEqual(file.octets);
  });

  test("sends only exchanges that were checked", () => {
    for (const index of workload.sequence ?? [0]) expect(exchanges[index]).toBeDefined();
    if (workload.sequence === null) expect(exchanges).toHaveLength(1);
  });
});

test("the browser's head has 14 fields and about 700 octets", () => {
  const { request } = LOAD_WORKLOADS.find(({ name }) => name === "browser")!.exchanges(PORT, NO_VALIDATORS)[0]!;
  expect(request.trimEnd().split("\r\n").length - 1).toBe(14);
  expect(request.length).toBeGreaterThan(680);
  expect(request.length).toBeLessThan(720);
});

test.each([
  ["an entity tag", { entityTag: 'W/"1"', lastModified: "x" }, ['If-None-Match: W/"1"']],
  [
    "a date only",
    { entityTag: null, lastModified: "Thu, 01 Jan 2026 00:00:00 GMT" },
    ["If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT"],
  ],
  ["neither", NO_VALIDATORS, []],
])("condition from %s", (_description, validators, lines) => {
  expect(conditionLines(validators)).toEqual(lines);
});

describe("Zipf", () => {
  const sequence = zipfSequence(ZIPF_COUNT, 16_384);

  test("is the same each time and stays in bounds", () => {
    expect(zipfSequence(ZIPF_COUNT, 16_384)).toEqual(sequence);
    expect(Math.min(...sequence)).toBe(0);
    expect(Math.max(...sequence)).toBeLessThan(ZIPF_COUNT);
  });

  test("asks for the first about twice as often as for the second, and for most of them", () => {
    const count = (index: number): number => sequence.filter((one) => one === index).length;
    expect(count(0) / count(1)).toBeGreaterThan(1.7);
    expect(count(0) / count(1)).toBeLessThan(2.3);
    expect(new Set(sequence).size).toBeGreaterThan(ZIPF_COUNT * 0.8);
  });

  test("sizes lie between 256 octets and 16 KiB", () => {
    expect(ZIPF_OCTETS).toHaveLength(ZIPF_COUNT);
    expect(Math.min(...ZIPF_OCTETS)).toBeGreaterThanOrEqual(256);
    expect(Math.max(...ZIPF_OCTETS)).toBeLessThanOrEqual(16_384);
  });
});

test("every file begins with another letter: the floor tells them apart by it", () => {
  const names = [...Object.values(FILES).map(({ name }) => name), ABSENT_NAME, zipfFile(0).name];
  expect(new Set(names.map((name) => name[0])).size).toBe(names.length);
});

test("the range lies where floor.c has it", async () => {
  const source = await Bun.file(`${import.meta.dir}/../../bench/floor/floor.c`).text();
  expect(source).toContain(`const off_t first = ${50 * MIB};`);
});

test.each(SUITES.map((suite) => [suite.name, suite] as const))(
  "workloads of %s have names of their own",
  (_, suite) => {
    const names = workloadNamesOf(suite);
    expect(new Set(names).size).toBe(names.length);
  },
);
