/**
 * Until when certificates are valid, for those who watch a server.
 *
 * In:    facts of certificates. Out: a name and a date for each, and whether somebody should see to it.
 * Keeps: pure.
 */
import { validityOf } from "./certificate.ts";
import type { PairFacts } from "./credential-facts.ts";

export interface CertificateTerm {
  readonly name: string;
  readonly notAfterMs: number;
  readonly isDue: boolean;
}

export function termsOf(certificates: readonly PairFacts[], nowMs: number): CertificateTerm[] {
  return certificates.map((facts) => {
    const validity = validityOf(facts, nowMs);
    const isDue = validity === "soon" || validity === "expired";
    return { name: facts.names[0] ?? "", notAfterMs: facts.notAfterMs, isDue };
  });
}
