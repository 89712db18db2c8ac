/**
 * Fault experiments: `bun run torture`, or `bun run torture --help`.
 *
 * In:    the command line (options.ts).
 * Out:   a row per fault on stdout, as it comes, or all as JSON or Markdown. Exit code 0 when saker passed everything it
 *        was judged by, 1 when not, 2 for a wrong command line.
 * Keeps: loopback only; experiments run one after the other; an experiment that hangs ends the run with an error.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { markdownTable } from "../../bench/load/markdown-table.ts";
import { within } from "../support/deadline.ts";
import { PROJECT } from "../support/executable.ts";
import { type Experiment, type Row, Verdict } from "./experiment.ts";
import { EXPERIMENTS } from "./experiments/all.ts";
import { SOAK_SECONDS } from "./experiments/soak.ts";
import { HELP, OptionError, type Options, parseOptions } from "./options.ts";

/** Besides the time that an experiment is told to take. */
const EXPERIMENT_MS_MAX = 150_000;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function build(folder: string): Promise<string> {
  const path = join(folder, "saker");
  say("no dist/saker: building one for the occasion");
  const command = [process.execPath, join(PROJECT, "build.ts"), "--outfile", path];
  const child = Bun.spawn(command, { cwd: PROJECT, stdout: "ignore", stderr: "inherit" });
  if ((await child.exited) !== 0) throw new Error("build.ts failed");
  return path;
}

async function chooseExecutable({ source }: Options, folder: string): Promise<string> {
  if (source) return "";
  const given = process.env.SAKER_EXECUTABLE;
  if (given) return resolve(PROJECT, given);
  const built = join(PROJECT, "dist", "saker");
  return existsSync(built) ? built : await build(folder);
}

function print(row: Row): void {
  say(`${row.verdict.padEnd(4)}  ${row.server.padEnd(5)}  ${row.experiment}: ${row.fault}\n              → ${row.saw}`);
}

function toMarkdown(rows: readonly Row[]): string {
  const lines = rows.map((row) => [row.fault, row.server, row.saw, row.criterion, row.verdict]);
  return markdownTable([["fault", "server", "what clients saw", "criterion", ""], ...lines], [0, 1, 2, 3, 4]);
}

async function runOne(experiment: Experiment, executable: string, servers: readonly string[]): Promise<Row[]> {
  try {
    const run = experiment.run({ executable, servers, isShort: false });
    return await within(run, `the experiment ${experiment.name}`, EXPERIMENT_MS_MAX + SOAK_SECONDS * 1000);
  } catch (error) {
    const saw = error instanceof Error ? error.message.split("\n").slice(0, 6).join(" | ") : String(error);
    const { name, title } = experiment;
    return [{ experiment: name, server: "saker", fault: title, saw, criterion: "it runs", verdict: Verdict.Fail }];
  }
}

async function main(): Promise<number> {
  const names = EXPERIMENTS.map(({ name }) => name);
  const options = parseOptions(process.argv.slice(2), names);
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  if (options.list) {
    for (const { name, title } of EXPERIMENTS) console.log(`${name.padEnd(14)} ${title}`);
    return 0;
  }
  const folder = await mkdtemp(join(tmpdir(), "saker-torture-"));
  try {
    const executable = await chooseExecutable(options, folder);
    const rows: Row[] = [];
    const startedMs = performance.now();
    for (const experiment of EXPERIMENTS) {
      if (options.only.length > 0 && !options.only.includes(experiment.name)) continue;
      const found = await runOne(experiment, executable, options.servers);
      found.forEach(print);
      rows.push(...found);
    }
    const failed = rows.filter(({ verdict }) => verdict === Verdict.Fail).length;
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    say(`${rows.length} rows in ${seconds} s, ${failed} failed (${executable || "from source"})`);
    if (options.json) console.log(JSON.stringify(rows, null, 1));
    if (options.markdown) console.log(toMarkdown(rows));
    return failed === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

try {
  process.exit(await main());
} catch (error) {
  if (!(error instanceof OptionError)) throw error;
  say(error.message);
  process.exit(2);
}
