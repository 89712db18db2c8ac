/**
 * Two results side by side: `bun bench/compare.ts A.json B.json [--server NAME]`.
 *
 * In:    two JSON files of bench/run.ts.
 * Out:   per workload CPU per request, requests/s and p99 of A and of B, and B / A. Where both have the floor, CPU is also
 *        compared in units of each run's own floor, which takes the machine's mood out of it.
 * Keeps: a change counts as one when the rounds of A and of B (at least three each) don't overlap.
 */
import { readFileSync } from "node:fs";
import { formatLatency, formatNumber, formatRatio, markdownTable } from "./load/markdown-table.ts";
import { RESULT_FORMAT, valuesOf, type BenchResult, type ContenderResult, type WorkloadResult } from "./load/result.ts";
import { medianOf, spreadOf } from "./load/spread.ts";

const USAGE = "usage: bun bench/compare.ts A.json B.json [--server NAME]";

function readResult(path: string): BenchResult {
  const result = JSON.parse(readFileSync(path, "utf8")) as BenchResult;
  if (result.format !== RESULT_FORMAT)
    throw new Error(`${path} is not a result of this bench's format ${RESULT_FORMAT}`);
  return result;
}

function find(workload: WorkloadResult, name: string): ContenderResult | null {
  const found = workload.contenders.find(({ contender }) => contender === name);
  return found && found.samples.length > 0 ? found : null;
}

function median(contender: ContenderResult | null, metric: "cpu" | "throughput"): number {
  return contender === null ? NaN : medianOf(valuesOf(contender, metric));
}

/** Fewer rounds than this say nothing about noise. */
const ROUNDS_LEAST = 3;

/** "cheaper" or "dearer" when every round of one is beyond every round of the other, else "". */
export function changeOf(a: readonly number[], b: readonly number[]): "" | "cheaper" | "dearer" {
  if (a.length < ROUNDS_LEAST || b.length < ROUNDS_LEAST) return "";
  const before = spreadOf(a);
  const after = spreadOf(b);
  if (after.most < before.least) return "cheaper";
  return after.least > before.most ? "dearer" : "";
}

/** The rows of the table, head first, for the workloads both results have. */
export function compareResults(a: BenchResult, b: BenchResult, server: string): string[][] {
  const rows = [["workload", "CPU us A", "B", "B/A", "B/A in floors", "req/s A", "B", "B/A", "p99 A", "B", "CPU"]];
  for (const before of a.workloads) {
    const after = b.workloads.find(({ workload }) => workload === before.workload);
    const one = find(before, server);
    const other = after ? find(after, server) : null;
    if (!after || !one || !other) continue;
    const cpu = [median(one, "cpu"), median(other, "cpu")] as const;
    const rate = [median(one, "throughput"), median(other, "throughput")] as const;
    const floors = [median(find(before, "floor"), "cpu"), median(find(after, "floor"), "cpu")] as const;
    const p99 = [one, other].map(({ samples }) => formatLatency(medianOf(samples.map((s) => s.p99Microseconds))));
    rows.push([
      before.workload,
      ...cpu.map(formatNumber),
      formatRatio(cpu[1] / cpu[0]),
      formatRatio(cpu[1] / floors[1] / (cpu[0] / floors[0])),
      ...rate.map(formatNumber),
      formatRatio(rate[1] / rate[0]),
      ...p99,
      changeOf(valuesOf(one, "cpu"), valuesOf(other, "cpu")),
    ]);
  }
  return rows;
}

function main(words: string[]): number {
  const flag = words.indexOf("--server");
  const [server] = flag < 0 ? ["saker"] : words.splice(flag, 2).slice(1);
  const [pathA, pathB, ...rest] = words;
  if (pathA === undefined || pathB === undefined || rest.length > 0 || server === undefined) {
    console.error(USAGE);
    return 2;
  }
  const [a, b] = [readResult(pathA), readResult(pathB)];
  console.log(`A: ${a.startedAt}, commit ${a.commit}\nB: ${b.startedAt}, commit ${b.commit}\n`);
  console.log(markdownTable(compareResults(a, b, server), [0, 10]));
  return 0;
}

if (import.meta.main) process.exit(main(process.argv.slice(2)));
