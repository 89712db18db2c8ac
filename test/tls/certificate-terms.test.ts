/** Until when certificates are valid, for monitors. */
import { expect, test } from "bun:test";
import { termsOf } from "../../src/tls/certificate-terms.ts";

const DAY = 86_400_000;

test.each([
  ["valid for long", 60, false],
  ["about to end", 5, true],
  ["ended", -1, true],
  ["not valid yet", 91, false],
])("%s", (_, days, isDue) => {
  const nowMs = Date.parse("2030-01-10T00:00:00Z");
  const notAfterMs = nowMs + days * DAY;
  const facts = { kind: "pair", label: "x", names: ["a", "b"], issuer: "", keyKind: "ec", keyText: "" } as const;
  expect(termsOf([{ ...facts, notBeforeMs: notAfterMs - 90 * DAY, notAfterMs }], nowMs)).toEqual([
    { name: "a", notAfterMs, isDue },
  ]);
});
