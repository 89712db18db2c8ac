/**
 * The report: a Markdown table per workload, and the verdicts.
 *
 * In:    a `BenchResult`.
 * Out:   Markdown.
 * Units: as written in the heads of the tables. Values are medians of the rounds; "±" is half of (most − least) in relation
 *        to the median. Ratios are of CPU time per request: a contender's / the reference's, so 1.00 is the reference
 *        itself and less is cheaper; each is the median over the rounds of the two in the same round.
 * Keeps: pure.
 */
import {
  bestOf,
  ratioOf,
  requestsByClient,
  STRANGERS_MAX,
  valuesOf,
  type BenchResult,
  type ContenderResult,
  type StartUpResult,
  type WorkloadResult,
} from "./result.ts";
import { medianOf, spreadOf } from "./spread.ts";
import { suiteNamed } from "./suites.ts";
import { isReached, judgeAll, type Verdict } from "./targets.ts";
import {
  formatCount,
  formatLatency,
  formatNumber,
  formatOctets,
  formatPercent,
  formatRatio,
  markdownTable,
} from "./markdown-table.ts";

/** From this share of its core on, the client was the limit of requests/s. */
const CLIENT_SATURATED = 0.95;

function titleOf(result: BenchResult, name: string): string {
  return result.contenders.find((info) => info.name === name)?.title ?? name;
}

function loadRow(result: BenchResult, workload: WorkloadResult, contender: ContenderResult): string[] {
  const median = (pick: (sample: ContenderResult["samples"][number]) => number): number =>
    medianOf(contender.samples.map(pick));
  const cpu = spreadOf(valuesOf(contender, "cpu"));
  const rate = spreadOf(valuesOf(contender, "throughput"));
  const ratios = suiteNamed(result.suite).references.map((group) => {
    const reference = bestOf(workload, result.contenders, (one) => one === group, "cpu");
    return reference === null ? "–" : formatRatio(ratioOf(contender, reference, "cpu").value);
  });
  const failed = contender.samples.reduce((sum, sample) => sum + sample.failedRequests, 0);
  const clientBusy = median((sample) => sample.clientBusy);
  return [
    titleOf(result, contender.contender),
    formatNumber(cpu.median),
    `±${formatPercent(cpu.relative / 2)}`,
    `${formatNumber(rate.median)}${clientBusy >= CLIENT_SATURATED ? "*" : ""}`,
    `±${formatPercent(rate.relative / 2)}`,
    formatLatency(median((sample) => sample.p50Microseconds)),
    formatLatency(median((sample) => sample.p99Microseconds)),
    ...ratios,
    formatPercent(median((sample) => sample.serverBusy)),
    formatPercent(clientBusy),
    String(failed),
  ];
}

/** As people know them. */
const REFERENCE_TITLES: Readonly<Record<string, string>> = { "bun-serve": "Bun.serve" };

function loadHead({ suite }: BenchResult): string[] {
  const references = suiteNamed(suite).references.map((group) => `/${REFERENCE_TITLES[group] ?? group}`);
  return ["", "CPU us/req", "", "req/s", "", "p50", "p99", ...references, "core", "client", "failed"];
}

function remarks(result: BenchResult, workload: WorkloadResult): string[] {
  const lines: string[] = [];
  const disturbances: string[] = [];
  for (const { contender, samples, failure } of workload.contenders) {
    const title = titleOf(result, contender);
    if (failure !== null) lines.push(`- ${title}: ${samples.length === 0 ? "not measured" : "gave up"}: ${failure}`);
    const disturbed = samples.map(({ strangersBusy }) => strangersBusy).filter((share) => share > STRANGERS_MAX);
    if (disturbed.length === 0) continue;
    const worst = formatPercent(Math.max(...disturbed));
    disturbances.push(`${title} in ${disturbed.length} of ${samples.length} rounds (${worst})`);
  }
  if (disturbances.length > 0) lines.push(`- disturbed, others on the server's core: ${disturbances.join(", ")}`);
  return lines;
}

function idleTable(result: BenchResult, workload: WorkloadResult): string {
  const rows = [["", "RSS per connection", "PSS per connection", "connections", "lost"]];
  for (const { contender, idle } of workload.contenders) {
    if (idle.length === 0) continue;
    rows.push([
      titleOf(result, contender),
      formatOctets(medianOf(idle.map((sample) => sample.rssOctetsPerConnection))),
      formatOctets(medianOf(idle.map((sample) => sample.pssOctetsPerConnection))),
      String(medianOf(idle.map((sample) => sample.connections))),
      String(idle.reduce((sum, sample) => sum + sample.lost, 0)),
    ]);
  }
  return markdownTable(rows);
}

/** One workload: its title, its table, what went wrong. */
export function workloadSection(result: BenchResult, workload: WorkloadResult): string {
  const measured = workload.contenders.filter(({ samples }) => samples.length > 0);
  const parts = [`### ${workload.title} (\`${workload.workload}\`)`];
  if (measured.length > 0) {
    parts.push(markdownTable([loadHead(result), ...measured.map((contender) => loadRow(result, workload, contender))]));
  }
  if (workload.contenders.some(({ idle }) => idle.length > 0)) parts.push(idleTable(result, workload));
  const lines = remarks(result, workload);
  if (lines.length > 0) parts.push(lines.join("\n"));
  return parts.join("\n\n");
}

function startUpSection(result: BenchResult, startUp: readonly StartUpResult[]): string {
  const rows = [["", "to first response, ms", "least", "most", "idle PSS", "idle RSS"]];
  const failures: string[] = [];
  for (const one of startUp) {
    const title = titleOf(result, one.contender);
    if (one.failure !== null) failures.push(`- ${title}: ${one.failure}`);
    if (one.milliseconds.length === 0) continue;
    const time = spreadOf(one.milliseconds);
    const memory = [one.pssOctets, one.rssOctets].map((octets) => formatOctets(medianOf(octets)));
    rows.push([title, ...[time.median, time.least, time.most].map(formatNumber), ...memory]);
  }
  const title = "### Start-up and idle memory of the process tree (`start-up`)";
  return [title, markdownTable(rows), ...(failures.length > 0 ? [failures.join("\n")] : [])].join("\n\n");
}

function clientsSection(result: BenchResult): string {
  const rows = requestsByClient(result).map(({ client, requests, failed }) => [
    client,
    formatCount(requests),
    formatCount(failed),
  ]);
  const title = "### saker's requests by client (`clients`)";
  return `${title}\n\n${markdownTable([["", "requests", "failed"], ...rows])}`;
}

function verdictRow({ target, outcome, value, spread, against }: Verdict): string[] {
  const { good } = target;
  const write = (number: number): string => {
    if (target.metric === "cpu above") return Number.isFinite(number) ? `${formatNumber(number)} us` : "–";
    if (target.reference !== null) return formatRatio(number);
    if (target.metric === "failed requests") return formatCount(number);
    if (target.metric !== "start to first response") return formatOctets(number);
    return Number.isFinite(number) ? `${formatNumber(number)} ms` : "–";
  };
  const metric = target.metric.startsWith("cpu") ? "CPU per request" : target.metric;
  const reference =
    target.reference === "cheapest peer" && against !== "" ? `cheapest peer (${against})` : target.reference;
  return [
    target.workload,
    reference === null ? metric : `${metric} ${target.metric === "cpu above" ? "above" : "/"} ${reference}`,
    `${target.bound === "at most" ? "<=" : ">="} ${write(target.limit)}`,
    good === undefined ? "" : write(good),
    write(value),
    Number.isFinite(value) ? `${write(spread.least)} to ${write(spread.most)}` : "–",
    outcome === "missed" ? "**missed**" : outcome,
  ];
}

function verdictTable(verdicts: readonly Verdict[]): string {
  const head = ["workload", "what", "target", "good", "measured", "over the rounds", "verdict"];
  return markdownTable([head, ...verdicts.map(verdictRow)], [0, 1, 6]);
}

export function verdictSection(result: BenchResult): string {
  const suite = suiteNamed(result.suite);
  const verdicts = judgeAll(suite.targets, result);
  const beyond = judgeAll(suite.beyond, result).filter(({ outcome }) => outcome !== "not measured");
  const reached = verdicts.filter(isReached).length;
  const measured = verdicts.filter(({ outcome }) => outcome !== "not measured").length;
  const parts = [`### Targets: ${reached} of ${measured} measured are reached`, verdictTable(verdicts)];
  if (beyond.length > 0)
    parts.push("For information, against nginx tuned further than the targets ask:", verdictTable(beyond));
  return parts.join("\n\n");
}

function heading(result: BenchResult): string {
  const { machine } = result;
  const lines = [
    `- ${result.startedAt}, commit ${result.commit}, \`${result.command}\``,
    `- ${machine.cpu}, ${machine.cores} cores, ${machine.kernel}, load average ${formatNumber(machine.loadAverage)} at the start`,
    machine.pinned
      ? `- server on core ${machine.serverCore}, client on core ${machine.clientCore}, ${result.rounds} interleaved rounds of ${result.seconds} s, medians`
      : `- nothing pinned (no taskset), ${result.rounds} interleaved rounds of ${result.seconds} s, medians`,
    ...result.contenders.map(({ title, version }) => `- ${title}: ${version}`),
    ...result.notes.map((note) => `- **${note}**`),
  ];
  return `## Load bench: ${suiteNamed(result.suite).title}\n\n${lines.join("\n")}`;
}

const LEGEND =
  "CPU is what all threads of the server's process tree used. /nginx is against its better setting. core: share of its core the " +
  "server used; client: share the client used; * the client was the limit of req/s. ± is half the distance between the best and the worst round.";

export function reportOf(result: BenchResult): string {
  return [
    heading(result),
    LEGEND,
    ...result.workloads.map((workload) => workloadSection(result, workload)),
    ...(result.startUp.length > 0 ? [startUpSection(result, result.startUp)] : []),
    ...(result.clients.length > 0 ? [clientsSection(result)] : []),
    verdictSection(result),
    "",
  ].join("\n\n");
}
