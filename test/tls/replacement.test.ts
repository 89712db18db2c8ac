/** Which renewed certificates may take the place of what is served. */
import { describe, expect, test } from "bun:test";
import type { CredentialFacts, PairFacts } from "../../src/tls/credential-facts.ts";
import { objectionTo } from "../../src/tls/replacement.ts";

const NOW = 1000;

const pair = (notBeforeMs: number, notAfterMs: number): CredentialFacts =>
  ({ kind: "pair", notBeforeMs, notAfterMs }) as PairFacts;
const GOOD = pair(0, 9000);
const SOON = pair(0, 1001);
const EXPIRED = pair(0, 1000);
const FUTURE = pair(1001, 20_000);
const TRUST: CredentialFacts = { kind: "trust" };

describe("objectionTo", () => {
  test.each([
    ["good for good", GOOD, GOOD],
    ["one that ends soon", SOON, GOOD],
    ["expired for expired", EXPIRED, EXPIRED],
    ["not yet valid for expired", FUTURE, EXPIRED],
    ["expired for not yet valid", EXPIRED, FUTURE],
    ["authorities", TRUST, TRUST],
  ])("none to %s", (_, next, former) => expect(objectionTo(next, former, NOW)).toBeNull());

  test.each([
    ["expired for good", EXPIRED, GOOD, 9000],
    ["expired for one that ends soon", EXPIRED, SOON, 1001],
    ["not yet valid for good", FUTURE, GOOD, 1001],
    ["not yet valid for one that ends before", pair(5000, 9000), SOON, 1001],
  ])("some to %s, for a time", (_, next, former, untilMs) => {
    expect(objectionTo(next, former, NOW)?.untilMs).toBe(untilMs);
  });
});
