/**
 * Proofs of control: what is shown where, for the authority to find it (RFC 8555 §8, RFC 8737).
 *
 * Out:   for each kind of challenge what has to be shown: a text at an address, a TXT record, a digest in a certificate.
 * Keeps: pure. How it is shown is a prover's business.
 */
import { createHash } from "node:crypto";
import { toBase64Url } from "./base64url.ts";

export const CHALLENGE_TYPES = ["http-01", "dns-01", "tls-alpn-01"] as const;
export type ChallengeType = (typeof CHALLENGE_TYPES)[number];

export interface Proof {
  /** A host or an address, without the `*.` of a wildcard. */
  readonly name: string;
  readonly token: string;
  /** The token and the thumbprint of the account's key (§8.1). */
  readonly keyAuthorization: string;
}

/** Shows proofs, and takes them away. */
export interface Prover {
  readonly type: ChallengeType;
  /** Resolves when a validation that begins now finds it. Rejects where that can't be shown. */
  present(proof: Proof): Promise<void>;
  /** Never rejects. */
  withdraw(proof: Proof): Promise<void>;
}

/** Below this path an authority looks for the proofs of http-01 (§8.3). */
export const CHALLENGE_FOLDER = "/.well-known/acme-challenge/";

/** RFC 8555 §8.1 demands of tokens what makes them safe as names of files: base64url, at least 128 bits. */
export const isToken = (token: string): boolean => /^[\w-]{22,128}$/.test(token);

/** The name of the TXT record of dns-01 (§8.4). */
export const recordNameOf = (name: string): string => `_acme-challenge.${name}`;

/** The value of the TXT record. */
export const recordValueOf = (keyAuthorization: string): string => toBase64Url(digestOf(keyAuthorization));

/** SHA-256: what acmeIdentifier holds (RFC 8737 §3). */
export function digestOf(keyAuthorization: string): Uint8Array {
  return createHash("sha256").update(keyAuthorization).digest();
}
