/**
 * What the master tells workers of a credential or of authorities, beside the texts: enough to choose one without reading it.
 *
 * Keeps: plain data; nothing of a private key.
 */
import type { CertificateFacts } from "./certificate.ts";
import type { Credential } from "./credential.ts";
import type { Piece } from "./credential-memory.ts";

export interface PairFacts extends Pick<
  CertificateFacts,
  "names" | "issuer" | "keyKind" | "keyText" | "notBeforeMs" | "notAfterMs"
> {
  readonly kind: "pair";
  /** For people: the certificate's file, or what it is. */
  readonly label: string;
}

/** Authorities, or revocations. */
export interface TrustFacts {
  readonly kind: "trust";
}

export type CredentialFacts = PairFacts | TrustFacts;

export function pairPiece(id: string, label: string, { certificate, key, facts }: Credential): Piece<CredentialFacts> {
  const { names, issuer, keyKind, keyText, notBeforeMs, notAfterMs } = facts;
  return {
    id,
    facts: { kind: "pair", label, names, issuer, keyKind, keyText, notBeforeMs, notAfterMs },
    texts: [certificate, key],
  };
}

export function trustPiece(id: string, texts: readonly string[]): Piece<CredentialFacts> {
  return { id, facts: { kind: "trust" }, texts };
}
