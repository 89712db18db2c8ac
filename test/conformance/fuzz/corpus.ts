/**
 * What the fuzzer starts from: the octets of the conformance rows, so that every corner the suite knows is a
 * neighbourhood the fuzzer searches.
 *
 * Out:   octets with placeholders expanded; short ones only, and none that asks for a large file.
 */
import { ALL_ROWS } from "../cases/index.ts";
import { expandPlaceholders, toOctets } from "../octet-text.ts";
import type { ServerUnderTest } from "../server-under-test.ts";

/** Longer rows are about limits; mutating them finds nothing but slowness. */
const SEED_OCTETS_MAX = 4096;

export async function makeCorpus(server: ServerUnderTest): Promise<Uint8Array[]> {
  const corpus = new Map<string, Uint8Array>();
  for (const row of ALL_ROWS) {
    const steps = typeof row.send === "string" ? [row.send] : row.send;
    const text = steps.filter((step) => typeof step === "string").join("");
    if (/large\.bin|noise\.bin/.test(text)) continue;
    const expanded = await expandPlaceholders(text, server);
    if (expanded.length > 0 && expanded.length <= SEED_OCTETS_MAX) corpus.set(expanded, toOctets(expanded));
  }
  return [...corpus.values()];
}
