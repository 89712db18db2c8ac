/**
 * The command line of `bun bench/run.ts`.
 *
 * In:    the arguments after the script's name.
 * Out:   `Options`, every value checked and bounded; `HELP`.
 * Units: `seconds` is the length of one timed run, `warmUpSeconds` of the untimed one before a contender's first.
 * Keeps: pure. `--quick` sets what the other flags don't: one short round, fewer idle connections, and a time
 *        limit under two minutes after which the remaining workloads are left out (and the report says so).
 * Fails: `OptionError` with one line for the user.
 */

export interface Options {
  quick: boolean;
  /** "http" or "tls". */
  suite: string;
  /** Names of workloads to run; empty: all of them. */
  workloads: string[];
  /** Names of contenders or groups to run; empty: all that are installed. */
  servers: string[];
  rounds: number;
  seconds: number;
  warmUpSeconds: number;
  /** Runs that others disturbed are made again, so many times at most. */
  retakes: number;
  idleConnections: number;
  startUps: number;
  /** After this many seconds no further workload is begun; 0: no limit. */
  limitSeconds: number;
  /** The JSON result goes here; "": nowhere. */
  json: string;
  /** The Markdown report goes here besides stdout; "": nowhere. */
  out: string;
  /** Run `bun src/main.ts` even when an executable is there. */
  source: boolean;
  /** The executable to measure; "": dist/saker. */
  saker: string;
  list: boolean;
  help: boolean;
}

export class OptionError extends Error {}

export const HELP = `usage: bun bench/run.ts [flags]

  --suite NAME        http: plain HTTP/1.1 (the default); tls: TLS and HTTP/2
  --quick             one short round of everything, under two minutes, coarse
  --workload NAME     only this workload; may be repeated (--list names them)
  --server NAME       only this server; may be repeated; "nginx" means both nginx settings
  --rounds N          timed rounds per workload and server (5)
  --seconds S         length of a timed run (3)
  --retakes N         make a run again that others on the server's core disturbed, at most N times; the calmest counts (0)
  --idle N            idle connections held open in the "idle" workload (15000; 4000 with TLS)
  --source            measure src/main.ts although dist/saker is there
  --saker FILE        measure this executable instead of dist/saker
  --json FILE         write every sample as JSON (bench/compare.ts reads it)
  --out FILE          write the report as Markdown, besides printing it
  --list              name the workloads and servers, and say what is installed
`;

type NumberKey = "rounds" | "seconds" | "retakes" | "idleConnections";
type TextKey = "suite" | "json" | "out" | "saker";
type ListKey = "workloads" | "servers";
type SwitchKey = "quick" | "source" | "list" | "help";

const NUMBERS: Readonly<Record<string, { key: NumberKey; least: number; most: number; whole: boolean }>> = {
  "--rounds": { key: "rounds", least: 1, most: 99, whole: true },
  "--seconds": { key: "seconds", least: 0.2, most: 60, whole: false },
  "--retakes": { key: "retakes", least: 0, most: 99, whole: true },
  "--idle": { key: "idleConnections", least: 1, most: 1_000_000, whole: true },
};
const TEXTS: Readonly<Record<string, TextKey>> = {
  "--suite": "suite",
  "--json": "json",
  "--out": "out",
  "--saker": "saker",
};
const LISTS: Readonly<Record<string, ListKey>> = { "--workload": "workloads", "--server": "servers" };
const SWITCHES: Readonly<Record<string, SwitchKey>> = {
  "--quick": "quick",
  "--source": "source",
  "--list": "list",
  "--help": "help",
  "-h": "help",
};

const FULL = {
  rounds: 5,
  seconds: 3,
  warmUpSeconds: 1,
  retakes: 0,
  idleConnections: 15_000,
  startUps: 10,
  limitSeconds: 0,
};
const QUICK = {
  rounds: 1,
  seconds: 0.4,
  warmUpSeconds: 0.2,
  retakes: 0,
  idleConnections: 5_000,
  startUps: 3,
  limitSeconds: 95,
};

function parseNumber(flag: string, text: string): number {
  const { least, most, whole } = NUMBERS[flag]!;
  const value = Number(text);
  if (text === "" || !Number.isFinite(value) || value < least || value > most || (whole && !Number.isInteger(value))) {
    throw new OptionError(`${flag} takes a ${whole ? "whole " : ""}number from ${least} to ${most}, not "${text}"`);
  }
  return value;
}

/** Reads the arguments; `--flag value` and `--flag=value` mean the same. */
export function parseOptions(argv: readonly string[]): Options {
  const given: Partial<Options> = {};
  const lists: Record<ListKey, string[]> = { workloads: [], servers: [] };
  for (let index = 0; index < argv.length; index++) {
    const [flag, inline] = splitFlag(argv[index]!);
    const switchKey = SWITCHES[flag];
    if (switchKey && inline === null) {
      given[switchKey] = true;
      continue;
    }
    if (!(flag in NUMBERS) && !(flag in TEXTS) && !(flag in LISTS)) {
      throw new OptionError(`unknown flag ${argv[index]}; --help names them`);
    }
    const value = inline ?? argv[++index];
    if (value === undefined || value === "") throw new OptionError(`${flag} needs a value`);
    const listKey = LISTS[flag];
    const textKey = TEXTS[flag];
    if (listKey) lists[listKey].push(...value.split(",").filter((name) => name !== ""));
    else if (textKey) given[textKey] = value;
    else given[NUMBERS[flag]!.key] = parseNumber(flag, value);
  }
  const switches = { quick: false, source: false, list: false, help: false };
  const texts = { suite: "http", json: "", out: "", saker: "" };
  return { ...switches, ...lists, ...texts, ...(given.quick ? QUICK : FULL), ...given };
}

function splitFlag(argument: string): [string, string | null] {
  const equals = argument.startsWith("--") ? argument.indexOf("=") : -1;
  return equals < 0 ? [argument, null] : [argument.slice(0, equals), argument.slice(equals + 1)];
}
