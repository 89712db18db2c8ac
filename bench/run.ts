/**
 * The load bench: `bun run bench`, or `bun bench/run.ts --help`.
 *
 * In:    the command line (load/options.ts).
 * Out:   the report on stdout (progress on stderr), and the files asked for. Exit code 0 when all that was to be measured
 *        was; 1 when saker or a request of another client to it failed; 2 for a wrong command line.
 * Keeps: loopback only; every step bounded in time; whatever happens (an error, Ctrl-C, SIGTERM) no child and no temporary
 *        file is left behind.
 *
 * Steps: choose suite and contenders -> make the document root -> per workload: start, check, warm up, time in rounds -> start-up -> report.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCertificate } from "./load/certificate.ts";
import type { Contender } from "./load/contender.ts";
import { detectCores, type Cores } from "./load/cores.ts";
import { createDocumentRoot } from "./load/document-root.ts";
import { measureIdle } from "./load/idle-connections.ts";
import { describeCommit, describeMachine, hasProc } from "./load/machine.ts";
import { measureWorkload } from "./load/measure-load.ts";
import { HELP, OptionError, type Options } from "./load/options.ts";
import { runOtherClients } from "./load/other-clients.ts";
import { reportOf } from "./load/report.ts";
import { RESULT_FORMAT, type BenchResult, type WorkloadResult } from "./load/result.ts";
import { runBench, say } from "./load/run-bench.ts";
import type { Surroundings } from "./load/running-server.ts";
import { measureStartUp } from "./load/start-up.ts";
import { SUITES, workloadNamesOf, type Suite } from "./load/suites.ts";
import { CLIENTS_WORKLOAD, START_UP_WORKLOAD } from "./load/workloads.ts";

/** Twice what a run can take if every step takes as long as it may; beyond it something hangs. */
const WATCHDOG_FACTOR = 2;
const STEP_OVERHEAD_SECONDS = 3;

function chooseContenders(all: readonly Contender[], wanted: readonly string[]): Contender[] {
  for (const name of wanted) {
    if (all.some((one) => one.name === name || one.group === name)) continue;
    throw new OptionError(`unknown server ${name}; there are ${all.map((one) => one.name).join(", ")}`);
  }
  const chosen =
    wanted.length === 0 ? all : all.filter((one) => wanted.includes(one.name) || wanted.includes(one.group));
  return chosen.filter((one) => one.version() !== null);
}

function chooseSuite(name: string): Suite {
  const suite = SUITES.find((one) => one.name === name);
  if (suite) return suite;
  throw new OptionError(`unknown suite ${name}; there are ${SUITES.map((one) => one.name).join(", ")}`);
}

function chooseWorkloads(suite: Suite, wanted: readonly string[]): string[] {
  const names = workloadNamesOf(suite);
  for (const name of wanted) {
    if (!names.includes(name)) throw new OptionError(`unknown workload ${name}; there are ${names.join(", ")}`);
  }
  return names.filter((name) => wanted.length === 0 || wanted.includes(name));
}

function needClients(suite: Suite): void {
  const needed = suite.isSecure ? ["wrk", "h2load", "openssl"] : ["wrk"];
  const packages: Readonly<Record<string, string>> = { h2load: "nghttp2-client" };
  for (const name of needed) {
    if (Bun.which(name) !== null) continue;
    throw new OptionError(`${name} is not installed (Debian: apt-get install ${packages[name] ?? name})`);
  }
}

/** The bench's own process sits on the client's core: it sleeps while wrk runs. */
function moveToClientCore(cores: Cores): void {
  if (cores.pinned) Bun.spawnSync(["taskset", "-apc", String(cores.client), String(process.pid)]);
}

function armWatchdog(options: Options, workloads: number, contenders: number): void {
  const perContender = options.rounds * (options.seconds + options.warmUpSeconds + STEP_OVERHEAD_SECONDS) + 10;
  const seconds = WATCHDOG_FACTOR * (60 + workloads * contenders * perContender);
  setTimeout(() => {
    say(`given up: not finished after ${Math.round(seconds)} s`);
    process.exit(1);
  }, seconds * 1000).unref();
}

async function runClients(contenders: readonly Contender[], around: Surroundings, result: BenchResult): Promise<void> {
  const saker = contenders.find(({ group }) => group === "saker");
  if (!saker) return;
  say(`${CLIENTS_WORKLOAD}: ${saker.name}`);
  try {
    result.clients = await runOtherClients(saker, around);
  } catch (error) {
    result.notes.push(`${CLIENTS_WORKLOAD}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function measureAll(
  options: Options,
  suite: Suite,
  workloads: readonly string[],
  contenders: readonly Contender[],
  around: Surroundings,
  result: BenchResult,
): Promise<void> {
  const began = performance.now();
  for (const name of workloads) {
    const elapsed = (performance.now() - began) / 1000;
    if (options.limitSeconds > 0 && elapsed > options.limitSeconds) {
      result.notes.push(`${name} was left out: ${options.limitSeconds} s were over`);
      continue;
    }
    const entrants = contenders.filter(({ onlyFor }) => onlyFor?.includes(name) ?? true);
    if (name === START_UP_WORKLOAD) {
      result.startUp = await measureStartUp(options.startUps, entrants, around, say);
    } else if (name === CLIENTS_WORKLOAD) {
      await runClients(entrants, around, result);
    } else {
      result.workloads.push(await measureOne(options, suite, name, entrants, around));
    }
  }
}

async function measureOne(
  options: Options,
  suite: Suite,
  name: string,
  entrants: readonly Contender[],
  around: Surroundings,
): Promise<WorkloadResult> {
  const idle = suite.idle.find((one) => one.name === name);
  if (idle) return await measureIdle(idle, options.idleConnections, entrants, around, options, say);
  return await measureWorkload(
    suite.workloads.find((one) => one.name === name)!,
    entrants,
    around,
    options,
    say,
  );
}

/** A peer that can't take part (lighttpd and too many connections, say) is named in the report, and no failure of the run. */
function hasFailure({ workloads, startUp, clients, contenders }: BenchResult): boolean {
  if (clients.some(({ failed }) => failed > 0)) return true;
  const names = contenders.filter(({ group }) => group === "saker").map(({ name }) => name);
  const results = [...workloads.flatMap((workload) => workload.contenders), ...startUp];
  return results.some(({ contender, failure }) => failure !== null && names.includes(contender));
}

function list(suite: Suite, contenders: readonly Contender[]): void {
  console.log(`workloads of ${suite.name}: ${workloadNamesOf(suite).join(", ")}\nservers:`);
  for (const { name, version } of contenders) console.log(`  ${name.padEnd(16)} ${version() ?? "(not installed)"}`);
}

async function main(options: Options, folder: string): Promise<number> {
  const suite = chooseSuite(options.suite);
  const all = suite.contenders(folder, { source: options.source, executable: options.saker });
  if (options.list) {
    list(suite, all);
    return 0;
  }
  const workloads = chooseWorkloads(suite, options.workloads);
  const contenders = chooseContenders(all, options.servers);
  if (!hasProc()) throw new OptionError("CPU time is read from /proc: the load bench runs on Linux");
  needClients(suite);
  if (contenders.length === 0) throw new OptionError("none of these servers is installed");

  const cores = detectCores();
  const result: BenchResult = {
    format: RESULT_FORMAT,
    startedAt: new Date().toISOString(),
    commit: describeCommit(),
    suite: suite.name,
    command: ["bun bench/run.ts", ...process.argv.slice(2)].join(" "),
    rounds: options.rounds,
    seconds: options.seconds,
    machine: describeMachine(cores),
    contenders: contenders.map(({ name, group, title, version }) => ({ name, group, title, version: version() ?? "" })),
    workloads: [],
    startUp: [],
    clients: [],
    notes: [],
  };
  if (options.quick) result.notes.push("quick: short runs, one round; coarse numbers");
  if (cores.server === cores.client) result.notes.push("server and client share one core: of little worth");
  if (!contenders.some(({ group }) => group === "saker")) result.notes.push("without saker");

  armWatchdog(options, workloads.length, contenders.length);
  moveToClientCore(cores);
  const root = join(folder, "root");
  createDocumentRoot(root);
  const certificate = suite.isSecure ? makeCertificate(folder) : null;
  await measureAll(options, suite, workloads, contenders, { cores, root, folder, certificate }, result);

  const report = reportOf(result);
  console.log(report);
  if (options.out !== "") writeFileSync(options.out, report);
  if (options.json !== "") writeFileSync(options.json, `${JSON.stringify(result, null, 1)}\n`);
  return hasFailure(result) ? 1 : 0;
}

process.exit(
  await runBench((options, folder) => {
    if (!options.help) return main(options, folder);
    console.log(HELP);
    return 0;
  }),
);
