/**
 * Revoking a certificate (RFC 8555 §7.6), as the account that ordered it.
 *
 * Keeps: one that is revoked already is what was wanted.
 */
import { X509Certificate } from "node:crypto";
import { AcmeError } from "./acme-error.ts";
import { toBase64Url } from "./base64url.ts";
import type { AcmeSession } from "./session.ts";

/** RFC 5280 §5.3.1, as far as a subscriber can know. */
export enum RevocationReason {
  Unspecified = 0,
  KeyCompromise = 1,
  Superseded = 4,
  CessationOfOperation = 5,
}

export async function revoke(session: AcmeSession, certificate: string, reason: RevocationReason): Promise<void> {
  const { revokeCert } = await session.directory();
  if (revokeCert === null) throw new AcmeError("refused", "the authority has no address for revocations");
  const { raw } = new X509Certificate(certificate);
  try {
    await session.post(revokeCert, { certificate: toBase64Url(raw), reason });
  } catch (error) {
    if (!(error instanceof AcmeError) || error.type !== "alreadyRevoked") throw error;
  }
}
