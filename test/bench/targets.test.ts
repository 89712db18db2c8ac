/** Targets held against results, and the report made of them. */
import { describe, expect, test } from "bun:test";
import { changeOf, compareResults } from "../../bench/compare.ts";
import { idleCount } from "../../bench/load/idle-connections.ts";
import { reportOf } from "../../bench/load/report.ts";
import { bestOf, ratioOf, type BenchResult, type ContenderResult, type LoadSample } from "../../bench/load/result.ts";
import { judge, TARGETS, type Target } from "../../bench/load/targets.ts";
import { SUITES, workloadNamesOf } from "../../bench/load/suites.ts";

function sample(cpu: number, rate = 1000): LoadSample {
  return {
    requests: 1000,
    requestsPerSecond: rate,
    octetsPerSecond: rate * 1024,
    cpuMicrosecondsPerRequest: cpu,
    p50Microseconds: 100,
    p99Microseconds: 2000,
    failedRequests: 0,
    serverBusy: 0.9,
    clientBusy: 0.5,
    strangersBusy: 0,
  };
}

function contender(name: string, cpu: number[], rate?: number): ContenderResult {
  return { contender: name, samples: cpu.map((value) => sample(value, rate)), idle: [], failure: null };
}

function info(name: string, group = name) {
  return { name, group, title: name.toUpperCase(), version: "1" };
}

function result(contenders: ContenderResult[], workload = "hot"): BenchResult {
  return {
    format: 1,
    startedAt: "2026-01-01T00:00:00Z",
    commit: "abc",
    command: "bun bench/run.ts",
    rounds: 3,
    seconds: 3,
    machine: { cpu: "CPU", cores: 2, kernel: "Linux", serverCore: 0, clientCore: 1, pinned: true, loadAverage: 0 },
    contenders: [
      info("saker"),
      info("floor"),
      info("bun-serve"),
      info("nginx-on", "nginx"),
      info("nginx-off", "nginx"),
    ],
    workloads: [{ workload, title: "Title", contenders }],
    startUp: [],
    clients: [],
    notes: [],
  };
}

const hotFloor: Target = { workload: "hot", metric: "cpu", reference: "floor", bound: "at most", limit: 1.15 };
const hotNginx: Target = { ...hotFloor, reference: "nginx", limit: 1 };
const hotCheapest: Target = { ...hotFloor, reference: "cheapest peer", limit: 1 };
const fastNginx: Target = { ...hotNginx, metric: "throughput", bound: "at least" };

describe("judge", () => {
  const saker = contender("saker", [7, 8, 9]);
  const floor = contender("floor", [7, 7, 7]);
  const nginx = [contender("nginx-on", [10, 10, 10], 900), contender("nginx-off", [7.5, 7.5, 7.5], 800)];

  test.each([
    ["reached", hotFloor, [contender("saker", [8, 8, 8]), floor], "reached", 8 / 7],
    ["reached at the limit itself", { ...hotNginx, limit: 0.8 }, [saker, nginx[0]!], "reached", 0.8],
    ["missed by every round", hotFloor, [contender("saker", [9, 9, 9]), floor], "missed", 9 / 7],
    ["missed by the median, not by every round", hotFloor, [contender("saker", [7, 9, 9]), floor], "unclear", 9 / 7],
    ["good", { ...hotFloor, good: 1.05 }, [contender("saker", [7, 7, 7]), floor], "good", 1],
    ["reached, and not good", { ...hotFloor, good: 1.05 }, [contender("saker", [8, 8, 8]), floor], "reached", 8 / 7],
    ["against the better of nginx", hotNginx, [saker, ...nginx], "unclear", 8 / 7.5],
    ["the cheapest peer isn't the floor", hotCheapest, [saker, contender("floor", [1]), nginx[0]!], "reached", 0.8],
    ["throughput, against the faster of nginx", fastNginx, [saker, ...nginx], "reached", 1000 / 900],
    ["above the floor", { ...hotFloor, metric: "cpu above", limit: 0.9 }, [saker, floor], "unclear", 1],
    ["no reference", hotFloor, [saker], "not measured", NaN],
    ["a reference without samples", hotFloor, [saker, contender("floor", [])], "not measured", NaN],
    ["no saker", hotFloor, [floor], "not measured", NaN],
    ["another workload", { ...hotFloor, workload: "zipf" }, [saker, floor], "not measured", NaN],
  ])("%s", (_description, target, contenders, outcome, value) => {
    const verdict = judge(target as Target, result(contenders as ContenderResult[]));
    expect(verdict.outcome).toBe(outcome as typeof verdict.outcome);
    if (Number.isNaN(value)) expect(verdict.value).toBeNaN();
    else expect(verdict.value).toBeCloseTo(value as number, 10);
  });

  test("names the contender it was held against", () => {
    expect(judge(hotNginx, result([saker, ...nginx])).against).toBe("nginx-off");
    expect(judge(fastNginx, result([saker, ...nginx])).against).toBe("nginx-on");
  });

  test("holds idle memory and start-up against absolute limits", () => {
    const idle = { connections: 100, rssOctetsPerConnection: 2000, pssOctetsPerConnection: 1, lost: 0 };
    const measured = result([{ ...saker, idle: [idle] }], "idle");
    measured.startUp = [
      { contender: "saker", milliseconds: [80, 90, 300], pssOctets: [1], rssOctets: [1], failure: null },
    ];
    const find = (metric: string): Target => TARGETS.find((target) => target.metric === metric)!;
    expect(judge(find("rss per idle connection"), measured)).toMatchObject({ outcome: "missed", value: 2000 });
    expect(judge(find("start to first response"), measured)).toMatchObject({ outcome: "reached", value: 90 });
    const pss: Target = { ...hotFloor, workload: "idle", metric: "pss per idle connection", reference: null, limit: 1 };
    expect(judge(pss, measured)).toMatchObject({ outcome: "reached", value: 1 });
  });
});

describe("failed requests", () => {
  const target = TARGETS.find(({ metric }) => metric === "failed requests")!;
  const saker = contender("saker", [7]);
  const failing = { ...saker, samples: [{ ...saker.samples[0]!, failedRequests: 3 }] };
  const ab = { client: "ab", requests: 100, failed: 0 };

  test.each([
    ["none", [saker], [ab], "reached", 0],
    ["of wrk", [failing], [ab], "missed", 3],
    ["of another client", [saker], [{ ...ab, failed: 1 }], "missed", 1],
    ["of another server don't count", [saker, { ...failing, contender: "floor" }], [ab], "reached", 0],
    ["of wrk alone say too little", [saker], [], "not measured", NaN],
  ])("%s", (_description, contenders, clients, outcome, value) => {
    const verdict = judge(target, { ...result(contenders), clients });
    expect([verdict.outcome, verdict.value]).toEqual([outcome as typeof verdict.outcome, value]);
  });
});

test.each(SUITES.map((suite) => [suite.name, suite] as const))("every target of %s names a workload", (_, suite) => {
  for (const { workload } of [...suite.targets, ...suite.beyond]) expect(workloadNamesOf(suite)).toContain(workload);
});

test.each(SUITES.map((suite) => [suite.name, suite] as const))("what is good is more than what %s must", (_, suite) => {
  for (const { bound, limit, good = limit } of suite.targets) {
    if (bound === "at most") expect(good).toBeLessThanOrEqual(limit);
    else expect(good).toBeGreaterThanOrEqual(limit);
  }
});

test("a ratio is the median of those of the same rounds", () => {
  const ratio = ratioOf(contender("saker", [10, 20, 90]), contender("floor", [10, 5, 30]), "cpu");
  expect(ratio).toMatchObject({ value: 3, rounds: { least: 1, median: 3, most: 4 } });
});

test("the best of none is none", () => {
  const { workloads, contenders } = result([contender("saker", [1])]);
  expect(bestOf(workloads[0]!, contenders, (group) => group === "nginx", "cpu")).toBeNull();
});

describe("the report", () => {
  test("has a row per contender, ratios, and the verdicts", () => {
    const report = reportOf(result([contender("saker", [6, 6, 6]), contender("floor", [5, 5, 5])]));
    expect(report).toMatch(/\| SAKER +\| +6\.00 .* 1\.20 /);
    expect(report).toMatch(/\| hot +\| CPU per request \/ floor +\| +<= 1\.15 \| +\| +1\.20 \| .*\*\*missed\*\*/);
    expect(report).toContain("not measured");
    expect(report).not.toContain("NaN");
  });

  test("says what failed, what was disturbed, and that the client was the limit", () => {
    const failed: ContenderResult = { ...contender("floor", []), failure: "content differs" };
    const disturbed = contender("saker", [6]);
    disturbed.samples[0]!.strangersBusy = 0.4;
    disturbed.samples[0]!.clientBusy = 0.99;
    const report = reportOf(result([disturbed, failed]));
    expect(report).toContain("FLOOR: not measured: content differs");
    expect(report).toContain("others on the server's core: SAKER in 1 of 1 rounds (40 %)");
    expect(report).toContain("1 000*");
  });
});

describe("compare", () => {
  test.each([
    ["cheaper in every round", [10, 11, 12], [7, 8, 9], "cheaper"],
    ["dearer in every round", [7, 8, 9], [10, 11, 12], "dearer"],
    ["rounds that overlap", [7, 8, 10], [9, 10, 11], ""],
    ["too few rounds to tell", [7, 8], [10, 11], ""],
  ])("%s", (_description, a, b, change) => {
    expect(changeOf(a, b)).toBe(change as "" | "cheaper" | "dearer");
  });

  test("takes the machine's mood out by each run's own floor", () => {
    const a = result([contender("saker", [6]), contender("floor", [5])]);
    const b = result([contender("saker", [12]), contender("floor", [10])]);
    expect(compareResults(a, b, "saker")[1]!.slice(0, 5)).toEqual(["hot", "6.00", "12.0", "2.00", "1.00"]);
  });

  test("leaves out what only one of them has", () => {
    const a = result([contender("saker", [6])], "hot");
    expect(compareResults(a, result([contender("saker", [6])], "zipf"), "saker")).toHaveLength(1);
    expect(compareResults(a, result([contender("floor", [6])], "hot"), "saker")).toHaveLength(1);
  });
});

test.each([
  ["as many as wanted", 15_000, 20_000, 15_000],
  ["as many as descriptors allow", 15_000, 4096, 3096],
  ["never none", 15_000, 256, 1],
])("idle connections: %s", (_description, wanted, descriptors, count) => {
  expect(idleCount(wanted, descriptors)).toBe(count);
});
