/**
 * When a certificate is to be renewed: within the window that its authority suggests, otherwise after two thirds of its lifetime.
 *
 * In:    the certificate's dates and identity, its renewal information.
 * Out:   a time, ms since 1970.
 * Keeps: pure, and the same for the same certificate, whoever asks and when: several machines that share it agree, and nothing has to
 *        be remembered. What spreads certificates over time is a hash of the certificate itself. Information about another
 *        certificate doesn't count.
 */
import type { RenewalInfo } from "./renewal-info.ts";

export interface RenewedCertificate {
  /** The SHA-256 of the certificate, hexadecimal. */
  readonly fingerprint: string;
  /** certificate-identity.ts; null where it has none. */
  readonly identity: string | null;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const RENEWED_AFTER = 2 / 3;
/** Of the lifetime: for 90 days three days, for six days five hours. */
const SPREAD = 1 / 30;

export interface RenewalTime {
  readonly atMs: number;
  readonly because: "lifetime" | "window";
}

export function renewalTime(certificate: RenewedCertificate, info: RenewalInfo | null): RenewalTime {
  const { notBeforeMs, notAfterMs, fingerprint, identity } = certificate;
  const share = shareOf(fingerprint);
  const lifetimeMs = notAfterMs - notBeforeMs;
  if (info !== null && info.certificate === identity) {
    // A window that reaches beyond the end of the certificate is not to be waited for (RFC 9773 §4.2).
    const endMs = Math.min(info.endMs, notAfterMs - lifetimeMs * SPREAD);
    const startMs = Math.min(info.startMs, endMs);
    return { atMs: startMs + (endMs - startMs) * share, because: "window" };
  }
  return { atMs: notBeforeMs + lifetimeMs * (RENEWED_AFTER + SPREAD * share), because: "lifetime" };
}

/** A number from 0 to 1 that a certificate always has. */
function shareOf(fingerprint: string): number {
  const digits = fingerprint.replace(/[^0-9a-f]/gi, "").slice(0, 8);
  return Number.parseInt(digits || "0", 16) / 0x1_0000_0000;
}
