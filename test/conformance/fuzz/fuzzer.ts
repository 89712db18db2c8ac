/**
 * The fuzzer: inputs from seed and index, each played whole and in pieces; both must come to the same verdict.
 *
 * In:    server, seed, number of inputs, connections at a time.
 * Out:   how many inputs and exchanges, and up to `FINDINGS_MAX` findings, each made smaller where that is quick.
 */
import { toVisible } from "../octet-text.ts";
import { request } from "../row.ts";
import type { ServerUnderTest } from "../server-under-test.ts";
import { makeCorpus } from "./corpus.ts";
import { makeInput, makeSplit } from "./mutate.ts";
import { Random } from "./random.ts";
import { playPieces, type Verdict } from "./verdict.ts";

export interface FuzzOptions {
  readonly seed: number;
  /** Index of the first input; the inputs are first, first + 1, … */
  readonly first: number;
  readonly inputs: number;
  readonly concurrency: number;
  /** Called after every so many inputs. */
  readonly onProgress?: (inputs: number) => void;
}

export interface Finding {
  readonly index: number;
  readonly what: string;
  readonly input: string;
}

export interface FuzzReport {
  readonly inputs: number;
  readonly exchanges: number;
  readonly resets: number;
  /** How often each sequence of statuses came, most frequent first: shows that the inputs reach more than one answer. */
  readonly outcomes: readonly (readonly [statuses: string, count: number])[];
  readonly findings: readonly Finding[];
}

const FINDINGS_MAX = 10;
const PROGRESS_EVERY = 10_000;
const SHRINK_TRIES = 120;

export async function fuzz(server: ServerUnderTest, options: FuzzOptions): Promise<FuzzReport> {
  const corpus = await makeCorpus(server);
  const findings: Finding[] = [];
  let next = options.first;
  const end = options.first + options.inputs;
  let exchanges = 0;
  let resets = 0;
  const outcomes = new Map<string, number>();

  const examine = async (input: Uint8Array, random: Random): Promise<string | null> => {
    const whole = await playPieces(server.address, [input]);
    const split = makeSplit(input, random);
    const pieces = await playPieces(server.address, split);
    exchanges += 2;
    resets += Number(whole.wasReset) + Number(pieces.wasReset);
    const statuses = whole.text.replace(/:\S+/g, "") || "none";
    outcomes.set(statuses, (outcomes.get(statuses) ?? 0) + 1);
    return compare(whole, pieces, split);
  };
  const work = async (): Promise<void> => {
    while (next < end && findings.length < FINDINGS_MAX) {
      const index = next++;
      const random = new Random(options.seed, index);
      const input = makeInput(corpus, random);
      const what = await examine(input, random);
      if (what !== null) {
        const smaller = await shrink(
          input,
          async (candidate) => (await examine(candidate, new Random(index))) !== null,
        );
        findings.push({ index, what, input: toVisible(smaller, 4000) });
      }
      if ((index + 1) % PROGRESS_EVERY === 0) options.onProgress?.(index + 1 - options.first);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, work));
  const alive = await playPieces(server.address, [
    Buffer.from(request("GET /probe.txt").replace("{host}", server.host)),
  ]);
  if (!alive.text.startsWith("200:")) findings.push({ index: end, what: `afterwards: ${alive.text}`, input: "" });
  return {
    inputs: next - options.first,
    exchanges,
    resets,
    outcomes: [...outcomes].sort((a, b) => b[1] - a[1]),
    findings,
  };
}

function compare(whole: Verdict, pieces: Verdict, split: readonly Uint8Array[]): string | null {
  if (whole.fault !== null) return `whole: ${whole.fault}`;
  if (pieces.fault !== null) return `in pieces: ${pieces.fault}`;
  if (whole.text === pieces.text) return null;
  const lengths = split.map((piece) => piece.length).join("+");
  return `whole: [${whole.text}]${whole.wasReset ? " reset" : ""}, as ${lengths}: [${pieces.text}]${pieces.wasReset ? " reset" : ""}`;
}

/** Leaves out ever smaller spans as long as the finding stays; bounded, so a finding that hangs costs minutes at most. */
async function shrink(input: Uint8Array, stays: (candidate: Uint8Array) => Promise<boolean>): Promise<Uint8Array> {
  let tries = 0;
  let smallest = input;
  const began = performance.now();
  for (let octets = Math.ceil(input.length / 2); octets >= 1; octets = Math.floor(octets / 2)) {
    for (let start = 0; start < smallest.length;) {
      if (tries++ >= SHRINK_TRIES || performance.now() - began > 20_000) return smallest;
      const candidate = Buffer.concat([smallest.subarray(0, start), smallest.subarray(start + octets)]);
      if (await stays(candidate)) smallest = candidate;
      else start += octets;
    }
  }
  return smallest;
}
