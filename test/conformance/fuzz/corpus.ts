/**
 * What the fuzzer starts from: the octets of the conformance rows, so that every corner the suite knows is a
 * neighbourhood the fuzzer searches.
 *
 * Out:   octets with placeholders expanded; short ones only, and none that asks for a large file.
 */
import { ALL_ROWS } from "../cases/index.ts";
import { matchesStatus } from "../judge.ts";
import { expandPlaceholders, type Lookup, toOctets } from "../octet-text.ts";
import type { Expectation, Row } from "../row.ts";

/** Longer rows are about limits; mutating them finds nothing but slowness. */
const SEED_OCTETS_MAX = 4096;

/** How often a row that a server should be able to answer is there, for once that it should refuse: most changes break. */
const ANSWERABLE_WEIGHT = 4;

export async function makeCorpus(server: Lookup): Promise<Uint8Array[]> {
  const corpus = new Map<string, Uint8Array[]>();
  for (const row of ALL_ROWS) {
    const steps = typeof row.send === "string" ? [row.send] : row.send;
    const text = steps.filter((step) => typeof step === "string").join("");
    if (/large\.bin|noise\.bin/.test(text)) continue;
    const expanded = await expandPlaceholders(text, server);
    if (expanded.length > 0 && expanded.length <= SEED_OCTETS_MAX) {
      const copies = isAnswerable(row) ? ANSWERABLE_WEIGHT : 1;
      corpus.set(expanded, Array<Uint8Array>(copies).fill(toOctets(expanded)));
    }
  }
  return [...corpus.values()].flat();
}

function isAnswerable(row: Row): boolean {
  const alternatives = Array.isArray(row.expect) ? (row.expect as readonly Expectation[]) : [row.expect as Expectation];
  const first = alternatives[0]?.responses[0];
  return first !== undefined && [200, 206, 304, 404, 412, 416].some((status) => matchesStatus(first.status, status));
}
