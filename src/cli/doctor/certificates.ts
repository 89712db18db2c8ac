/**
 * Checks of certificates, their keys, and what client certificates are checked with.
 *
 * Keeps: pure.
 */
import type { CertificateFileFacts, Facts } from "./facts.ts";
import { fail, type Finding, ok, warn } from "./finding.ts";

/** A full handshake, measured beside ECDSA P-256 (TLS 1.3, RSA 2048): 883 and 243 µs of CPU. */
const RSA_COST = "a handshake costs 3 times as much CPU as with an ECDSA key";

export function checkCertificates({ certificates }: Facts): Finding[] {
  return certificates.flatMap(checkFile);
}

function checkFile({ what, path, problem, warnings, summary, keyText }: CertificateFileFacts): Finding[] {
  if (problem !== "") return [fail(what, problem, "Repair the file, or name another one.")];
  const found = warnings.map(({ text, advice }) => warn(what, text, advice));
  if (keyText.startsWith("RSA")) {
    found.push(warn(what, `${path} has an RSA key: ${RSA_COST}`, "Ask for an ECDSA (P-256) certificate."));
  }
  return found.length > 0 ? found : [ok(what, `${path}: ${summary}${keyText === "" ? "" : `, ${keyText}`}`)];
}
