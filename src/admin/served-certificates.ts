/**
 * Certificates as monitors see them: until when they are valid, and which need attention.
 *
 * In:    what is served, in plain data. Out: a family of /metrics, and warnings of /health.
 * Keeps: says what every client of the server can see in a handshake: a name and a date, no path of a file.
 */
import type { PrometheusText } from "./prometheus-text.ts";

export interface ServedCertificate {
  /** The first name in it; "" where there is none. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly notAfterMs: number;
  /** It has ended, or ends so soon that its renewal must have failed. */
  readonly isDue: boolean;
}

export type CertificateList = () => readonly ServedCertificate[];

/** Several for one name (RSA and ECDSA) are one sample: the one that ends first. */
export function addCertificates(text: PrometheusText, certificates: readonly ServedCertificate[]): void {
  if (certificates.length === 0) return;
  const ends = new Map<string, number>();
  for (const { name, notAfterMs } of certificates) {
    ends.set(name, Math.min(notAfterMs, ends.get(name) ?? Number.POSITIVE_INFINITY));
  }
  const family = "saker_tls_certificate_expiry_timestamp_seconds";
  text.family(family, "gauge", "When the certificate for a name ends, seconds since 1970");
  for (const [name, endMs] of ends) text.sample(family, endMs / 1000, { name });
}

export function certificateWarnings(certificates: readonly ServedCertificate[], nowMs: number): string[] {
  return certificates
    .filter(({ isDue }) => isDue)
    .map(({ name, notAfterMs }) => {
      const day = new Date(notAfterMs).toISOString().slice(0, 10);
      return `the certificate for ${name || "no name"} ${notAfterMs <= nowMs ? "expired" : "expires"} on ${day}`;
    });
}
