/** When to renew: the same for the same certificate, whoever asks. */
import { describe, expect, test } from "bun:test";
import type { RenewalInfo } from "../../../src/tls/acme/renewal-info.ts";
import { renewalTime, type RenewedCertificate } from "../../../src/tls/acme/renewal-time.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const START_MS = Date.UTC(2026, 0, 1);

const certificateOf = (days: number, fingerprint = "80000000"): RenewedCertificate => ({
  fingerprint,
  identity: "aa.bb",
  notBeforeMs: START_MS,
  notAfterMs: START_MS + days * DAY_MS,
});

const infoFrom = (startDay: number, endDay: number, certificate = "aa.bb"): RenewalInfo => ({
  certificate,
  startMs: START_MS + startDay * DAY_MS,
  endMs: START_MS + endDay * DAY_MS,
  explanation: "",
  askAgainMs: 0,
});

const daysOf = ({ atMs }: { atMs: number }): number => (atMs - START_MS) / DAY_MS;

describe("without renewal information", () => {
  test.each([90, 45, 6, 1 / 24])("of %p days two thirds pass, and a little more", (days) => {
    const shares = ["00000000", "80000000", "ffffffff"].map(
      (digits) => daysOf(renewalTime(certificateOf(days, digits), null)) / days,
    );
    expect(shares[0]).toBeCloseTo(2 / 3, 6);
    expect(shares[1]).toBeCloseTo(2 / 3 + 1 / 60, 6);
    expect(shares[2]).toBeCloseTo(2 / 3 + 1 / 30, 6);
  });
});

describe("with a window", () => {
  test("within it, at a place that is the certificate's own", () => {
    const window = infoFrom(50, 60);
    expect(daysOf(renewalTime(certificateOf(90, "00000000"), window))).toBe(50);
    expect(daysOf(renewalTime(certificateOf(90), window))).toBeCloseTo(55, 6);
    expect(renewalTime(certificateOf(90), window).because).toBe("window");
  });

  test("one that has passed is now", () => {
    expect(daysOf(renewalTime(certificateOf(90), infoFrom(-2, -1)))).toBeLessThan(0);
  });

  test("one that reaches beyond the end isn't waited for", () => {
    expect(daysOf(renewalTime(certificateOf(90, "ffffffff"), infoFrom(80, 200)))).toBeLessThanOrEqual(87);
    expect(daysOf(renewalTime(certificateOf(90), infoFrom(100, 200)))).toBe(87);
  });

  test("one about another certificate says nothing", () => {
    expect(renewalTime(certificateOf(90), infoFrom(-2, -1, "aa.cc")).because).toBe("lifetime");
  });
});
