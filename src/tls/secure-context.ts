/**
 * The native context of a handshake: what TLS needs to speak for a name.
 *
 * In:    certificates with their keys, whom to ask for a certificate, the lowest version.
 * Out:   what `upgradeTLS` and the `serverName` handler take.
 * Why these suites and groups: Mozilla's "intermediate" 6.0: six ECDHE AEAD suites for TLS 1.2 (those of 1.3 can't be chosen), hybrid
 *        key exchange first. The client's order of suites counts, which knows whether it has AES in hardware.
 * Fails: throws what node:tls throws; what was checked before (credential.ts) doesn't make it throw.
 */
import { createSecureContext, type SecureContextOptions } from "node:tls";

const SUITES_OF_1_2 = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

const GROUPS = ["X25519MLKEM768", "X25519", "P-256", "P-384"].join(":");

export interface ContextParts {
  /** Chains in PEM, and the key of each; one per kind of key. */
  readonly certificates: readonly string[];
  readonly keys: readonly string[];
  /** Authorities of client certificates, in PEM; none where clients aren't asked for one. */
  readonly clientCa: readonly string[];
  /** Lists of those that are revoked, in PEM. */
  readonly clientCrl: readonly string[];
  readonly minVersion: "1.2" | "1.3";
  /** Some clients of the server are asked for certificates, perhaps by another context. */
  readonly asksClients: boolean;
}

/**
 * How long a session may be taken up again, without another look at the client's certificate, which may have expired meanwhile. It is the
 * context with which a handshake begins that says so for all the others.
 */
const ASKED_SESSION_SECONDS = 300;

export function makeSecureContext({
  certificates,
  keys,
  clientCa,
  clientCrl,
  minVersion,
  asksClients,
}: ContextParts): unknown {
  const options: SecureContextOptions = {
    cert: [...certificates],
    key: [...keys],
    minVersion: `TLSv${minVersion}`,
    ciphers: SUITES_OF_1_2,
    ecdhCurve: GROUPS,
    ...(clientCa.length === 0 ? {} : { ca: [...clientCa] }),
    ...(clientCrl.length === 0 ? {} : { crl: [...clientCrl] }),
    ...(asksClients ? { sessionTimeout: ASKED_SESSION_SECONDS } : {}),
  };
  return createSecureContext(options).context;
}
