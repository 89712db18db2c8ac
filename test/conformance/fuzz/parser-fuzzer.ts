/**
 * The fuzzer's parser-only form: the same inputs as for a live server, to the parser itself, cut at every place.
 *
 * Each input is read whole, octet by octet, and in two pieces cut at every offset (of long ones at some): always the same
 * verdict must come of it. What lies behind the octets that are there is poison that would end lines and heads.
 */
import { type Limits } from "../../../src/http/limits.ts";
import { ParseCode } from "../../../src/http/parse-code.ts";
import type { Lookup } from "../octet-text.ts";
import { toVisible } from "../octet-text.ts";
import { makeCorpus } from "./corpus.ts";
import type { Finding, FuzzOptions } from "./fuzzer.ts";
import { MessageReader } from "./message-reader.ts";
import { INPUT_OCTETS_MAX, makeInput } from "./mutate.ts";
import { Random } from "./random.ts";

/** Small, so that inputs reach them. */
const LIMITS: Limits = { headOctetsMax: 2048, targetOctetsMax: 512, fieldCountMax: 32, contentOctetsMax: 4096 };

/** Longer inputs are cut at so many places. */
const CUTS_MAX = 400;

const POISON = Buffer.from("\r\n\r\nGET / HTTP/1.1\r\nHost: poison\r\n\r\n");
const FINDINGS_MAX = 10;
const PROGRESS_EVERY = 50_000;

/** In place of a server: validators that no file has. */
const NOBODY: Lookup = {
  scheme: "http",
  host: "localhost",
  nowMs: Date.UTC(2026, 0, 1),
  entityTag: async () => '"1-abc"',
  lastModifiedMs: async () => Date.UTC(2024, 5, 3, 12, 34, 56),
};

export interface ParserFuzzReport {
  readonly inputs: number;
  /** How often an input was read, in whatever pieces. */
  readonly readings: number;
  readonly octets: number;
  /** How often each verdict came, most frequent first. */
  readonly outcomes: readonly (readonly [verdict: string, count: number])[];
  readonly findings: readonly Finding[];
}

export async function fuzzParser(options: Omit<FuzzOptions, "concurrency">): Promise<ParserFuzzReport> {
  const corpus = await makeCorpus(NOBODY);
  const examiner = new Examiner();
  const findings: Finding[] = [];
  const outcomes = new Map<string, number>();
  const end = options.first + options.inputs;
  let index = options.first;
  let octets = 0;
  for (; index < end && findings.length < FINDINGS_MAX; index++) {
    const input = makeInput(corpus, new Random(options.seed, index));
    octets += input.length;
    const what = examine(examiner, input);
    if (what !== null) findings.push({ index, what, input: toVisible(input, 4000) });
    outcomes.set(examiner.verdict, (outcomes.get(examiner.verdict) ?? 0) + 1);
    if ((index + 1 - options.first) % PROGRESS_EVERY === 0) options.onProgress?.(index + 1 - options.first);
  }
  return {
    inputs: index - options.first,
    readings: examiner.readings,
    octets,
    outcomes: [...outcomes].sort((a, b) => b[1] - a[1]),
    findings,
  };
}

function examine(examiner: Examiner, input: Uint8Array): string | null {
  try {
    return examiner.examine(input);
  } catch (error) {
    return `thrown: ${error instanceof Error ? error.message : String(error)}`;
  }
}

class Examiner {
  readings = 0;
  /** Of the input read last, whole. */
  verdict = "";
  private readonly whole = new MessageReader(LIMITS);
  private readonly pieces = new MessageReader(LIMITS);
  private readonly full = new Uint8Array(INPUT_OCTETS_MAX + POISON.length);
  /** Filled up to the place of the cut; what follows is poison. */
  private readonly begun = new Uint8Array(INPUT_OCTETS_MAX + POISON.length);

  /** What is wrong, or null. */
  examine(input: Uint8Array): string | null {
    const { begun, full, pieces, whole } = this;
    const { length } = input;
    full.set(input);
    full.set(POISON, length);
    this.readings++;
    whole.reset();
    whole.feed(full, length);
    whole.finish();
    const { digest, error } = whole;
    this.verdict = `${whole.messages} whole, ${error === ParseCode.None ? "no error" : ParseCode[error]}`;
    this.poison(length);
    pieces.reset();
    for (let end = 1; end <= length; end++) {
      begun[end - 1] = input[end - 1]!;
      pieces.feed(begun, end);
    }
    if (!this.isSame(digest)) return `octet by octet: another verdict than ${this.verdict}`;
    this.poison(length);
    const step = Math.max(1, Math.ceil(length / CUTS_MAX));
    let filled = 0;
    for (let cut = step; cut < length; cut += step) {
      for (; filled < cut; filled++) begun[filled] = input[filled]!;
      pieces.reset();
      pieces.feed(begun, cut);
      pieces.feed(full, length);
      if (!this.isSame(digest)) return `cut at ${cut}: another verdict than ${this.verdict}`;
    }
    return null;
  }

  private isSame(digest: number): boolean {
    this.readings++;
    this.pieces.finish();
    return this.pieces.digest === digest;
  }

  private poison(length: number): void {
    for (let at = 0; at < length + POISON.length; at += POISON.length) {
      this.begun.set(POISON.subarray(0, Math.min(POISON.length, this.begun.length - at)), at);
    }
  }
}
