/**
 * Proofs of control as pieces of the memory that master and workers share: a text for http-01, a certificate for tls-alpn-01.
 *
 * Out:   for the master a piece, for workers what to look it up by.
 * Keeps: nothing of it is secret: whoever asks the server gets the text, and the key of the certificate proves nothing else.
 */
import type { CredentialFacts } from "../credential-facts.ts";
import type { Piece } from "../credential-memory.ts";
import { issueChallenge } from "../x509/issue.ts";
import { digestOf } from "./proof.ts";
import type { ShownProof } from "./helper-messages.ts";

/** Under which a proof is found: by its token, or by the name that the authority shakes hands for. */
export const textProofId = (token: string): string => `http-01:${token}`;
export const handshakeProofId = (name: string): string => `tls-alpn-01:${name}`;

/** Null for what no worker shows. */
export function proofPiece(proof: ShownProof, nowMs: number): Piece<CredentialFacts> | null {
  const { type, name, token, keyAuthorization } = proof;
  if (type === "http-01") return { id: textProofId(token), facts: { kind: "proof" }, texts: [keyAuthorization] };
  if (type !== "tls-alpn-01") return null;
  const { certificate, key } = issueChallenge(name, digestOf(keyAuthorization), nowMs);
  return { id: handshakeProofId(name), facts: { kind: "proof" }, texts: [certificate, key] };
}
