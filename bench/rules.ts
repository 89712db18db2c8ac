/**
 * What rules cost, and what content coding costs:
 * `bun bench/rules.ts [--rounds N] [--seconds S] [--workload NAME] [--saker FILE] [--source]`.
 *
 *   rules    1 000 redirects, 1 000 field rules and 1 000 virtual hosts, none of which is about what is asked for, against none; both
 *            send the same fields (security_headers, Cache-Control, Expires)
 *   fields   these fields against none: some 400 octets more to send
 *   coded    a response in br from the cache against a plain one of the same number of octets, of the same server
 *   nothing  saker against itself: what the machine's mood makes of two equal servers
 *
 * In:    some flags of bench/run.ts.
 * Out:   per workload CPU per request of both, and their ratio, over interleaved rounds on one core. Exit code 0 when all was
 *        measured, 1 when not, 2 for a wrong command line.
 * Keeps: loopback only; no child and no temporary file is left behind.
 */
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import type { Contender } from "./load/contender.ts";
import { sakerFrom, sakerWithFields, sakerWithRules } from "./load/contenders/saker.ts";
import { detectCores } from "./load/cores.ts";
import { createDocumentRoot, pseudoRandom, type ServedFile } from "./load/document-root.ts";
import { formatNumber, formatRatio, markdownTable } from "./load/markdown-table.ts";
import { type Entrant, enter, takeSample } from "./load/measure-load.ts";
import { OptionError, type Options } from "./load/options.ts";
import { ratioOf, valuesOf } from "./load/result.ts";
import { runBench, say } from "./load/run-bench.ts";
import { stopServer, type Surroundings } from "./load/running-server.ts";
import { medianOf, rotatedOrder } from "./load/spread.ts";
import { getRequest, HOT_WORKLOAD, LOAD_WORKLOADS, type LoadWorkload } from "./load/workloads.ts";

/** Those in which our own code is some part of the cost; in `1m` and `100m` the kernel's copying is all. */
const RULED_WORKLOADS = ["hot", "browser", "zipf", "pipelined", "not-modified", "64k", "range", "not-found"];

/** A text, and how many octets of it there are. */
const TEXT_OCTETS = 20_000;

interface Side {
  readonly contender: Contender;
  readonly workload: LoadWorkload;
}

interface Pair {
  readonly name: string;
  readonly sides: readonly [Side, Side];
}

/** Text that compresses to about a third; its coding as a neighbour; and as many octets that are no text. */
function addCodedFiles(root: string): { coded: ServedFile; plain: ServedFile } {
  const next = pseudoRandom(42);
  let text = "";
  while (text.length < TEXT_OCTETS) text += `<p class="line">the word is ${next().toString(16)}</p>\n`;
  const coded = brotliCompressSync(text);
  const contents = { "text.html": text, "text.html.br": coded, "vplain.bin": coded };
  const past = new Date("2026-01-01T00:00:00Z");
  for (const [name, content] of Object.entries(contents)) {
    writeFileSync(join(root, name), content);
    utimesSync(join(root, name), past, past);
  }
  return {
    coded: { name: "text.html.br", octets: coded.length },
    plain: { name: "vplain.bin", octets: coded.length },
  };
}

/** The hot workload with another file; `asked`: the name in the request. */
function workloadFor(name: string, asked: string, file: ServedFile): LoadWorkload {
  const request = (port: number) => getRequest(port, asked, ["Accept-Encoding: gzip, deflate, br, zstd"]);
  return {
    ...HOT_WORKLOAD,
    name,
    title: name,
    exchanges: (port) => [{ request: request(port), status: 200, file, first: 0, octets: file.octets }],
  };
}

function pairsFor(options: Options, root: string): Pair[] {
  const choice = { source: options.source, executable: options.saker };
  const saker = sakerFrom(choice);
  const fields = sakerWithFields(choice);
  const ruled = sakerWithRules(choice);
  const { coded, plain } = addCodedFiles(root);
  const rules = RULED_WORKLOADS.map((name): Pair => {
    const workload = LOAD_WORKLOADS.find((one) => one.name === name)!;
    const sides = [fields, ruled].map((contender) => ({ contender, workload }));
    return { name: `${name}: rules / none`, sides: [sides[0]!, sides[1]!] };
  });
  const hot = { contender: saker, workload: HOT_WORKLOAD };
  const all: Pair[] = [
    { name: "hot: nothing / none", sides: [hot, hot] },
    { name: "hot: fields / none", sides: [hot, { contender: fields, workload: HOT_WORKLOAD }] },
    ...rules,
    {
      name: `${coded.octets} octets: coded / plain`,
      sides: [
        { contender: saker, workload: workloadFor("plain", plain.name, plain) },
        { contender: saker, workload: workloadFor("coded", "text.html", coded) },
      ],
    },
  ];
  const { workloads } = options;
  return workloads.length === 0
    ? all
    : all.filter(({ name }) => workloads.some((wanted) => name.startsWith(`${wanted}:`)));
}

/** A row of the table, both sides measured in turns. */
async function measurePair({ name, sides }: Pair, around: Surroundings, options: Options): Promise<string[]> {
  const entrants: { readonly entrant: Entrant; readonly workload: LoadWorkload }[] = [];
  try {
    for (const { contender, workload } of sides) {
      entrants.push({ entrant: await enter(contender, workload, around, options.warmUpSeconds), workload });
    }
    for (let round = 0; round < options.rounds; round++) {
      say(`${name}: round ${round + 1}/${options.rounds}`);
      for (const { entrant, workload } of rotatedOrder(entrants, round)) {
        entrant.result.samples.push(await takeSample(entrant, workload, around, options.seconds));
      }
    }
  } finally {
    await Promise.all(entrants.map(({ entrant }) => stopServer(entrant.server)));
  }
  const [one, other] = entrants.map(({ entrant }) => entrant.result);
  const { rounds, value } = ratioOf(other!, one!, "cpu");
  const cpu = [one!, other!].map((result) => formatNumber(medianOf(valuesOf(result, "cpu"))));
  return [name, ...cpu, formatRatio(value), `${formatRatio(rounds.least)} to ${formatRatio(rounds.most)}`];
}

async function main(options: Options, folder: string): Promise<number> {
  const cores = detectCores();
  if (cores.pinned) Bun.spawnSync(["taskset", "-apc", String(cores.client), String(process.pid)]);
  const root = join(folder, "root");
  createDocumentRoot(root);
  const rows = [["CPU us/request", "without", "with", "ratio", "over the rounds"]];
  let hasFailed = false;
  for (const pair of pairsFor(options, root)) {
    try {
      rows.push(await measurePair(pair, { cores, root, folder, certificate: null }, options));
    } catch (error) {
      hasFailed = true;
      say(`${pair.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  console.log(markdownTable(rows));
  return hasFailed ? 1 : 0;
}

process.exit(
  await runBench((options, folder) => {
    if (Bun.which("wrk") === null) throw new OptionError("wrk is not installed (Debian: apt-get install wrk)");
    return main(options, folder);
  }),
);
