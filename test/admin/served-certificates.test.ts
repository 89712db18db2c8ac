/** Certificates in /metrics and /health. */
import { describe, expect, test } from "bun:test";
import { PrometheusText } from "../../src/admin/prometheus-text.ts";
import { addCertificates, certificateWarnings } from "../../src/admin/served-certificates.ts";
import { parseMetrics } from "../support/metrics.ts";

const DAY = 86_400_000;
const NOW = Date.parse("2030-01-10T00:00:00Z");
const certificate = (name: string, days: number, isDue = false) => ({ name, notAfterMs: NOW + days * DAY, isDue });

describe("metrics", () => {
  const metricsOf = (...certificates: ReturnType<typeof certificate>[]) => {
    const text = new PrometheusText();
    addCertificates(text, certificates);
    return parseMetrics(text.toString());
  };

  test("one sample per name: of two certificates the one that ends first", () => {
    const metrics = metricsOf(certificate("a", 9), certificate("b", 3), certificate("a", 7));
    const name = "saker_tls_certificate_expiry_timestamp_seconds";
    expect(metrics.value(name, { name: "a" })).toBe((NOW + 7 * DAY) / 1000);
    expect(metrics.value(name, { name: "b" })).toBe((NOW + 3 * DAY) / 1000);
    expect(metrics.types.get(name)).toBe("gauge");
  });

  test("none where there is no HTTPS", () => {
    const text = new PrometheusText();
    addCertificates(text, []);
    expect(text.toString()).toBe("");
  });
});

test("warnings, of those alone that need attention", () => {
  const all = [certificate("a", 60), certificate("b", 3, true), certificate("", -1, true)];
  expect(certificateWarnings(all, NOW)).toEqual([
    "the certificate for b expires on 2030-01-13",
    "the certificate for no name expired on 2030-01-09",
  ]);
});
