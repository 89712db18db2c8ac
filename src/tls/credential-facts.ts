/**
 * What the master tells workers of a credential or of authorities, beside the texts: enough to choose one without reading it.
 *
 * Keeps: plain data; nothing of a private key.
 */
import type { AcmeStatus } from "./acme/acme-status.ts";
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

/** A certificate that isn't there yet. */
export interface AbsentFacts {
  readonly kind: "absent";
}

/** A proof of control that an authority looks for (acme/proof-pieces.ts). */
export interface ProofFacts {
  readonly kind: "proof";
}

/** How it stands with certificates that saker gets by itself. */
export interface AcmeFacts {
  readonly kind: "acme";
  readonly status: AcmeStatus;
}

export type CredentialFacts = PairFacts | TrustFacts | AbsentFacts | ProofFacts | AcmeFacts;

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

export function absentPiece(id: string): Piece<CredentialFacts> {
  return { id, facts: { kind: "absent" }, texts: [] };
}

/** There is one of them. */
export const ACME_STATUS = "acme-status";

export function acmePiece(status: AcmeStatus): Piece<CredentialFacts> {
  return { id: ACME_STATUS, facts: { kind: "acme", status }, texts: [] };
}
